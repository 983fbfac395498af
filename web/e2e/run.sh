#!/usr/bin/env bash
# Runs the browser tests against what run.sh starts, with providers that the tests control. Needs ./run.sh --build and
# a built solution; ./test.sh e2e sees to both. Further arguments go to Playwright.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/../../promises/lib.sh"

need_node
build_once
workers=${E2E_WORKERS:-1} # each with a browser, a provider and a server of its own
others=() bases=() controls=()

stop_all() {
  local other
  for other in ${others[@]+"${others[@]}"}; do kill -KILL "$other" 2>/dev/null || true; done
  clean_up
}
trap stop_all EXIT

# --- a server with a simulated market, for all
start_product TIDEWIRE_UPSTREAM=simulated
others+=("$pid") simulated_base=$base

# --- for each worker a provider of its own, which tests take down, and a server on it
for ((worker = 0; worker < workers; worker++)); do
  provider=$scratch/provider$worker
  "$(test_program Tidewire.FakeProvider)" >"$provider" 2>"$provider.err" &
  others+=("$!")
  wait_until 20 grep -q '^control ' "$provider" || not_kept "the fake provider did not start" "$provider" "$provider.err"
  start_product UW_API_TOKEN=browser-test UW_SOCKET_URL="$(sed -n 's/^socket //p' "$provider")" UW_REST_URL=none Upstream__Keep= TIDEWIRE_DATA="$scratch/data$worker"
  others+=("$pid")
  bases+=("$base") controls+=("$(sed -n 's/^control //p' "$provider")")
done

# --- the browser
cd "$root/web"
reporter=list
if [[ -n ${PLAYWRIGHT_JSON_OUTPUT_NAME:-} ]]; then reporter=list,json; fi
code=0
TIDEWIRE_BASE_URLS=${bases[*]} FAKE_CONTROL_URLS=${controls[*]} SIMULATED_BASE_URL=$simulated_base CHROMIUM_PATH=${CHROMIUM:-/usr/bin/chromium} \
  npx playwright test -c e2e/playwright.config.ts --reporter="$reporter" "$@" || code=$?
if [[ $code -ne 0 ]]; then tail -n 30 "$scratch/err" >&2; fi
exit "$code"
