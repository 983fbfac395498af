#!/usr/bin/env bash
# long
# A proxy that blocks WebSocket, then event streams, then everything for 5 s: every SDK goes on over the next wire, and each offset arrives exactly once.
blackout=${blackout:-5}
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/drivers.sh"

# goes_on NAME COMMAND
goes_on() {
  echo "$1:"
  timeout -k 5 200 node "$root/tests/conformance/proxy/goes-on.mjs" --driver "$2" --server "$base" --blackout "$blackout" >"$scratch/log" 2>&1 ||
    not_kept "$1 did not go on" "$scratch/log"
  sed 's/^/  /' "$scratch/log"
}

need_node
build_once
start_product TIDEWIRE_UPSTREAM=simulated Simulation__Rate=20

goes_on 'reference client' "node '$root/tests/conformance/reference/driver.mjs'"
each_driver goes_on
kept
