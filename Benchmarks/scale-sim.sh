#!/usr/bin/env bash
# The same GEMMs through SCALE-Sim v3 and through vitsim, in one run: cycles must be identical; CPU seconds as a ratio.
# SCALE-Sim comes from PyPI into a virtual environment of its own in a temporary directory; nothing else is touched.
# usage: Benchmarks/scale-sim.sh [array side, default 32]
set -euo pipefail
cd "$(dirname "$0")/.."
side=${1:-32}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "installing scalesim 3.0.0 (and numpy < 2.4, which it needs) from PyPI into $work"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install scalesim==3.0.0 'numpy<2.4'
swift build -c release --product vitsim 2>&1 | tail -1

# One DeiT-Tiny block, one head's attention, the patch embedding and the head: layer, M, N, K.
gemms="patch_embed,196,192,768 qkv,197,576,192 scores,197,197,64 values,197,64,197 proj,197,192,192
fc1,197,768,192 fc2,197,192,768 head,1,1000,192"
{ echo "Layer,M,N,K,"; for g in $gemms; do echo "$g,"; done; } > "$work/gemms.csv"
{ echo "Layer,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,"
  for g in $gemms; do echo "${g%%,*},1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"; done; } > "$work/layout.csv"

cpu() { # label, command …: prints nothing of the command's, returns its user + system seconds
  local TIMEFORMAT='%U %S' times
  times=$( { time "$@" > "$work/log" 2>&1; } 2>&1 ) || { cat "$work/log"; exit 1; }
  awk '{ printf "%.3f", $1 + $2 }' <<< "$times"
}

echo "model,layer,M,N,K,array_rows,array_cols,dataflow,cycles,utilisation,stall_cycles,bandwidth_mode" > "$work/table.csv"
theirs=0
for dataflow in os ws is; do
  cat > "$work/$dataflow.cfg" <<CFG
[general]
run_name = run
[architecture_presets]
ArrayHeight : $side
ArrayWidth : $side
IfmapSramSzkB: 1024
FilterSramSzkB: 1024
OfmapSramSzkB: 1024
IfmapOffset: 0
FilterOffset: 10000000
OfmapOffset: 20000000
Bandwidth : 10
Dataflow : $dataflow
MemoryBanks: 1
ReadRequestBuffer: 32
WriteRequestBuffer: 32
[layout]
IfmapCustomLayout: False
IfmapSRAMBankBandwidth: 10
IfmapSRAMBankNum: 10
IfmapSRAMBankPort: 2
FilterCustomLayout: False
FilterSRAMBankBandwidth: 10
FilterSRAMBankNum: 10
FilterSRAMBankPort: 2
[sparsity]
SparsitySupport : false
SparseRep : ellpack_block
OptimizedMapping : false
BlockSize : 8
RandomNumberGeneratorSeed : 40
[run_presets]
InterfaceBandwidth: CALC
UseRamulatorTrace: False
CFG
  seconds=$(cpu "$work/venv/bin/python" -m scalesim.scale -c "$work/$dataflow.cfg" -t "$work/gemms.csv" \
    -l "$work/layout.csv" -i gemm -p "$work/$dataflow")
  echo "SCALE-Sim v3 $dataflow ${side}x$side: $seconds s CPU"
  theirs=$(awk "BEGIN { print $theirs + $seconds }")
  index=0
  for g in $gemms; do
    IFS=, read -r layer m n k <<< "$g"
    awk -F', *' -v i=$index -v p="deit_tiny,$layer,$m,$n,$k,$side,$side,$dataflow" \
      '$1 == i { printf "%s,%s,%.6f,%s,CALC\n", p, $3, $5, $4 }' "$work/$dataflow/run/COMPUTE_REPORT.csv" >> "$work/table.csv"
    index=$((index + 1))
  done
done
ours=$(cpu .build/release/vitsim validate --reference "$work/table.csv")
cat "$work/log"
echo "vitsim, all three dataflows: $ours s CPU, start of the program included"
awk "BEGIN { printf \"SCALE-Sim / vitsim: %.0f times the CPU time\n\", $theirs / ($ours > 0.001 ? $ours : 0.001) }"
