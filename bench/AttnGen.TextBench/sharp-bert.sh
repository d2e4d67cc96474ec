#!/usr/bin/env bash
# Builds the pure C# BERT of curiosity-ai/sentence-transformers-sharp (MIT) for the benchmark; nothing of it is part of this repository.
#   sharp-bert.sh CLONE OUT    CLONE: a clone of that repository; OUT: an empty folder outside this one
# then:  dotnet run -c Release --project bench/AttnGen.TextBench -- --sharp-bert OUT/bin/SharpBert.dll
# Its sources are compiled as they are. Three types of its package Mosaik.Core, which the feed used did not have, are
# replaced by a few lines: an object pool and a stopwatch (used when texts are chunked) and a hash (used by its cache of vectors,
# which the benchmark goes round: it would answer a repeated text without computing it).
set -euo pipefail
clone=$(realpath "$1") out=$2
mkdir -p "$out"
cat > "$out/SharpBert.csproj" <<EOF
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <AssemblyName>SharpBert</AssemblyName>
    <ImplicitUsings>enable</ImplicitUsings>
    <AllowUnsafeBlocks>true</AllowUnsafeBlocks>
    <CopyLocalLockFileAssemblies>true</CopyLocalLockFileAssemblies>
    <OutputPath>bin/</OutputPath>
    <AppendTargetFrameworkToOutputPath>false</AppendTargetFrameworkToOutputPath>
    <NoWarn>\$(NoWarn);CS1591;CS8632;NU1603</NoWarn>
  </PropertyGroup>
  <ItemGroup>
    <Compile Include="$clone/SentenceTransformers.Bert.Pure/src/**/*.cs" />
    <Compile Include="$clone/SentenceTransformers/src/**/*.cs" />
    <EmbeddedResource Include="$clone/SentenceTransformers.Bert.Pure/Resources/vocab.txt" LogicalName="SharpBert.Resources.vocab.txt" />
    <EmbeddedResource Include="$clone/SentenceTransformers/Resources/*" LogicalName="SharpBert.Resources.%(Filename)%(Extension)" />
    <PackageReference Include="System.Numerics.Tensors" Version="10.0.12" />
    <PackageReference Include="Microsoft.Extensions.Logging.Abstractions" Version="10.0.9" />
  </ItemGroup>
</Project>
EOF
cat > "$out/Stand-ins.cs" <<'EOF'
namespace Mosaik.Core
{
    public sealed class ObjectPool<T>(Func<T> create, int size, Action<T> reset)
    {
        private readonly System.Collections.Concurrent.ConcurrentBag<T> _items = [];
        public T Rent() => _items.TryTake(out var item) ? item : create();
        public void Return(T item) { reset(item); if (_items.Count < size) _items.Add(item); }
    }

    public readonly struct ValueStopwatch
    {
        private readonly long _start;
        private ValueStopwatch(long start) => _start = start;
        public static ValueStopwatch StartNew() => new(System.Diagnostics.Stopwatch.GetTimestamp());
        public TimeSpan GetElapsedTime() => System.Diagnostics.Stopwatch.GetElapsedTime(_start);
    }
}

namespace UID
{
    public readonly record struct UID128(long First, long Second);

    public static class Hashes
    {
        public static UID128 Hash128(this string text) => new(text.GetHashCode(), string.GetHashCode(text, StringComparison.OrdinalIgnoreCase));
    }
}
EOF
dotnet build "$out/SharpBert.csproj" -c Release --nologo -v quiet -clp:ErrorsOnly
ls -l "$out/bin/SharpBert.dll"
