#!/usr/bin/env bash
# ggml's GELU of float32 numbers is that of 16-bit numbers, on its CPU backend: up to 1e-3 off.
#
# Weights in float32, caches in float32 and no flash attention do not make llama.cpp compute in float32 where a model has GELU. ggml_gelu
# and ggml_gelu_quick round each number to half precision and take the result, half precision too, from a table of 65,536
# entries. Of 16,000 different numbers from 1 to 2, a thousand different results come out, half a unit of the last of 11 bits off.
# ggml_silu of the same numbers is computed, and right to the last bits, so a Llama shows nothing of it.
# Whoever compares logits with llama.cpp needs a wider bound for models of the GPT-2, Phi and Gemma kinds than for those of Llama's.
#
# Seen with LLamaSharp.Backend.Cpu 0.30.0 (its AVX2 build), .NET 10, Linux x64. Exits with 1 if that is no longer so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
cat >probe.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><AllowUnsafeBlocks>true</AllowUnsafeBlocks></PropertyGroup>
  <ItemGroup><PackageReference Include="LLamaSharp.Backend.Cpu" Version="0.30.0" /></ItemGroup>
</Project>
XML
cat >Program.cs <<'CS'
using System.Runtime.InteropServices;

var folder = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "avx2");
nint core = NativeLibrary.Load(Path.Combine(folder, "libggml-base.so")), cpu = NativeLibrary.Load(Path.Combine(folder, "libggml-cpu.so"));
unsafe
{
    var init = (delegate* unmanaged<Parameters, nint>)NativeLibrary.GetExport(core, "ggml_init");
    var vector = (delegate* unmanaged<nint, int, long, nint>)NativeLibrary.GetExport(core, "ggml_new_tensor_1d");
    var data = (delegate* unmanaged<nint, float*>)NativeLibrary.GetExport(core, "ggml_get_data_f32");
    var newGraph = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(core, "ggml_new_graph");
    var expand = (delegate* unmanaged<nint, nint, void>)NativeLibrary.GetExport(core, "ggml_build_forward_expand");
    var compute = (delegate* unmanaged<nint, nint, int, int>)NativeLibrary.GetExport(cpu, "ggml_graph_compute_with_ctx");
    ((delegate* unmanaged<void>)NativeLibrary.GetExport(cpu, "ggml_cpu_init"))();

    // 16,000 float32 numbers from 1 to 2.
    const int Count = 16_000, Float32 = 0;
    foreach (var (op, exact) in new (string, Func<double, double>)[]
    {
        ("gelu", v => 0.5 * v * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * v * (1 + 0.044715 * v * v)))),
        ("gelu_quick", v => v / (1 + Math.Exp(-1.702 * v))),
        ("silu", v => v / (1 + Math.Exp(-v))),
    })
    {
        var context = init(new Parameters { Size = 16 << 20 });
        var x = vector(context, Float32, Count);
        var y = ((delegate* unmanaged<nint, nint, nint>)NativeLibrary.GetExport(core, "ggml_" + op))(context, x);
        for (var i = 0; i < Count; i++)
            data(x)[i] = 1 + i / (float)Count;
        var graph = newGraph(context);
        expand(graph, y);
        compute(context, graph, 1);
        var worst = Enumerable.Range(0, Count).Max(i => Math.Abs(data(y)[i] - exact(data(x)[i])));
        Console.WriteLine($"{op}: {Enumerable.Range(0, Count).Select(i => data(y)[i]).Distinct().Count()} values, {(worst < 1e-6 ? "less than 1E-006" : $"{worst:E0}")} off");
    }
}

[StructLayout(LayoutKind.Sequential)]
struct Parameters { public nuint Size; public nint Buffer; public byte NoAlloc; }
CS
cat >expected.txt <<'TXT'
gelu: 1025 values, 1E-003 off
gelu_quick: 1025 values, 1E-003 off
silu: 16000 values, less than 1E-006 off
TXT
dotnet run | tee seen.txt
diff expected.txt seen.txt && echo "as described"
