#!/usr/bin/env bash
# planned
# Both SDKs read 500 messages a second for 30 minutes: the heap after a collection at 15 and at 25 minutes is that of 5 minutes, and nothing is lost.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/drivers.sh"
source "$root/bench/load/load.sh"

# HEAP_MINUTES shortens the half hour for a try.
minutes=${HEAP_MINUTES:-30} trades=400 strikes=100

need_node
build_once
build_load
# Neither is measured in time, and both are light: no core is theirs alone.
pinned=() tool_pinned=()
start_loaded Recording__Enabled=false

readers=()
# A command of its own for each, so that node shows its collector.
reader() { readers+=(--driver "$1=${2/#node /exec node --expose-gc }"); }
each_driver reader

node "$root/tests/conformance/soak/heap-flat.mjs" --server "$base" --minutes "$minutes" --rate $((trades + strikes)) "${readers[@]}" \
  >"$scratch/heaps" 2>"$scratch/samples" &
soak=$!
load ingest --rate "$trades" --state-rate "$strikes" --state-clients 1 --seconds $((minutes * 60)) --burst 0 --proof 0
code=0
wait "$soak" || code=$?
heap() { sed -n "s/^$1 //p" "$scratch/heaps"; }

figure "sent by the provider" "$(result sent) trades in $minutes minutes, and $strikes strikes a second"
for name in TypeScript .NET; do
  figure "$name: messages received" "$(heap "${name}_received")"
  figure "$name: heap after a collection at 5, 15 and 25 of 30 parts" "$(heap "${name}_heaps") MB"
  figure "$name: grew by" "$(heap "${name}_grew") %" "at most 3 % and 256 KiB"
done
figure "subscribed or left beside it" "$(heap passes) times"
if [[ $code -ne 0 ]]; then not_kept "$(sed -n 's/^wrong //p' "$scratch/heaps" | head -n 3)" "$scratch/heaps" "$scratch/samples" "$scratch/err"; fi
all_right
stop_product 15
kept
