#!/usr/bin/env bash
# Makes a shared library of the array in SystemVerilog, for `vitsim cosim CONFIG --array LIBRARY`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

usage() {
  cat <<'TEXT'
usage: build.sh [options]       prints the library's path

  --rows N           rows of PEs (16)
  --columns N        columns of PEs (16)
  --pe-registers N   registers in a partial sum's path through a PE (1)
  --operand-bits N   8, or 9 for operands from which a zero point is subtracted (8)
  --shadow 0|1       whether the next tile's operand is loaded beside the one in use (1)
  -o DIR             where the library goes (.)
TEXT
}

fail() {
  echo "build.sh: $*" >&2
  exit 1
}

rows=16 columns=16 pe_registers=1 operand_bits=8 shadow=1 output=.
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage && exit ;;
    --rows | --columns | --pe-registers | --operand-bits | --shadow | -o)
      [ $# -ge 2 ] || fail "$1 needs a value"
      case $1 in
        -o) output=$2 ;;
        *)
          [[ $2 =~ ^[0-9]{1,4}$ ]] || fail "$1 takes a number, not '$2'"
          key=${1#--}
          declare "${key//-/_}=$((10#$2))"
          ;;
      esac
      shift 2
      ;;
    *) fail "unknown option '$1' (--help lists them)" ;;
  esac
done
[ "$rows" -ge 1 ] && [ "$columns" -ge 1 ] || fail "an array has at least one row and one column"
[ "$pe_registers" -ge 1 ] || fail "--pe-registers is at least 1"
[ "$operand_bits" -ge 2 ] && [ "$operand_bits" -le 16 ] || fail "--operand-bits is 2 to 16"
[ "$shadow" -le 1 ] || fail "--shadow is 0 or 1"

command -v verilator >/dev/null || fail "verilator is missing: apt install verilator"
command -v c++ >/dev/null || fail "a C++ compiler is missing: apt install g++"
root=$(verilator --getenv VERILATOR_ROOT)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A trace of the ports alone: they are all registers of the PEs. In functions of moderate length, since compilers take
# minutes for one that has a whole array in it. In an array of one column nobody reads the marks that leave a PE.
verilator --cc -O3 -Wall -Wno-UNUSEDSIGNAL --x-assign fast --x-initial fast --output-split-cfuncs 500 \
  --trace --trace-depth 1 --trace-max-array 65536 --timescale 1ns/1ps \
  --Mdir "$work" --prefix Varray --top-module systolic_array \
  -GROWS="$rows" -GCOLUMNS="$columns" -GPE_REGISTERS="$pe_registers" -GOPERAND_BITS="$operand_bits" \
  -GSHADOW="1'b$shadow" \
  -y "$here" "$here/systolic_array.sv" >"$work/log" 2>&1 || fail "verilator: $(head -n 1 "$work/log")"

# What runs only once isn't worth optimising.
compile() {
  local level=-O2
  case $1 in *__Slow.cpp | */verilated*.cpp) level=-O0 ;; esac
  c++ -std=c++17 $level -fPIC -fvisibility=hidden -fvisibility-inlines-hidden -fno-gnu-unique -w -pthread \
    -DVM_COVERAGE=0 -DVM_SC=0 -DVM_TRACE=1 -DVM_TRACE_VCD=1 -DVM_TRACE_FST=0 $shape \
    -I"$work" -I"$root/include" -I"$root/include/vltstd" -c "$1" -o "$work/$(basename "$1" .cpp).o"
}
export -f compile
shape="-DROWS=$rows -DCOLUMNS=$columns -DPE_REGISTERS=$pe_registers -DOPERAND_BITS=$operand_bits -DSHADOW=$shadow"
export work root shape
printf '%s\n' "$work"/*.cpp "$root"/include/verilated{,_threads,_vcd_c}.cpp "$here/array.cpp" |
  xargs -P "$(nproc)" -I{} bash -c 'compile "$1"' _ {} 2>"$work/errors" || fail "c++: $(grep -m 1 error "$work/errors")"

mkdir -p "$output"
name=libsystolic_${rows}x${columns}
[ "$pe_registers" -eq 1 ] || name+=_p$pe_registers
[ "$operand_bits" -eq 8 ] || name+=_b$operand_bits
[ "$shadow" -eq 1 ] || name+=_single
c++ -shared -pthread -Wl,-Bsymbolic -o "$work/$name.so" "$work"/*.o
# Not over one that a running program has open.
mv -f "$work/$name.so" "$output/$name.so"
echo "$output/$name.so"
