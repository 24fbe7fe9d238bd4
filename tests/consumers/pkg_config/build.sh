#!/usr/bin/env bash
# Usage: build.sh OUTPUT, with PKG_CONFIG_PATH set: one compiler call, without CMake.
set -euo pipefail
read -ra flags < <(pkg-config --cflags --libs netrun-llm)
${CXX:-c++} -std=c++20 "$(dirname "$0")/../check.cpp" "${flags[@]}" -o "$1"
