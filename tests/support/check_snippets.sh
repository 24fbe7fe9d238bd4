#!/usr/bin/env bash
# Usage: check_snippets.sh DOCUMENT COMPILER...
# Compiles every block of a document that is marked as cpp with the given command line; its source
# is the last argument. Blocks whose libraries are not installed are left out, visibly. With status
# 4 all were.
set -euo pipefail
document=${1:?usage: check_snippets.sh DOCUMENT COMPILER...}
shift
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

awk -v directory="$directory" '
  /^```cpp$/ { inside = 1; file = sprintf("%s/line_%04d.cpp", directory, NR + 1); next }
  /^```/     { inside = 0 }
  inside     { print > file }' "$document"

failed=0 compiled=0
for source in "$directory"/*.cpp; do
  line=${source##*_}; line=$((10#${line%.cpp}))
  flags=()
  if grep -q '<httplib.h>' "$source"; then
    read -ra flags <<<"$(pkg-config --cflags cpp-httplib 2>/dev/null || true)"
  elif grep -q '<asio.hpp>' "$source"; then
    flags=(-DASIO_STANDALONE -DASIO_HAS_CO_AWAIT=1)
  fi
  # What is not ours and cannot be found is not installed.
  missing=$(sed -nE '/<netrun\//d; s/^#include (<[a-z_/]+\.hp?p?>)/\1/p' "$source" |
    while read -r header; do
      "$@" "${flags[@]}" -E -o /dev/null -x c++ - <<<"#include $header" 2>/dev/null || echo "$header"
    done)
  if [ -n "$missing" ]; then
    echo "skipped: $document:$line needs ${missing//$'\n'/ }"
  elif "$@" "${flags[@]}" -fsyntax-only "$source"; then
    compiled=$((compiled + 1))
  else
    echo "$document:$line does not compile"
    failed=$((failed + 1))
  fi
done
echo "$compiled snippets compile, $failed do not"
[ "$failed" = 0 ] || exit 1
[ "$compiled" -gt 0 ] || exit 4
