#!/usr/bin/env bash
# Runs the browser tests against what run.sh starts, with a provider that the tests control. Needs ./run.sh --build and
# a built solution; ./test.sh e2e sees to both. Further arguments go to Playwright.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/../../promises/lib.sh"

need_node
build_once
provider_pid= simulated_pid=

stop_provider() {
  local other
  for other in $provider_pid $simulated_pid; do kill -KILL "$other" 2>/dev/null || true; done
  clean_up
}
trap stop_provider EXIT

# --- the provider
"$(test_program Tidewire.FakeProvider)" >"$scratch/provider" 2>"$scratch/provider.err" &
provider_pid=$!
wait_until 20 grep -q '^control ' "$scratch/provider" || not_kept "the fake provider did not start" "$scratch/provider" "$scratch/provider.err"

# --- a server with a simulated market, which goes on beside the other
start_product TIDEWIRE_UPSTREAM=simulated
simulated_pid=$pid simulated_base=$base

# --- the server
start_product UW_API_TOKEN=browser-test UW_SOCKET_URL="$(sed -n 's/^socket //p' "$scratch/provider")" UW_REST_URL=none Upstream__Keep=

# --- the browser
cd "$root/web"
reporter=list
if [[ -n ${PLAYWRIGHT_JSON_OUTPUT_NAME:-} ]]; then reporter=list,json; fi
code=0
TIDEWIRE_BASE_URL=$base SIMULATED_BASE_URL=$simulated_base FAKE_CONTROL_URL=$(sed -n 's/^control //p' "$scratch/provider") CHROMIUM_PATH=${CHROMIUM:-/usr/bin/chromium} \
  npx playwright test -c e2e/playwright.config.ts --reporter="$reporter" "$@" || code=$?
if [[ $code -ne 0 ]]; then tail -n 30 "$scratch/err" >&2; fi
exit "$code"
