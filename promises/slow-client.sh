#!/usr/bin/env bash
# long
# A client that reads 1 KB/s costs the server at most 1 MB and the others nothing that can be felt.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
source "$root/bench/load/load.sh"

# SLOW_PAIRS, SLOW_SECONDS (of a run) and SLOW_FIRST_SECONDS (of the first two runs) change the load for a try.
pairs=${SLOW_PAIRS:-9} seconds=${SLOW_SECONDS:-12} first_seconds=${SLOW_FIRST_SECONDS:-60}

build_once
build_load
for channel in option_trades gex_strike:TIDE; do
  start_loaded Recording__Enabled=true
  load slow --channel "$channel" --pairs "$pairs" --seconds "$seconds" --first-seconds "$first_seconds"
  stop_product 15
  figure "$channel, pairs of runs with and without the slow client" "$(result pair | wc -l)" "$pairs"
  figure "$channel, 99 % for the others without it, with it" "$(result p99_without_median_ms), $(result p99_with_median_ms) ms"
  figure "$channel, the rise beyond what is promised, median of the pairs" "$(result rise_over_bound_median_ms) ms" "at most 0: 10 % or 1 ms"
  figure "$channel, kernel memory for it at most" "$(result slow_socket_memory_max_bytes) bytes" "at most 1048576"
  figure "$channel, resident memory with it against without" "$(result resident_difference_median_bytes) bytes"
  figure "$channel, it was closed" "$(result slow_closed) times ($(sed -n 's/^slow_closed_//p' "$scratch/result" | paste -sd' '))"
  figure "$channel, delivered to it, and merged" "$(result slow_received), $(result slow_merged)"
  figure "$channel, breaks of its offsets" "$(result slow_breaks)" 0
  for count in lost twice disorder breaks closed; do figure "$channel, $count, the others" "$(result $count)" 0; done
  if [[ $channel == gex* ]]; then figure "$channel, wrong final values" "$(result slow_final_values_wrong)" 0; fi
  all_right
  if [[ $(result pair | wc -l) -ne $pairs || $(result closed) != 0 ]]; then not_kept "not the load that was asked for" "$scratch/tool"; fi
  if below "$(result slow_received)" 1; then not_kept "the slow client got nothing" "$scratch/tool"; fi
  if below 1048576 "$(result slow_socket_memory_max_bytes)"; then not_kept "the slow client cost $(result slow_socket_memory_max_bytes) bytes"; fi
  if below 0 "$(result rise_over_bound_median_ms)"; then not_kept "the others were slowed down"; fi
done
kept
