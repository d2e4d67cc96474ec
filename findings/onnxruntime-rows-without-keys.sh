#!/usr/bin/env bash
# A query that may see no key: ONNX Runtime's two attention operators give different answers, and neither is PyTorch's for
# every way to write the mask.
#
# Exporters write "hidden" as -inf, as the lowest float, as false or as a key padding mask, and a padded batch has rows in
# which everything is hidden. The scores here are 0 everywhere, the values are 1, 2 and 6 (mean 3), so that an ignored mask
# shows as 3.
#
# Seen with Microsoft.ML.OnnxRuntime 1.31.1 (CPU), .NET 10, Linux x64. Exits with 1 if that is no longer so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
cat >probe.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup><PackageReference Include="Microsoft.ML.OnnxRuntime" Version="1.31.1" /></ItemGroup>
</Project>
XML
cat >Program.cs <<'CS'
using System.Globalization;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int Float = 1, Int32 = 6, Bool = 9;
float low = float.MinValue, no = float.NegativeInfinity;
Run("Attention (ai.onnx 23), float mask of -inf", "Attention", "attn_mask", Float, [1, 1, 1, 3], Floats([1, 1, 1, 3], no, no, no));
Run("Attention (ai.onnx 23), float mask of the lowest float", "Attention", "attn_mask", Float, [1, 1, 1, 3], Floats([1, 1, 1, 3], low, low, low));
Run("Attention (ai.onnx 23), boolean mask of false", "Attention", "attn_mask", Bool, [1, 1, 1, 3], NamedOnnxValue.CreateFromTensor("m", new DenseTensor<bool>(new[] { false, false, false }, [1, 1, 1, 3])));
Run("MultiHeadAttention (com.microsoft), bias of -inf", "MultiHeadAttention", "attention_bias", Float, [1, 1, 1, 3], Floats([1, 1, 1, 3], no, no, no));
Run("MultiHeadAttention (com.microsoft), bias of the lowest float", "MultiHeadAttention", "attention_bias", Float, [1, 1, 1, 3], Floats([1, 1, 1, 3], low, low, low));
Run("MultiHeadAttention (com.microsoft), key padding mask of 0", "MultiHeadAttention", "key_padding_mask", Int32, [1, 3], NamedOnnxValue.CreateFromTensor("m", new DenseTensor<int>(new[] { 0, 0, 0 }, [1, 3])));

static NamedOnnxValue Floats(int[] shape, params float[] values) => NamedOnnxValue.CreateFromTensor("m", new DenseTensor<float>(values, shape));

static void Run(string title, string op, string place, int maskType, int[] maskShape, NamedOnnxValue mask)
{
    string answer;
    try
    {
        using var session = new InferenceSession(Model(op, place, maskType, maskShape));
        using var results = session.Run(
        [
            NamedOnnxValue.CreateFromTensor("q", new DenseTensor<float>(new float[4], [1, 1, 4])),
            NamedOnnxValue.CreateFromTensor("k", new DenseTensor<float>(new float[12], [1, 3, 4])),
            NamedOnnxValue.CreateFromTensor("v", new DenseTensor<float>(new float[] { 1, 1, 1, 1, 2, 2, 2, 2, 6, 6, 6, 6 }, [1, 3, 4])),
            mask,
        ]);
        answer = results[0].AsEnumerable<float>().First().ToString("0.###");
    }
    catch (OnnxRuntimeException refused)
    {
        answer = "refused: " + refused.Message.Split('\n')[0];
    }
    Console.WriteLine($"{title}: {answer}");
}

// One node. Protocol buffers by hand: tag, length, bytes.
static byte[] Model(string op, string place, int maskType, int[] maskShape)
{
    byte[] Join(params byte[][] parts) => [.. parts.SelectMany(part => part)];
    byte[] Length(int n) => n < 128 ? [(byte)n] : [(byte)(n & 127 | 128), (byte)(n >> 7)];
    byte[] Bytes(int field, byte[] value) => Join([(byte)(field << 3 | 2)], Length(value.Length), value);
    byte[] String(int field, string value) => Bytes(field, Encoding.ASCII.GetBytes(value));
    byte[] Number(int field, int value) => Join([(byte)(field << 3)], Length(value));
    byte[] Value(string name, int type, params int[] shape) =>
        Join(String(1, name), Bytes(2, Bytes(1, Join(Number(1, type), Bytes(2, Join([.. shape.Select(d => Bytes(1, Number(1, d)))]))))));
    byte[] Attribute(string name, int value) => Bytes(5, Join(String(1, name), Number(3, value), [0xA0, 0x01, 2]));
    bool ours = op == "MultiHeadAttention";
    string[] inputs = (op, place) switch
    {
        ("MultiHeadAttention", "attention_bias") => ["q", "k", "v", "", "", "m"],
        ("MultiHeadAttention", _) => ["q", "k", "v", "", "m"],
        _ => ["q", "k", "v", "m"],
    };
    byte[] node = Join([.. inputs.Select(i => String(1, i)), String(2, "y"), String(4, op), String(7, ours ? "com.microsoft" : ""),
        .. ours ? new[] { Attribute("num_heads", 1) } : [Attribute("q_num_heads", 1), Attribute("kv_num_heads", 1)]]);
    byte[] graph = Join(Bytes(1, node), String(2, "g"), Bytes(11, Value("q", 1, 1, 1, 4)), Bytes(11, Value("k", 1, 1, 3, 4)), Bytes(11, Value("v", 1, 1, 3, 4)),
        Bytes(11, Value("m", maskType, maskShape)), Bytes(12, Value("y", 1, 1, 1, 4)));
    return Join(Number(1, 10), Bytes(7, graph), Bytes(8, Number(2, 23)), Bytes(8, Join(String(1, "com.microsoft"), Number(2, 1))));
}
CS
dotnet build -v q -o out >build.log 2>&1 || { cat build.log; exit 2; }
./out/probe | tee seen
diff seen - <<'TEXT' || { echo 'CHANGED'; exit 1; }
Attention (ai.onnx 23), float mask of -inf: 0
Attention (ai.onnx 23), float mask of the lowest float: 0
Attention (ai.onnx 23), boolean mask of false: 0
MultiHeadAttention (com.microsoft), bias of -inf: NaN
MultiHeadAttention (com.microsoft), bias of the lowest float: 3
MultiHeadAttention (com.microsoft), key padding mask of 0: 3
TEXT
echo 'as recorded'
