#!/usr/bin/env bash
# quick
# After SIGTERM every client that listens sees closing code 1001, and the process ends with 0 within 10 s, whatever the others do.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

build_once
need_web_packages
start_product TIDEWIRE_UPSTREAM=simulated

ws=ws://127.0.0.1:$port
node "$root/promises/watch-sockets.mjs" \
  "$ws/api/stream/ws/flow" '' \
  "$ws/api/ws" '{"type":"subscribe","channel":"flow"}' \
  "$ws/socket?token=any" '{"channel":"flow-alerts","msg_type":"join"}' \
  "$ws/api/stream/ws/flow" deaf \
  >"$scratch/sockets" 2>&1 &
sockets=$!

all_receive() { [[ $(grep -c '^message ' "$scratch/sockets") -eq 4 ]]; }
if ! wait_until 30 all_receive; then
  kill "$sockets" 2>/dev/null || true
  not_kept "not every socket received a message within 30 s" "$scratch/sockets" "$scratch/err"
fi

stop_product 10
all_closed() { [[ $(grep -c '^closed ' "$scratch/sockets") -eq 3 ]]; }
wait_until 2 all_closed || true
kill "$sockets" 2>/dev/null || true

figure "from SIGTERM to the end" "$stop_seconds s" "< 10 s"
figure "exit code" "$exit_code" 0
figure "clients closed with 1001" "$(grep -c '^closed .* 1001$' "$scratch/sockets" || true) of 3" "all"
if [[ $exit_code -ne 0 ]]; then not_kept "exit code $exit_code" "$scratch/err"; fi
if [[ $(grep -c '^closed .* 1001$' "$scratch/sockets") -ne 3 ]]; then not_kept "not every client saw 1001" "$scratch/sockets"; fi
kept
