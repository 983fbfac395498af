#!/usr/bin/env bash
# planned
# A burst of 500 rows a second for a minute costs the page at most 8 ms of its main thread in a frame (p95), no task over 50 ms, and no frames against a blank page; so too while 100,000 held rows are scrolled.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
if [[ -z $chromium ]]; then not_kept "no Chromium here; sudo apt-get install -y chromium"; fi
need_web_packages
build_once
provider=$(free_port)
start_product UW_API_TOKEN=page-burst UW_SOCKET_URL="ws://127.0.0.1:$provider/socket" UW_REST_URL=none Upstream__Keep=
code=0
(cd "$root/web" && node e2e/burst.mjs "$chromium" "$base" "$provider" "${PAGE_SECONDS:-60}") >"$scratch/burst" 2>&1 || code=$?
result() { sed -n "s/^$1 //p" "$scratch/burst"; }
# The largest of a figure over all parts that were traced.
worst() { sed -nE "s/^(burst[0-9]+|scroll)_$1 //p" "$scratch/burst" | sort -g | tail -n 1; }
least() { sed -nE "s/^(burst[0-9]+|scroll)_$1 //p" "$scratch/burst" | sort -g | head -n 1; }
figure "rows sent at 500 a second, held at last, in the page" "$(result burst_rows), $(result held_rows), $(result rows_in_dom)"
figure "main thread in a frame, p95, worst part" "$(worst work_p95) ms" "at most 8 ms"
figure "the same while scrolling" "$(result scroll_work_p95) ms"
figure "longest task" "$(worst longest_task) ms" "at most 50 ms"
figure "frames a second of a blank page, and least on the desk" "$(result blank_rate), $(least rate)" "at least 0.95 of it"
if [[ $code -ne 0 ]]; then not_kept "the measurement failed" "$scratch/burst" "$scratch/err"; fi
if ! awk -v work="$(worst work_p95)" -v task="$(worst longest_task)" -v blank="$(result blank_rate)" -v rate="$(least rate)" \
  'BEGIN { exit !(work <= 8 && task <= 50 && rate >= 0.95 * blank) }'; then not_kept "not as promised" "$scratch/burst"; fi
stop_product 15
kept
