#!/usr/bin/env bash
# Writes perfetto.pb.swift from perfetto.proto. Needs protoc (Debian: protobuf-compiler); the plugin is built from the
# checkout of swift-protobuf that `swift package resolve` leaves in .build.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../../.. && pwd)
(cd "$root" && swift package resolve)
plugins=$root/.build/protoc-gen-swift
swift build -c release --product protoc-gen-swift \
  --package-path "$root/.build/checkouts/swift-protobuf" --scratch-path "$plugins"
protoc --plugin=protoc-gen-swift="$(swift build -c release --show-bin-path \
  --package-path "$root/.build/checkouts/swift-protobuf" --scratch-path "$plugins")/protoc-gen-swift" \
  --swift_out=. perfetto.proto
