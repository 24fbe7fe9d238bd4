#!/usr/bin/env bash
# Usage: build.sh OUTPUT [MODULE SOURCE], with PKG_CONFIG_PATH set: one compiler call, without CMake.
set -euo pipefail
read -ra flags < <(pkg-config --cflags --libs "${2:-netrun-llm}")
${CXX:-c++} -std=c++20 "$(dirname "$0")/../${3:-check.cpp}" "${flags[@]}" -o "$1"
