#!/usr/bin/env bash
# long
# A program on the TypeScript SDK whose thread stalls for 10 s takes at most 64 MB more for it, and loses nothing.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

need_web_packages
build_once
step sdk in_web npm run build -w sdk
start_product TIDEWIRE_UPSTREAM=simulated Simulation__Rate=20
node --expose-gc "$root/web/sdk/bench/stall.mjs" "$base" 10 >"$scratch/stall" 2>&1 || not_kept "something was lost" "$scratch/stall" "$scratch/err"
stop_product 15
result() { sed -n "s/^$1 //p" "$scratch/stall"; }
figure "messages a second before it" "$(result rate)"
figure "stalled" "$(result stalled) s"
figure "received in all, and merged" "$(result received), $(result merged)"
figure "lost" "$(result lost)" 0
figure "queued at most, of one subscription" "$(result queued)" "at most 1001"
figure "resident memory, rise at most" "$(result rss_rise_mb) MB" "at most 64"
figure "heap afterwards, rise" "$(result heap_rise_mb) MB"
figure "reconnects" "$(result reconnects)"
if ! below "$(result rss_rise_mb)" 64; then not_kept "it took $(result rss_rise_mb) MB"; fi
kept
