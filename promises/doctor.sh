#!/usr/bin/env bash
# quick, beside another
# `tidewire doctor` finds a server that is well without fault, names what is wrong with what to do, and never shows a token.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

build_once
start_product TIDEWIRE_UPSTREAM=simulated

# looked EXPECTED ARGUMENTS ...: its output in $scratch/found. It must end with the code.
looked() {
  local expected=$1 code=0
  shift
  timeout -k 5 60 "$product" doctor "$@" >"$scratch/found" 2>&1 </dev/null || code=$?
  if [[ $code -ne $expected ]]; then not_kept "'tidewire doctor $*' ended with $code, not $expected" "$scratch/found"; fi
}

looked 0 --url "$base"
for check in name connection health clock websocket sse poll recording; do
  if ! grep -qE "^ok +$check " "$scratch/found"; then not_kept "'$check' is not ok" "$scratch/found"; fi
done
figure "a server that is well" "$(tail -n 1 "$scratch/found")"

looked 0 --url "$base" --json
if ! python3 -c 'import json, sys; report = json.load(open(sys.argv[1])); sys.exit(not (report["healthy"] and len(report["findings"]) >= 12))' "$scratch/found"; then not_kept "--json is not as described" "$scratch/found"; fi

# A token that ended in 2001.
secret=eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjEwMDAwMDAwMDAsInN1YiI6InNlY3JldCJ9.c2lnbmF0dXJl
printf '%s\n' "$secret" >"$scratch/token"
looked 1 --url "$base" --token-file "$scratch/token"
if ! grep -qE '^FAULT +token .*expired at 2001-09-09' "$scratch/found"; then not_kept "the end of the token was not seen" "$scratch/found"; fi
if grep -qF "${secret#*.}" "$scratch/found" || grep -qF c2lnbmF0dXJl "$scratch/found"; then not_kept "a part of the token was shown"; fi
figure "an expired token" "$(grep -m 1 '^FAULT' "$scratch/found" | tr -s ' ')"

stop_product 15
looked 1 --url "$base"
if ! grep -qE '^FAULT +connection ' "$scratch/found" || ! grep -qF 'Is the server running?' "$scratch/found"; then not_kept "that nothing listens was not said" "$scratch/found"; fi
figure "a server that is not there" "$(grep -m 1 '^FAULT' "$scratch/found" | tr -s ' ')"
looked 2 --url not-an-address
kept
