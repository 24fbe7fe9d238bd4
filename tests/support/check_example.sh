#!/usr/bin/env bash
# Usage: check_example.sh PROGRAM SOURCE
# Runs an example and compares what it prints with the lines below "// Output:" in the head of its
# source. There `~` before a number stands for any number.
set -euo pipefail
program=${1:?usage: check_example.sh PROGRAM SOURCE}
source=${2:?usage: check_example.sh PROGRAM SOURCE}

lines=$(wc -l <"$source")
[ "$lines" -lt 80 ] || { echo "$source: $lines lines, fewer than 80 are wanted"; exit 1; }

expected=$(sed -n '/^\/\/ Output:$/,/^[^/]/p' "$source" | sed -nE 's|^//   (.*)$|\1|p')
[ -n "$expected" ] || { echo "$source: no lines below '// Output:'"; exit 1; }
printed=$(timeout 60 "$program" </dev/null | sed -E 's/ +$//')

mapfile -t wanted <<<"$expected"
mapfile -t got <<<"$printed"
failed=no
for ((i = 0; i < ${#wanted[@]} || i < ${#got[@]}; ++i)); do
  pattern=$(sed -E 's/[][\\.^$*+?(){}|]/\\&/g; s/~[0-9]+(\\\.[0-9]+)?/ *[0-9]+(\\.[0-9]+)?/g; s/ +$//' \
    <<<"${wanted[i]-}")
  if ! [[ ${got[i]-} =~ ^$pattern$ ]]; then
    printf 'line %d\n  head says: %s\n  it prints: %s\n' "$((i + 1))" "${wanted[i]-}" "${got[i]-}"
    failed=yes
  fi
done
[ "$failed" = no ]
