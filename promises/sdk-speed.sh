#!/usr/bin/env bash
# quick
# The TypeScript SDK reads and hands over 200,000 prices/s (200 bytes, newline-batched) and 30,000 alerts/s (2 KB) on one core.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

need_web_packages
step sdk in_web npm run build -w sdk
one_core=()
if have taskset; then one_core=(taskset -c 0); fi
${one_core[@]+"${one_core[@]}"} node "$root/web/sdk/bench/speed.mjs" >"$scratch/speed" 2>&1 || not_kept "the measurement failed" "$scratch/speed"
prices=$(sed -n 's/^prices //p' "$scratch/speed") alerts=$(sed -n 's/^alerts //p' "$scratch/speed")
figure "prices of 200 bytes" "$prices/s" "at least 200000"
figure "alerts of 2 KB" "$alerts/s" "at least 30000"
if [[ $prices -lt 200000 || $alerts -lt 30000 ]]; then not_kept "slower than promised"; fi
kept
