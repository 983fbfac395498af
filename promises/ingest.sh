#!/usr/bin/env bash
# long
# Recording keeps up with 5,000 trades a second for 10 minutes and 20,000 a second for 5 s; none is lost.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
source "$root/bench/load/load.sh"

# INGEST_SECONDS shortens the ten minutes for a try.
seconds=${INGEST_SECONDS:-600} burst_seconds=5

build_once
build_load
# What may be recovered is more here than it is by default: all of it is to be read back.
start_loaded Recording__Enabled=true Upstream__Keep=option_trades Fanout__MaxRecovered=10000000
load ingest --rate 5000 --seconds "$seconds" --burst 20000 --burst-seconds $burst_seconds --proof 180
stop_product 30

figure "trades sent" "$(result sent), $(result sent_in_burst) of them in the burst" "$((5000 * seconds + 20000 * burst_seconds))"
figure "read back from the log" "$(result log_read_s) s"
for count in lost twice breaks gaps not_recovered; do figure "$count, in the log" "$(result log_$count)" 0; done
for count in lost twice disorder breaks gaps closed; do figure "$count, at a client that listened" "$(result $count)" 0; done
figure "latency" "$(result latency_p50_ms) ms (half), $(result latency_p99_ms) ms (99 %)"
figure "latency in the burst" "$(result burst_latency_p50_ms) ms (half), $(result burst_latency_p99_ms) ms (99 %)"
figure "wait for the commit" "$(result commit_wait_p50_ms) ms (half), $(result commit_wait_p99_ms) ms (99 %)"
figure "wait for the commit in the burst" "$(result burst_commit_wait_p50_ms) ms (half), $(result burst_commit_wait_p99_ms) ms (99 %)"
figure "server's processor" "$(result server_busy) of one core"
all_right
if below "$(result sent)" $((5000 * seconds + 20000 * burst_seconds - 1000)); then not_kept "not the load that was asked for" "$scratch/tool"; fi
for count in log_lost log_gaps log_not_recovered gaps closed; do
  if [[ $(result $count) != 0 ]]; then not_kept "$count is $(result $count)" "$scratch/tool" "$scratch/err"; fi
done
kept
