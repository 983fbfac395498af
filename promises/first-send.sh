#!/usr/bin/env bash
# long
# A frame of the provider is handed to its first client within 0.5 ms (half of them) and 2 ms (99 %).
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
source "$root/bench/load/load.sh"

# FIRST_SECONDS changes how long is measured.
seconds=${FIRST_SECONDS:-30}

build_once
build_load
for recording in true false; do # what is promised last, so that its figures are still there
  start_loaded Recording__Enabled=$recording
  load first --rate 200 --warm 10 --seconds "$seconds"
  stop_product 15
  with=without; if [[ $recording == true ]]; then with=with; fi
  bound50= bound99=
  if [[ $recording == false ]]; then bound50="at most 0.5 ms" bound99="at most 2 ms"; fi
  figure "$with recording, messages" "$(result first_send_count)" $((200 * seconds))
  figure "$with recording, from receipt to first send, half" "$(result first_send_p50_ms) ms" "$bound50"
  figure "$with recording, 99 %" "$(result first_send_p99_ms) ms" "$bound99"
  figure "$with recording, end to end" "$(result end_to_end_p50_ms) ms (half), $(result end_to_end_p99_ms) ms (99 %)"
  all_right
  if below "$(result first_send_count)" $((200 * seconds)); then not_kept "the product measured fewer than were sent" "$scratch/tool"; fi
done
if below 0.5 "$(result first_send_p50_ms)"; then not_kept "half took up to $(result first_send_p50_ms) ms"; fi
if below 2 "$(result first_send_p99_ms)"; then not_kept "99 % took up to $(result first_send_p99_ms) ms"; fi
kept
