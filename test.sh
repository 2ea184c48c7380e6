#!/usr/bin/env bash
# Every check of the project: format and tests. What they need from Debian's packages is installed if it is missing.
set -euo pipefail
cd "$(dirname "$0")"
trap 'status=$?; [ $status -eq 0 ] || echo "vitsim: CHECKS FAILED (exit status $status)"' EXIT

command -v swift >/dev/null || { echo "test.sh: no 'swift' in PATH: install Swift 6.3 or later (swift.org/install)"; exit 1; }

# SwiftPM fetches with git; the C of CKernels and Yams needs the headers, linking needs libstdc++, GRDB needs SQLite.
missing=()
if command -v apt-get >/dev/null; then
  command -v git >/dev/null || missing+=(git)
  [ -e /usr/include/stdio.h ] || missing+=(libc6-dev)
  compgen -G '/usr/lib/gcc/*/*/libstdc++.so' >/dev/null || missing+=(g++)
  [ -e /usr/include/sqlite3.h ] || missing+=(libsqlite3-dev)
fi
# Co-simulation is built and tested where these are there, waveforms are read by GTKWave's tools, reports are opened in a browser;
# tests that need them say so where they are not.
optional=()
if command -v apt-get >/dev/null; then
  [ -e /usr/include/systemc ] || optional+=(libsystemc-dev)
  command -v verilator >/dev/null || optional+=(verilator)
  command -v vcd2fst >/dev/null || optional+=(gtkwave)
  command -v chromium >/dev/null || optional+=(chromium)
fi
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing from Debian's packages: ${missing[*]}"
  root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  "${root[@]}" apt-get update -q
  "${root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}"
else
  echo "nothing to install"
fi

if [ ${#optional[@]} -gt 0 ]; then
  echo "installing for some tests: ${optional[*]}"
  root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  { "${root[@]}" apt-get update -q && "${root[@]}" apt-get install -q -y --no-install-recommends "${optional[@]}"; } ||
    echo "test.sh: not installed: tests that need them will be skipped"
  # A build from before doesn't notice that SystemC has come.
  [ ! -d .build/debug ] || swift package clean
fi

if swift format --version >/dev/null 2>&1; then
  swift format lint -r --strict Package.swift Sources Tests
  echo "format: clean"
else
  echo "format: not checked, this toolchain has no swift-format"
fi

# The command-line tests run the program itself.
swift build --product vitsim
swift test "$@"
echo "vitsim: all checks passed"
