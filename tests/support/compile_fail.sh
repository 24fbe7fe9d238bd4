#!/usr/bin/env bash
# Usage: compile_fail.sh SNIPPET COMPILER [FLAG...]
# Passes when the compiler refuses the snippet and what it says matches the extended regular
# expression of the snippet's first line: // expect: <regex>
set -euo pipefail
snippet=$1
shift

expected=$(sed -n '1s|^// expect: *||p' "$snippet")
if [ -z "$expected" ]; then
  echo "$snippet: the first line must be: // expect: <regex>"
  exit 1
fi
# Without the quoted source lines, which could match by themselves, and in plain English.
no_source_lines=-fno-diagnostics-show-caret
if "$1" --version | grep -q clang; then no_source_lines=-fno-caret-diagnostics; fi
if said=$(LC_ALL=C "$@" $no_source_lines "$snippet" 2>&1); then
  echo "$snippet: compiles, but must not"
  exit 1
fi
if ! grep -Eq -e "$expected" <<<"$said"; then
  printf '%s: refused, but not for the expected reason: %s\n%s\n' "$snippet" "$expected" "$said"
  exit 1
fi
