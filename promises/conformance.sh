#!/usr/bin/env bash
# long
# Every SDK passes the conformance kit, whose server speaks as the real one does and which notices each planted fault.
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/drivers.sh"

kit=$root/tests/conformance

# run_kit NAME COMMAND
run_kit() {
  if ! node "$kit/run.mjs" --jobs 10 --driver "$2" >"$scratch/kit"; then
    grep -v '^pass ' "$scratch/kit" >"$scratch/failed" || true
    not_kept "the driver of $1 does not pass" "$scratch/failed"
  fi
  figure "$1" "$(tail -n 1 "$scratch/kit")"
}

need_node
build_once

start_product TIDEWIRE_UPSTREAM=simulated
node "$kit/shapes.mjs" "$base" >"$scratch/shapes" 2>&1 || not_kept "the scripted server does not speak as the real one" "$scratch/shapes"
figure 'scripted server and the real one' "$(tail -n 1 "$scratch/shapes")"
stop_product 15

node "$kit/self-test.mjs" >"$scratch/self" 2>&1 || not_kept 'the kit does not judge rightly' "$scratch/self"
cat "$scratch/self"

each_driver run_kit
kept
