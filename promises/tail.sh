#!/usr/bin/env bash
# quick, beside another
# `tidewire tail` shows a channel of the running server as JSON lines, filtered and from any time, and its exit codes say how it ended.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

build_once
start_product TIDEWIRE_UPSTREAM=simulated Simulation__Rate=20

# ended EXPECTED ARGUMENTS ...: runs tail; its output in $scratch/lines. It must end with the code.
ended() {
  local expected=$1 code=0
  shift
  timeout -k 5 30 "$product" tail "$@" >"$scratch/lines" 2>"$scratch/words" </dev/null || code=$?
  if [[ $code -ne $expected ]]; then not_kept "'tidewire tail $*' ended with $code, not $expected" "$scratch/words" "$scratch/lines"; fi
}

ended 0 flow-alerts --url "$base" --count 10
figure "lines" "$(grep -c '"data"' "$scratch/lines")" 10
first=$(head -n 1 "$scratch/lines")
position=$(sed -n 's/.*"offset":\([0-9]*\),"epoch":"\([^"]*\)".*/\2:\1/p' <<<"$first")

ended 0 flow-alerts --url "$base" --since "$position" --count 9
if [[ $(sed 's/.*"offset":\([0-9]*\),.*/\1/' "$scratch/lines" | paste -sd,) != 2,3,4,5,6,7,8,9,10 ]]; then not_kept "--since a position did not show what follows it" "$scratch/lines"; fi
ended 0 flow-alerts --url "$base" --since 10m --count 10
if [[ $(head -n 1 "$scratch/lines") != "$first" ]]; then not_kept "--since 10m did not begin with the first message" "$scratch/lines"; fi

ended 0 flow-alerts --url "$base" --filter 'total_premium >= 50K' --count 5
figure "least premium behind the filter" "$(grep -oE '"total_premium":"?[0-9.]+' "$scratch/lines" | grep -oE '[0-9.]+$' | sort -n | head -n 1)" "at least 50000"
if ! grep -oE '"total_premium":"?[0-9.]+' "$scratch/lines" | grep -oE '[0-9.]+$' | awk '$1 < 50000 { bad = 1 } END { exit bad }'; then not_kept "the filter let something through" "$scratch/lines"; fi

ended 0 option_trades --url "$base" --speed --for 2.5s
figure "speed" "$(tail -n 1 "$scratch/lines" | cut -c -120)"
ended 1 nope --url "$base"
ended 1 flow-alerts --url "$base" --filter 'total_premium >='
ended 2 flow-alerts --url "$base" --since yesterday
ended 3 flow-alerts --url "http://127.0.0.1:$(free_port)"

# A shell's background jobs ignore SIGINT unless they are told not to.
env --default-signal=INT "$product" tail flow-alerts --url "$base" >"$scratch/lines" 2>&1 &
tail_pid=$!
wait_until 20 test -s "$scratch/lines" || not_kept "nothing came" "$scratch/lines"
code=0
kill -INT "$tail_pid"
wait "$tail_pid" || code=$?
if [[ $code -ne 130 ]]; then not_kept "interrupted, it ended with $code"; fi
figure "exit codes seen" "0 1 2 3 130"
kept
