#!/usr/bin/env bash
# long
# The documented Python client reads on over a restart and a kill of the server: every offset once, and the snippet of its page runs.
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

example=$root/docs/examples/python

# A python3 that has `websockets`, in $python; Debian's package is for Debian's python.
need_websockets() {
  local candidate_python
  for candidate_python in python3 /usr/bin/python3; do
    if have "$candidate_python" && "$candidate_python" -c 'import websockets' 2>/dev/null; then python=$candidate_python; return; fi
  done
  if [[ -z ${1:-} ]] && can_install; then
    apt_candidate python3-websockets
    if [[ -n $candidate ]]; then apt_install python3-websockets; fi
    need_websockets once
    return
  fi
  not_kept "there is no python3 with websockets 10 or later: sudo apt-get install -y python3-websockets, or pip install websockets"
}

again() {
  launch TIDEWIRE_URLS="$base" TIDEWIRE_UPSTREAM=simulated Simulation__Rate=10 -- "$product" serve
  await_ready 30
}

need_websockets
build_once
port=$(free_port)
base=http://127.0.0.1:$port
again

# The snippet of the page, as it stands but for the address.
awk '/^```python/ { on = 1; next } /^```/ { on = 0 } on' "$root/docs/sdk-python.md" | sed "s#ws://127.0.0.1:8000#ws://127.0.0.1:$port#" >"$scratch/snippet.py"
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$example timeout 30 "$python" "$scratch/snippet.py" >"$scratch/snippet" 2>&1 || not_kept 'the snippet of docs/sdk-python.md does not run' "$scratch/snippet"
[[ -s $scratch/snippet ]] || not_kept 'the snippet of docs/sdk-python.md shows nothing'
figure 'lines shown by the snippet' "$(wc -l <"$scratch/snippet")"

coproc READER { PYTHONDONTWRITEBYTECODE=1 exec timeout 120 "$python" "$root/promises/python-example.py" "$base" "$example" 2>"$scratch/python"; }
reader=$READER_PID
while read -r line; do
  case $line in
    restart) stop_product 15; again ;;
    kill) kill -KILL "$pid"; wait "$pid" 2>/dev/null || true; pid=; again ;;
    *) said=$line ;;
  esac
done <&"${READER[0]}"
code=0
wait "$reader" || code=$?
if [[ $code -ne 0 ]]; then not_kept 'the client did not read on' "$scratch/python"; fi
figure 'restart and kill' "$said"
figure 'lines of the example' "$(grep -cvE '^ *(#|"""|$)' "$example/tidewire_client.py")"
kept
