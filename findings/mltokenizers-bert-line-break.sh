#!/usr/bin/env bash
# Microsoft.ML.Tokenizers' BertTokenizer joins the words on both sides of a line break or a tab.
#
# BERT's own tokenizer takes tabs, line feeds and carriage returns for white space, before it drops control characters.
# BertTokenizer drops them as control characters: "red<LF>fox" is the one word "redfox", which a vocabulary splits
# elsewhere or does not know. A space beside it hides it, so that wrapped text and lists are what goes wrong.
#
# Seen with Microsoft.ML.Tokenizers 2.0.1, .NET 10. Exits with 1 if that is no longer so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
cat >probe.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup><PackageReference Include="Microsoft.ML.Tokenizers" Version="2.0.1" /></ItemGroup>
</Project>
XML
cat >Program.cs <<'CS'
using Microsoft.ML.Tokenizers;

File.WriteAllLines("vocab.txt", ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "red", "fox", "owl", "##fox", "##owl"]);
var tokenizer = BertTokenizer.Create("vocab.txt", new BertOptions());
foreach (var (name, text) in new[] { ("space", "red fox owl"), ("line feed", "red\nfox owl"), ("CR LF", "red\r\nfox owl"), ("tab", "red\tfox owl"), ("space and line feed", "red \nfox owl"), ("no-break space", "red\u00a0fox owl") })
    Console.WriteLine($"{name}: {string.Join(' ', tokenizer.EncodeToTokens(text, out _).Select(token => token.Value))}");
CS
dotnet build -v q -o out >build.log 2>&1 || { cat build.log; exit 2; }
./out/probe | tee seen
diff seen - <<'TEXT' || { echo 'CHANGED'; exit 1; }
space: red fox owl
line feed: red ##fox owl
CR LF: red ##fox owl
tab: red ##fox owl
space and line feed: red fox owl
no-break space: red fox owl
TEXT
echo 'as recorded'
