#!/usr/bin/env bash
# quick, beside another
# Without authentication, a public address or a public origin is refused at start, with a message that says what to do.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

build_once
start_product TIDEWIRE_UPSTREAM=none
stop_product 10
figure "on 127.0.0.1" "starts, exit code $exit_code"

# refuses WORD ENV=VALUE ...: must end by itself with a failure that names the setting.
refuses() {
  local word=$1
  shift
  launch TIDEWIRE_UPSTREAM=none "$@" -- "$product" serve
  wait_until 20 ready || true
  if ready; then not_kept "it serves with $*" "$scratch/out"; fi
  await_exit 10
  figure "with $*" "exit code $exit_code" "refused"
  if [[ $exit_code -eq 0 || $exit_code -eq 137 ]]; then not_kept "no refusal" "$scratch/out" "$scratch/err"; fi
  if ! grep -q -- "$word" "$scratch/out" "$scratch/err"; then not_kept "the message does not name $word" "$scratch/err"; fi
  grep -h -m 1 -- "$word" "$scratch/err" "$scratch/out" | cut -c 1-200 | sed 's/^/  /'
}

refuses TIDEWIRE_URLS TIDEWIRE_URLS="http://0.0.0.0:$(free_port)"
refuses TIDEWIRE_ALLOWED_ORIGINS TIDEWIRE_URLS="http://127.0.0.1:$(free_port)" TIDEWIRE_ALLOWED_ORIGINS=https://example.com
kept
