#!/usr/bin/env bash
# One ONNX Runtime session with "session.set_denormal_as_zero" changes the arithmetic of the thread that made it, for good.
#
# A reader of the option's name expects it to hold inside that session. What happens:
#   - only the first session that a process makes is heard: its value, 0 or 1, is set on the thread that makes it;
#   - with 1, the processor flushes subnormal results and inputs to zero on that thread from then on. Disposing the session
#     does not take it back, a later session with 0 does not either, and threads started from that thread inherit it. Plain C#
#     there gives 0 for every subnormal result. Threads that ran before keep IEEE arithmetic, so two threads of one
#     program disagree;
#   - if the first session was made without the option, no later session can turn it on.
#
# Seen with Microsoft.ML.OnnxRuntime 1.31.1, .NET 10, Linux x64. Exits with 1 if that is no longer so.
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
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.ML.OnnxRuntime;

// 2^-149 is the smallest subnormal; halving the smallest normal number gives a subnormal.
[MethodImpl(MethodImplOptions.NoInlining)] static float Half(float x) => x * 0.5f;
static string State() => Half(1.17549435e-38f) != 0 ? "kept" : "flushed";
static string OnNewThread() { string state = ""; var thread = new Thread(() => state = State()); thread.Start(); thread.Join(); return state; }

// A thread that starts before and asks afterwards.
string early = "";
using var go = new ManualResetEventSlim();
var waiting = new Thread(() => { go.Wait(); early = State(); });
waiting.Start();

string first = args[0];
Console.WriteLine($"first session with {first}");
Console.WriteLine($"  before: {State()}");
Create(first);
Console.WriteLine($"  it is disposed: {State()}");
Console.WriteLine($"  on a thread started now: {OnNewThread()}");
Create(first == "1" ? "0" : "1");
Console.WriteLine($"  after a second session with the other value: {State()}");
go.Set();
waiting.Join();
Console.WriteLine($"  on a thread started before: {early}");

static void Create(string value)
{
    using var options = new SessionOptions();
    options.AddSessionConfigEntry("session.set_denormal_as_zero", value);
    using var session = new InferenceSession(Identity(), options);
}

// The smallest ONNX model: y = Identity(x), one float. Protocol buffers by hand: tag, length, bytes.
static byte[] Identity()
{
    byte[] Join(params byte[][] parts) => [.. parts.SelectMany(part => part)];
    byte[] Bytes(int field, byte[] value) => Join([(byte)(field << 3 | 2), (byte)value.Length], value);
    byte[] String(int field, string value) => Bytes(field, Encoding.ASCII.GetBytes(value));
    byte[] Number(int field, byte value) => [(byte)(field << 3), value];
    byte[] Value(string name) => Join(String(1, name), Bytes(2, Bytes(1, Join(Number(1, 1), Bytes(2, Bytes(1, Number(1, 1)))))));
    byte[] node = Join(String(1, "x"), String(2, "y"), String(4, "Identity"));
    byte[] graph = Join(Bytes(1, node), String(2, "g"), Bytes(11, Value("x")), Bytes(12, Value("y")));
    return Join(Number(1, 8), Bytes(7, graph), Bytes(8, Number(2, 13)));
}
CS
dotnet build -v q -o out >build.log 2>&1 || { cat build.log; exit 2; }
for first in 1 0; do ./out/probe $first; done | tee seen
diff seen - <<'TEXT' || { echo 'CHANGED'; exit 1; }
first session with 1
  before: kept
  it is disposed: flushed
  on a thread started now: flushed
  after a second session with the other value: flushed
  on a thread started before: kept
first session with 0
  before: kept
  it is disposed: kept
  on a thread started now: kept
  after a second session with the other value: kept
  on a thread started before: kept
TEXT
echo 'as recorded'
