#!/usr/bin/env bash
# quick, beside another
# The provider's token and a client's token appear in no output, log or answer, neither raw nor percent-encoded.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

build_once
# Both ends of each marker are plain, so that raw, percent-encoded and half-redacted forms are all found by them.
provider='tokenHead7q+/=&?#%:tokenTail9z'
client='clientHead7q%2B%2F%3D%26clientTail9z'
start_product UW_API_TOKEN="$provider" UW_SOCKET_URL="ws://127.0.0.1:$(free_port)/socket" TIDEWIRE_UPSTREAM=uw \
  Logging__LogLevel__Tidewire=Trace

attempted() { [[ $(cat "$scratch/out" "$scratch/err" | grep -ciE 'upstream.*(ended|attempt)') -ge 3 ]]; }
wait_until 15 attempted || not_kept "no three log lines about upstream attempts within 15 s" "$scratch/out" "$scratch/err"

for path in /health /api/stream/status /api/stream/channels /api/ws/stats /; do
  curl -sS -i --max-time 5 "$base$path" >>"$scratch/answers" 2>&1 || not_kept "no answer from $path" "$scratch/answers"
done
# A WebSocket handshake with a token in the query, as clients of the provider send it.
curl -sS -i --max-time 1 -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' \
  -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' "$base/socket?token=$client" >>"$scratch/answers" 2>/dev/null || true
stop_product 10

figure "lines of output and logs read" "$(cat "$scratch/out" "$scratch/err" | wc -l)"
figure "bytes of answers read" "$(wc -c <"$scratch/answers")"
found=$(grep -rilE 'tokenHead7q|tokenTail9z|clientHead7q|clientTail9z' "$scratch" | sed "s#^$scratch/##" | tr '\n' ' ' || true)
figure "places with a token" "${found:-none}" none
if [[ -n $found ]]; then not_kept "a token appears in: $found"; fi
kept
