#!/usr/bin/env bash
# long
# 10,000 clients that only wait take at most 16 KB of the server's memory each, and still are all sent what comes.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
source "$root/bench/load/load.sh"

clients=${IDLE_CLIENTS:-10000} bound=16384

if ! ulimit -n $((clients + 1000)) 2>/dev/null; then
  echo "skipped: $clients sockets need as many open files (ulimit -n)"
  exit 0
fi
build_once
build_load
start_loaded
load idle --clients "$clients" --seconds 5
stop_product 30

figure "clients" "$(result clients)" "$clients"
for count in lost twice disorder breaks closed; do figure "$count" "$(result $count)" 0; done
figure "memory with 200 and with all" "$(result resident_few_bytes) and $(result resident_all_bytes) bytes"
figure "of a core while they wait" "$(result server_busy_while_idle)"
figure "memory for each" "$(result resident_per_client_bytes) bytes" "at most $bound"
all_right
if [[ $(result clients) != "$clients" ]]; then not_kept "not the load that was asked for" "$scratch/tool"; fi
below "$(result resident_per_client_bytes)" $((bound + 1)) || not_kept "each takes $(result resident_per_client_bytes) bytes"
kept
