#!/usr/bin/env bash
# DeiT in INT8 through ONNX Runtime and, with exact cycles, through vitsim: the same file, the same images, the same number
# of threads, one run. Random weights: the time doesn't depend on them.
# ONNX Runtime comes from PyPI into a virtual environment of its own in a temporary directory; nothing else is touched.
# usage: Benchmarks/onnxruntime/run.sh [tiny|small|base, default base] [threads, default 2] [accelerator.yaml]
set -euo pipefail
cd "$(dirname "$0")/../.."
size=${1:-base}
threads=${2:-2}
accelerator=${3:-configs/accelerators/zcu102-32x32.yaml}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "installing onnxruntime and onnx from PyPI into $work"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install 'onnxruntime==1.31.*' 'onnx==1.23.*' numpy
"$work/venv/bin/python" Benchmarks/onnxruntime/make_deit.py "$size" "$work" > "$work/log" 2>&1 || { tail "$work/log"; exit 1; }
swift build -c release --package-path Benchmarks 2>&1 | tail -1

ours() { # model
  Benchmarks/.build/release/vitsim-benchmarks "$1" "$accelerator" "$work/images.npy" "$threads"
}
# Each is measured three times in turn, so that a machine whose speed drifts is fair to both; the best counts.
for round in 1 2 3; do
  for form in int8 int8u8; do
    read -r median best <<< "$("$work/venv/bin/python" Benchmarks/onnxruntime/time_ort.py "$work/deit-$size.$form.onnx" "$work/images.npy" "$threads" 15)"
    echo "onnxruntime $form $median $best"
  done
  echo "vitsim int8 $(ours "$work/deit-$size.int8.onnx")"
done | tee "$work/rounds"
awk -v size="$size" -v threads="$threads" '
  { if (!($1 $2 in best) || $3 < best[$1 $2]) best[$1 $2] = $3 }
  END {
    theirs = best["onnxruntimeint8"] < best["onnxruntimeint8u8"] ? best["onnxruntimeint8"] : best["onnxruntimeint8u8"]
    printf "DeiT-%s, INT8, one image, %s threads, best median of three, ms\n", size, threads
    printf "  ONNX Runtime %8.1f (symmetric activations %.1f, UINT8 activations %.1f)\n", theirs, best["onnxruntimeint8"], best["onnxruntimeint8u8"]
    printf "  vitsim       %8.1f (values and exact cycles)\n", best["vitsimint8"]
    printf "  ratio        %8.2f\n", best["vitsimint8"] / theirs
  }' "$work/rounds"
