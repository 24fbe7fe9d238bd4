#!/usr/bin/env bash
# Usage: check_floors.sh SOURCE-DIRECTORY
# Checks what every part of the core may include, so that arrows between them point downwards, and how
# long a file may be. Prints each violation; the exit status is 1 when there is one.
#
#   values -> prices -> engines -> runtime, and only the headers named below may look under detail/
set -euo pipefail
cd "${1:?usage: check_floors.sh SOURCE-DIRECTORY}"
public=include/netrun/llm
violations=0

violation() {
  echo "$1"
  violations=$((violations + 1))
}

# includes_of FILE: what it includes, one a line, without brackets or quotes
includes_of() { sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]([^>"]+)[>"].*/\1/p' "$1"; }

# refuse FILE PATTERN WHY: no include of FILE may match the extended regular expression
refuse() {
  local included
  [ -e "$1" ] || return 0
  while IFS= read -r included; do
    violation "$1: includes $included: $3"
  done < <(includes_of "$1" | grep -E -e "^($2)\$" || true)
}

# only FILE PATTERN WHY: every include of FILE must match it
only() {
  local included
  [ -e "$1" ] || return 0
  while IFS= read -r included; do
    violation "$1: includes $included: $3"
  done < <(includes_of "$1" | grep -vE -e "^($2)\$" || true)
}

names() { local IFS='|'; echo "$*"; }  # a b c -> a|b|c

values=(name_view usd period tokens time timestamp time_step time_series metrics request_view query stats diagnostics
  price_data version)
runtime=(tracker collector exporter telemetry)
# Parts of the log and what is below it: they know nothing of the runtime.
engines=(symbols tenants names record chunk pool gate log history history_bounds history_cover cell_table
  fold_buffer name_pool rare_tokens sketch sketch_block sketch_bucket sketch_sum sums percentile hash ids utf8
  spin_lock wall_clock pending_call texts_view call_texts usd period batch deadline quiet_thread
  request_fields request_view)
runtime_details=(core delivery worker retry aggregate async_call)
# Headers of component json: above the runtime, and nothing of the core includes them.
json_headers=(json json_lines csv line_file price_file report)
value_pattern="netrun/llm/($(names "${values[@]}"))\.hpp"
runtime_pattern="netrun/llm/($(names "${runtime[@]}"))\.hpp"
runtime_detail_pattern="netrun/llm/detail/($(names "${runtime_details[@]}"))\.hpp"
std_pattern='[a-z][a-z0-9_]*'
json_pattern="netrun/llm/($(names "${json_headers[@]}"))\.hpp"
all_detail='netrun/llm/detail/.*'

[ -d "$public" ] || { echo "no $public in $PWD"; exit 1; }

own_pattern='netrun/llm/[a-z0-9_]+\.hpp'
for header in "$public"/*.hpp; do
  allowed="$std_pattern|$own_pattern"
  [ "$header" != "$public/tracker.hpp" ] || allowed+="|netrun/llm/detail/pending_call\.hpp"
  [ "$header" != "$public/collector.hpp" ] || allowed+="|netrun/llm/detail/async_call\.hpp"
  [ "$header" != "$public/json.hpp" ] || allowed+="|nlohmann/json_fwd\.hpp"
  only "$header" "$allowed" "a public header has std and public headers; tracker.hpp and collector.hpp have one of detail/ each"
  case " ${json_headers[*]/%/.hpp} " in
    *" ${header##*/} "*) ;;
    *) refuse "$header" "$json_pattern" "it belongs to the component json" ;;
  esac
done

for name in "${values[@]}"; do
  only "$public/$name.hpp" "$std_pattern|$value_pattern" "a value knows only values"
done
for name in price_book reprice; do
  only "$public/$name.hpp" "$std_pattern|$value_pattern|netrun/llm/price_book\.hpp" \
    "prices know only values and each other"
done
only "$public/exporter.hpp" "$std_pattern|$value_pattern" "an exporter knows only values"
refuse "$public/tracker.hpp" "netrun/llm/(collector|exporter|telemetry)\.hpp" \
  "a tracker is below its collector"
refuse "$public/detail/async_call.hpp" "netrun/llm/(collector|exporter|telemetry)\.hpp" \
  "a tracker is below its collector"
refuse "$public/collector.hpp" "netrun/llm/telemetry\.hpp" "telemetry.hpp is the roof"

for header in "$public"/detail/*.hpp; do
  refuse "$header" "netrun/llm/telemetry\.hpp" "telemetry.hpp is the roof"
  refuse "$header" "netrun/llm/detail/core\.hpp" "core.hpp is for .cpp files; declare its class instead"
done
for name in "${engines[@]}"; do
  for file in "$public/detail/$name.hpp" "src/core/$name.cpp"; do
    refuse "$file" "$runtime_pattern|$runtime_detail_pattern|core/.*" "an engine is below the runtime"
  done
done
for name in symbols tenants hash ids utf8 spin_lock percentile record; do
  refuse "$public/detail/$name.hpp" "netrun/llm/detail/(log|history|pool|gate|names|chunk)\.hpp" \
    "it is below the log"
done
only "$public/detail/delivery.hpp" "$std_pattern|$value_pattern|netrun/llm/exporter\.hpp" \
  "delivery only declares what it needs of the core"
refuse "$public/detail/aggregate.hpp" "$runtime_pattern|netrun/llm/detail/(core|delivery|log)\.hpp" \
  "an aggregate is below the collector"
prices_may='netrun/llm/detail/(price_plan|hash|short_text|request_fields)\.hpp'
for file in src/prices/*.?pp "$public/detail/price_plan.hpp"; do
  refuse "$file" "$runtime_pattern|core/.*" "prices know only values"
  while IFS= read -r included; do
    violation "$file: includes $included: prices know only values"
  done < <(includes_of "$file" | grep -E -e "^$all_detail\$" | grep -vE -e "^$prices_may\$" || true)
done

for file in src/core/time_zone.cpp src/core/tz_*; do
  only "$file" "$std_pattern|core/tz_.*|netrun/llm/detail/(time_zone|utf8)\.hpp|(fcntl|unistd|sys/stat)\.h" \
    "a time zone knows nothing of calls"
done

responses='netrun/llm/(api|fixed_text|response)\.hpp'
only "$public/fixed_text.hpp" "$std_pattern|$value_pattern" "a text is a value"
only "$public/api.hpp" "$std_pattern" "an interface is a value"
only "$public/response.hpp" "$std_pattern|$value_pattern|$responses" "a response knows only values"
for file in src/usage/*; do
  case ${file##*/} in
    apply.* | response_reader.cpp) tells='netrun/llm/(response_reader|tracker)\.hpp' ;;
    *) tells=$responses ;;
  esac
  only "$file" "$std_pattern|usage/.*|$value_pattern|$responses|netrun/llm/detail/short_text\.hpp|$tells" \
    "readers know only values, and two of their files a tracker"
done

for file in src/core/* src/prices/*.?pp src/usage/* "$public"/detail/*; do
  refuse "$file" "$json_pattern|json/.*|report/.*" "it belongs to the component json"
done
for file in src/json/* src/report/*; do
  refuse "$file" "core/.*|prices/.*|usage/.*" "a component uses headers of the core alone"
done

for file in src/tool/*; do
  refuse "$file" "core/.*|prices/.*|usage/.*|report/.*|netrun/llm/detail/.*" \
    "the tool uses public headers, and texts of the component json"
done
while IFS= read -r -d '' file; do
  refuse "$file" "CLI/.*" "CLI11 belongs to the tool"
done < <(find -L include src/core src/prices src/usage src/json src/report -type f -print0)

# Code that every program pays for, and code that belongs to other components.
while IFS= read -r -d '' file; do
  dear='iostream|regex|ranges|bits/.*|nlohmann/.*|fmt/.*'
  [ "$file" != "$public/json.hpp" ] || dear=${dear/'nlohmann/.*'/'nlohmann/json\.hpp'}
  refuse "$file" "$dear" "too dear for the core"
done < <(find -L include src/core src/prices src/usage -type f \( -name '*.hpp' -o -name '*.cpp' \) \
  -not -path 'src/prices/generator/*' -print0)

while IFS= read -r found; do
  violation "$found: a macro of a header begins with NETRUN_LLM_"
done < <(grep -rnE '^[[:space:]]*#[[:space:]]*define[[:space:]]' include/ |
  grep -vE '#[[:space:]]*define[[:space:]]+NETRUN_LLM_' || true)
while IFS= read -r found; do
  violation "$found: a header opens no namespace for others"
done < <(grep -rnE '^using namespace' include/ || true)

# lengths DIRECTORY LINES: no C++ file there is longer
lengths() {
  local file count
  [ -d "$1" ] || return 0
  while IFS= read -r -d '' file; do
    count=$(wc -l <"$file")
    [ "$file" != src/prices/builtin.cpp ] || continue  # written by a program
    [ "$count" -le "$2" ] || violation "$file: $count lines, at most $2"
  done < <(find -L "$1" -type f \( -name '*.hpp' -o -name '*.cpp' \) -print0)
}
lengths include 400
lengths src 400
lengths tests 400

[ "$violations" = 0 ] || { echo "$violations violations"; exit 1; }
