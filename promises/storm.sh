#!/usr/bin/env bash
# long
# 5,000 clients cut off at once have all they missed again: 95 % within 1 s, 99 % within 2 s.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
source "$root/bench/load/load.sh"

# STORM_CLIENTS, STORM_RATE (messages a second) and STORM_ROUNDS change the load for a try.
clients=${STORM_CLIENTS:-5000} rate=${STORM_RATE:-5} rounds=${STORM_ROUNDS:-5}

build_once
build_load
start_loaded Recording__Enabled=true
# A first storm, not counted: what is promised is promised of a server that has been running.
load storm --clients "$clients" --rate "$rate" --rounds 2
load storm --clients "$clients" --rate "$rate" --rounds "$rounds" --jitter 400
stop_product 15

figure "clients cut off at once" "$(result clients), $(result storms) times" "$clients"
figure "messages missed by each" "$(result missed_per_client_p50) (half of them), $(result missed_per_client_max) at most"
for count in lost twice disorder breaks not_recovered unfinished; do figure "$count" "$(result $count)" 0; done
figure "accepted after" "$(result tcp_connect_p50_ms) ms (half), $(result tcp_connect_p99_ms) ms (99 %)"
figure "upgraded after" "$(result upgrade_p50_ms) ms (half), $(result upgrade_p99_ms) ms (99 %)"
figure "processor for each" "$(result server_us_per_client) us"
figure "from the cut to the last missed message, half of them" "$(result storm_p50_ms) ms"
figure "95 %" "$(result storm_p95_ms) ms" "below 1000 ms"
figure "99 %" "$(result storm_p99_ms) ms" "below 2000 ms"
figure "longest" "$(result storm_max_ms) ms"
all_right
if [[ $(result clients) != "$clients" || $(result storms) != "$rounds" ]]; then not_kept "not the load that was asked for" "$scratch/tool"; fi
if below "$(result missed_per_client_max)" 1; then not_kept "no client missed anything" "$scratch/tool"; fi
below "$(result storm_p95_ms)" 1000 || not_kept "95 % took $(result storm_p95_ms) ms"
below "$(result storm_p99_ms)" 2000 || not_kept "99 % took $(result storm_p99_ms) ms"
kept
