#!/usr/bin/env bash
# long
# A fresh clone under a path with a space starts with one command and answers on /health.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

clone_to "$scratch/a folder/tide wire"
mkdir "$scratch/home"
base=http://127.0.0.1:$(free_port)
launch HOME="$scratch/home" TIDEWIRE_URLS="$base" -- "$scratch/a folder/tide wire/run.sh"
await_ready 600
status=$(curl -sS -o /dev/null -w '%{http_code}' --max-time 5 "$base/health")
page=$(curl -sS -o /dev/null -w '%{http_code}' --max-time 5 "$base/")
stop_product 15
figure "GET /health" "$status" 200
figure "GET /" "$page" 200
figure "exit code after SIGTERM" "$exit_code" 0
if [[ $status != 200 || $page != 200 || $exit_code -ne 0 ]]; then not_kept "see the figures" "$scratch/err"; fi
kept
