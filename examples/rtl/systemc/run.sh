#!/usr/bin/env bash
# The array as a SystemC module: verilates, builds and runs the testbench beside this script.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

fail() {
  echo "run.sh: $*" >&2
  exit 1
}

command -v verilator >/dev/null || fail "verilator is missing: apt install verilator"
command -v c++ >/dev/null || fail "a C++ compiler is missing: apt install g++"
echo '#include <systemc>' | c++ -std=c++17 -fsyntax-only -x c++ - 2>/dev/null ||
  fail "SystemC is missing: apt install libsystemc-dev"
root=$(verilator --getenv VERILATOR_ROOT)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
verilator --sc -O3 -Wall --Mdir "$work" --prefix Varray --top-module systolic_array -GROWS=4 -GCOLUMNS=4 \
  -y "$here/.." "$here/../systolic_array.sv" >"$work/log" 2>&1 || fail "verilator: $(head -n 1 "$work/log")"
c++ -std=c++17 -O0 -w -pthread -DVM_COVERAGE=0 -DVM_SC=1 -DVM_TRACE=0 \
  -I"$work" -I"$root/include" -I"$root/include/vltstd" \
  "$work"/*.cpp "$root"/include/verilated{,_threads}.cpp "$here/testbench.cpp" -lsystemc -o "$work/testbench"
"$work/testbench"
