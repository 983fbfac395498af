#!/usr/bin/env bash
# quick, beside another
# The documented contract holds: OpenAPI and AsyncAPI are valid, every documented example is sent and its answer compared, and what is not documented is never answered.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# The documents as the product hands them out, judged by validators that are not ours.
build_once
need_web_packages
start_product TIDEWIRE_UPSTREAM=simulated
node "$root/web/contract/validate.mjs" "$base" || not_kept "a document is not valid" "$scratch/err"
for page in /docs /redoc; do
  if ! curl -sf --max-time 10 "$base$page" -o "$scratch/page"; then not_kept "$page is not served" "$scratch/err"; fi
  if grep -qE '(src|href)="(https?:)?//' "$scratch/page"; then not_kept "$page loads something from elsewhere" "$scratch/page"; fi
done
stop_product 10

tests_of contract 240
