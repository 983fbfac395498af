# For the promises that are measured with tideload: sourced after promises/lib.sh, never run.

# Builds the tool into $scratch, installing what that takes; pins the product and the tool to a core each.
build_load() {
  if ! have make && can_install; then apt_candidate make; if [[ -n $candidate ]]; then apt_install make; fi; fi
  if ! have g++ && can_install; then apt_candidate g++; if [[ -n $candidate ]]; then apt_install g++; fi; fi
  if ! have make || ! have g++; then
    echo "skipped: the load tool needs g++ and make (apt-get install g++ make)"
    exit 0
  fi
  cp -R -- "$root/bench/load" "$scratch/load"
  make -B -C "$scratch/load" CXX=g++ >"$scratch/make" 2>&1 || not_kept "the load tool does not build" "$scratch/make"
  tool_pinned=()
  if have taskset && [[ $(nproc) -ge 2 ]]; then pinned=(taskset -c 0) tool_pinned=(taskset -c 1); fi
}

# start_loaded [ENV=VALUE ...]: the product, with the tool as its provider; it keeps trying until the tool runs.
start_loaded() {
  upstream_port=$(free_port)
  start_product UW_API_TOKEN=x UW_SOCKET_URL="ws://127.0.0.1:$upstream_port/socket" TIDEWIRE_UPSTREAM=uw UW_REST_URL=none Upstream__Keep= "$@"
}

# load COMMAND [OPTION ...]: runs the tool; its figures are then had by result, its exit code is in $load_code.
load() {
  load_code=0
  ${tool_pinned[@]+"${tool_pinned[@]}"} "$scratch/load/tideload" "$@" --port "$port" --upstream-port "$upstream_port" --server-pid "$pid" \
    >"$scratch/result" 2>"$scratch/tool" || load_code=$?
  if [[ $load_code -gt 1 ]]; then not_kept "the load tool failed" "$scratch/tool" "$scratch/err"; fi
  if [[ $(result tool_busy) == 0.9* || $(result tool_busy) == [1-9]* ]]; then not_kept "the tool was the bottleneck; the run does not count" "$scratch/result"; fi
}

# result NAME: a figure of the last load.
result() { sed -n "s/^$1=//p" "$scratch/result"; }

# The tool's own verdict: nothing lost, doubled or out of order.
all_right() {
  if [[ $load_code -ne 0 ]]; then not_kept "something was lost, doubled or out of order" "$scratch/result" "$scratch/tool"; fi
}
