#!/usr/bin/env bash
# long
# 1,000 clients at 20 messages a second get every message once and in order from one pinned core (external load tool).
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

conns=1000 rate=20 seconds=20

# The tool is not part of this repository: GATELOAD names its binary, or its sources lie beside the repository.
sources=$root/../shared/bench/gateload
if [[ -n ${GATELOAD:-} ]]; then
  tool=$GATELOAD
elif [[ -d $sources ]] && have make && have g++; then
  cp -R -- "$sources" "$scratch/gateload"
  chmod -R u+w "$scratch/gateload"
  make -C "$scratch/gateload" >"$scratch/make" 2>&1 || not_kept "the load tool does not build" "$scratch/make"
  tool=$scratch/gateload/gateload
else
  echo "skipped: no load tool; set GATELOAD to its binary"
  exit 0
fi

build_once
tool_pinned=()
if have taskset && [[ $(nproc) -ge 2 ]]; then pinned=(taskset -c 0) tool_pinned=(taskset -c 1); fi
upstream_port=$(free_port)
start_product UW_API_TOKEN=x UW_SOCKET_URL="ws://127.0.0.1:$upstream_port/socket" TIDEWIRE_UPSTREAM=uw UW_REST_URL=none Upstream__Keep=

# A channel is joined when it has a subscriber, so the tool is not told to wait long for a join before it connects.
${tool_pinned[@]+"${tool_pinned[@]}"} "$tool" --upstream-port "$upstream_port" --upstream-wait 3 \
  --target "ws://127.0.0.1:$port/api/stream/ws/flow" --conns $conns --rate $rate --seconds $seconds \
  --server-pid "$pid" --server-cpu 0 --json >"$scratch/result" 2>"$scratch/tool" ||
  not_kept "the load tool failed" "$scratch/tool" "$scratch/err"
stop_product 15

# The last number of that name in the tool's JSON line.
result() { grep -oE "\"$1\":[0-9.]+" "$scratch/result" | tail -n 1 | cut -d: -f2; }
figure "clients" "$(result conns)" $conns
figure "channels" "$(result channels)" 1
figure "deliveries" "$(result received) of $(result expected)" "$((conns * rate * seconds))"
for count in missing dup gaps reorder closed; do figure "$count" "$(result $count)" 0; done
figure "latency p50" "$(result p50_ms) ms"
figure "latency p99" "$(result p99_ms) ms"
figure "server CPU per delivery" "$(result server_cpu_us_per_delivery) us"
for count in missing dup gaps reorder closed; do
  if [[ $(result $count) != 0 ]]; then not_kept "$count is $(result $count)" "$scratch/tool"; fi
done
if [[ $(result conns) != "$conns" || $(result channels) != 1 ]]; then not_kept "not the load that was asked for" "$scratch/tool"; fi
if [[ $(result expected) -lt $((conns * rate * seconds)) ]]; then not_kept "fewer messages than asked for" "$scratch/tool"; fi
below "$(result tool_cpu_s)" $((seconds * 9 / 10)) || not_kept "the tool was the bottleneck; the run does not count" "$scratch/tool"
kept
