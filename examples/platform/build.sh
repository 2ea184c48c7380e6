#!/bin/sh
# Builds the platform: sh examples/platform/build.sh OUTPUT. Sources are compiled side by side; else it is this line:
#
#   g++ -std=c++17 -O2 -ffp-contract=off -ISources/SystemCBridge/include -ISources/SystemCBridge/tlm \
#     examples/platform/*.cpp $(find Sources/SystemCBridge -name '*.cpp') -lsystemc -o OUTPUT
set -e
output=${1:?sh examples/platform/build.sh OUTPUT}
root=$(cd "$(dirname "$0")/../.." && pwd)
objects=$(mktemp -d)
trap 'rm -rf "$objects"' EXIT
find "$root/Sources/SystemCBridge" "$root/examples/platform" -name '*.cpp' | sort > "$objects/sources"
awk '{ print NR, $0 }' "$objects/sources" |
  xargs -P "${JOBS:-2}" -L 1 sh -c '"${CXX:-g++}" -std=c++17 ${CXXFLAGS:--O2} -ffp-contract=off -I"$1/Sources/SystemCBridge/include" \
    -I"$1/Sources/SystemCBridge/tlm" -c "$4" -o "$2/$3.o" || exit 255' build "$root" "$objects"
"${CXX:-g++}" "$objects"/*.o -lsystemc -o "$output"
