#!/usr/bin/env bash
# long
# Ten minutes of recording beside a reader that never ends leave the write-ahead log bounded.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
source "$root/bench/load/load.sh"

# WAL_SECONDS shortens the ten minutes for a try.
seconds=${WAL_SECONDS:-600} bound=$((64 << 20))

build_once
build_load
# What may be recovered is more here than it is by default: the reader begins with the first message again and again.
start_loaded Recording__Enabled=true Upstream__Keep=option_trades Fanout__MaxRecovered=10000000

# Each second the size of the largest write-ahead log, until the load has ended.
watch_logs() {
  local size
  while [[ -e $scratch/watching ]]; do
    size=$(find "$scratch/data" -name '*-wal' -printf '%s\n' 2>/dev/null | sort -n | tail -n 1) || true
    if [[ -n $size ]]; then echo "$size"; fi
    sleep 1
  done >"$scratch/sizes"
}
: >"$scratch/watching"
watch_logs &
watcher=$!
load ingest --rate 2000 --seconds "$seconds" --burst 0 --pager 1 --proof 0 --state-clients 0
rm -f "$scratch/watching"
wait "$watcher"
stop_product 30

largest=$(sort -n "$scratch/sizes" | tail -n 1)
figure "messages" "$(result sent)" $((2000 * seconds))
figure "pages read" "$(result pager_pages), from the first to the last $(result pager_passes) times"
figure "wrong or missing in a reading" "$(result pager_wrong)" 0
figure "readings that could not go on" "$(result pager_not_recovered)" 0
figure "times the write-ahead log was looked at" "$(wc -l <"$scratch/sizes")"
figure "largest write-ahead log" "${largest:-none} bytes" "at most $bound"
all_right
if [[ -z $largest ]]; then not_kept "there was no write-ahead log: nothing was recorded" "$scratch/err"; fi
if below "$(result pager_pages)" "$((seconds / 2))"; then not_kept "the reader hardly read" "$scratch/tool"; fi
if [[ $(result pager_wrong) != 0 || $(result pager_not_recovered) != 0 ]]; then not_kept "the reader did not get the whole log" "$scratch/tool"; fi
if [[ $largest -gt $bound ]]; then not_kept "the write-ahead log grew to $largest bytes"; fi
kept
