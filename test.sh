#!/usr/bin/env bash
# Runs every test of Tidewire; installs what the tests need first.
#
#   ./test.sh                    everything but the long tests and the long promises
#   ./test.sh --long             everything
#   ./test.sh dotnet web e2e promises   only the suites named
#
# Prints a line per suite, then `N passed, N failed`. Exit code 0 only when nothing failed.
# Logs are kept in artifacts/test-logs.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/run.sh"

logs=$artifacts/test-logs
all_passed=0 all_failed=0 all_skipped=0
long='' chosen=() deferred=

# Tests never reach a real provider, whatever the shell they were started from has set.
forget_settings

# ---- counting ------------------------------------------------------------------------------------

# record SUITE PASSED FAILED SKIPPED SECONDS. A suite in which nothing ran is a failure of its own.
# What runs beside something else (see `beside`) is recorded when both are over.
record() {
  if [[ -n $deferred ]]; then echo "$*" >>"$deferred"; return; fi
  local suite=$1 passed=$2 failed=$3 skipped=$4 seconds=$5 remark=
  if [[ $((passed + failed + skipped)) -eq 0 ]]; then failed=1 remark='  (no test ran)'; fi
  all_passed=$((all_passed + passed)) all_failed=$((all_failed + failed)) all_skipped=$((all_skipped + skipped))
  printf '%-28s %5d passed %4d failed %4d skipped %5d s%s\n' "$suite" "$passed" "$failed" "$skipped" "$seconds" "$remark"
  if [[ $failed -gt 0 ]]; then show_log "$suite"; fi
}

show_log() {
  local log=$logs/$1.log
  if [[ ! -f $log ]]; then return; fi
  { grep -F '[FAIL]' "$log" || true; } | head -n 40 | sed 's/^ */  /'
  printf -- '---- end of artifacts/test-logs/%s.log\n' "$1"
  tail -n 40 "$log"
  printf -- '----\n'
}

# logged NAME SECONDS COMMAND ...: runs it with a time limit and its output in a log; its exit code in $code.
logged() {
  local name=$1 limit=$2
  shift 2
  code=0
  timeout -k 10 "$limit" "$@" >"$logs/$name.log" 2>&1 </dev/null || code=$?
  if [[ $code -eq 124 ]]; then echo "stopped after $limit s" >>"$logs/$name.log"; fi
}

# beside NAME COMMAND ...: starts it next to what follows, as job $!; `joined NAME JOB` waits for it and records what it did.
beside() {
  local results=$logs/$1.results
  shift
  : >"$results"
  (deferred=$results; "$@") &
}

# joined NAME [JOB]: ends the tests when the job could not do its work.
joined() {
  local line
  if [[ -n ${2:-} ]]; then wait "$2" || exit 1; fi
  while read -r line; do record $line; done <"$logs/$1.results"
  rm -f -- "$logs/$1.results"
}

# As one test: logged, then recorded as one passed or one failed.
one_test() {
  local name=$1 started=$SECONDS
  logged "$@"
  record "$name" $((code == 0)) $((code != 0)) 0 $((SECONDS - started))
}

# From a test runner's report: sets passed, failed, skipped. A runner that failed without a failed test counts as one.
counted() {
  read -r passed failed skipped <<<"$1"
  if [[ $code -ne 0 && $failed -eq 0 ]]; then failed=1; fi
}

# ---- the suites ----------------------------------------------------------------------------------

xunit_counts() {
  local totals key value passed=0 failed=0 errors=0 skipped=0
  totals=$(grep -o '<assembly [^>]*' "$1" 2>/dev/null | head -n 1 | grep -oE ' (passed|failed|errors|skipped)="[0-9]+"' || true)
  while IFS='="' read -r key _ value; do
    case ${key# } in passed) passed=$value ;; failed) failed=$value ;; errors) errors=$value ;; skipped) skipped=$value ;; esac
  done <<<"$totals"
  echo "$passed $((failed + errors)) $skipped"
}

# Prints the value of a JavaScript expression over a JSON report `r`, or zeros when there is no report.
json_counts() { node -p "const r = JSON.parse(require('fs').readFileSync(process.argv[1], 'utf8')); $2" "$1" 2>/dev/null || echo 0 0 0; }

# Whether a promise of this kind is run now.
is_due() { [[ $1 == quick || $1 == 'quick, beside another' || ( $1 == long && -n $long ) ]]; }

kind_of() { sed -n '2s/^# //p' "$1"; }

# left_to_promises PROJECT: what leaves those of its tests out that a promise runs, so that none is run twice.
left_to_promises() {
  local script name project
  if ! wants promises; then return; fi
  for script in "$root"/promises/*.sh; do
    if ! is_due "$(kind_of "$script")"; then continue; fi
    while read -r name project; do
      if [[ ${project:-Tidewire.Server.Tests} == "$1" ]]; then printf '%s\n' -trait- "Promise=$name"; fi
    done < <(sed -nE 's/^\(?tests_of ([a-z-]+) [0-9]+ ?([A-Za-z.]*).*/\1 \2/p' "$script")
  done
}

dotnet_suite() {
  local project started passed failed skipped filter=()
  for project in Tidewire.Tests Tidewire.Server.Tests; do
    mapfile -t filter < <(left_to_promises "$project")
    if [[ -z $long ]]; then filter+=(-trait- Category=long); fi
    if [[ -z $built ]]; then record "$project" 0 1 0 0; continue; fi
    started=$SECONDS
    rm -f "$logs/$project.xml"
    logged "$project" $((long ? 1500 : 480)) "$artifacts/build/bin/$project/release/$project" \
      -noLogo -noColor ${filter[@]+"${filter[@]}"} -xml "$logs/$project.xml"
    counted "$(xunit_counts "$logs/$project.xml")"
    record "$project" "$passed" "$failed" "$skipped" $((SECONDS - started))
  done
}

web_suite() {
  local workspace started passed failed skipped report
  one_test web-lint 120 env -C "$root/web" npm run lint
  for workspace in sdk dashboard; do
    started=$SECONDS
    report=$logs/web-$workspace.json
    rm -f "$report"
    logged "web-$workspace" 180 env -C "$root/web" npm test -w "$workspace" -- --reporter=default --reporter=json --outputFile="$report"
    counted "$(json_counts "$report" 'r.numPassedTests + " " + r.numFailedTests + " " + (r.numPendingTests + r.numTodoTests)')"
    record "web-$workspace" "$passed" "$failed" "$skipped" $((SECONDS - started))
  done
}

e2e_suite() {
  local started=$SECONDS passed failed skipped report=$logs/e2e.json
  if [[ ! -x $root/web/e2e/run.sh ]]; then
    echo "web/e2e/run.sh is not there" >"$logs/e2e.log"
    record e2e 0 0 1 0
    return
  fi
  rm -f "$report"
  if [[ -n $long ]]; then export PAGE_TIMED=1 PAGE_LONG=1; fi
  logged e2e 720 env PLAYWRIGHT_JSON_OUTPUT_NAME="$report" "$root/web/e2e/run.sh"
  # A test that passes only at the second attempt has failed.
  counted "$(json_counts "$report" 'r.stats.expected + " " + (r.stats.unexpected + r.stats.flaky + r.errors.length) + " " + r.stats.skipped')"
  record e2e "$passed" "$failed" "$skipped" $((SECONDS - started))
}

# A promise counts as one test, or as many as it ran.
promise() {
  local script=$1 name=promise-$(basename "$1" .sh) started=$SECONDS ran limit=240
  case $(kind_of "$script") in long) limit=900 ;; *beside*) limit=480 ;; esac
  logged "$name" $limit "$script"
  ran=$(sed -nE 's/^.*tests passed: ([0-9]+)$/\1/p' "$logs/$name.log" | awk '{ all += $1 } END { print all + 0 }')
  if [[ $code -ne 0 ]]; then
    record "$name" 0 1 0 $((SECONDS - started))
  elif grep -q '^skipped: ' "$logs/$name.log"; then
    record "$name" 0 0 1 $((SECONDS - started))
  else
    record "$name" $((ran > 0 ? ran : 1)) 0 0 $((SECONDS - started))
  fi
}

# Those that measure no time run two at a time, the longest first; then the others, alone.
promises_suite() {
  local script shared=("$root/promises/nothing-lost.sh")
  for script in "$root"/promises/*.sh; do
    if [[ $(kind_of "$script") == *beside* && $script != "${shared[0]}" ]]; then shared+=("$script"); fi
  done
  for script in "${shared[@]}"; do
    if [[ $(jobs -pr | wc -l) -ge 2 ]]; then wait -n || true; fi
    beside "$(basename "$script")" promise "$script"
  done
  wait
  for script in "${shared[@]}"; do
    if [[ ! -s $logs/$(basename "$script").results ]]; then record "promise-$(basename "$script" .sh)" 0 1 0 0; fi # it did not come to its end
    joined "$(basename "$script")"
  done
  for script in "$root"/promises/*.sh; do
    if is_due "$(kind_of "$script")" && [[ $(kind_of "$script") != *beside* ]]; then promise "$script"; fi
  done
}

# ---- what the tests need -------------------------------------------------------------------------

need_chromium() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [[ -n $name ]] && have "$name"; then
      CHROMIUM=$(command -v "$name")
      export CHROMIUM
      return
    fi
  done
  if [[ -z ${1:-} ]] && can_install; then
    apt_candidate chromium
    if [[ -n $candidate ]]; then apt_install chromium; fi
    need_chromium once
    return
  fi
  say "The browser test needs Chromium. Install it, then start again:
  sudo apt-get install -y chromium
or name one that is there: CHROMIUM=/path/to/chromium ./test.sh"
  exit 1
}

wants() { [[ " ${chosen[*]} " == *" $1 "* ]]; }

while [[ $# -gt 0 ]]; do
  case $1 in
    --long) long=1 ;;
    dotnet | web | e2e | promises) chosen+=("$1") ;;
    *) say "usage: ./test.sh [--long] [dotnet] [web] [e2e] [promises]"; exit 2 ;;
  esac
  shift
done
if [[ ${#chosen[@]} -eq 0 ]]; then chosen=(dotnet web e2e promises); fi

rm -rf -- "$logs"
mkdir -p "$logs"
cd "$root"

# The page's packages, the SDK, of which the driver is a client in tests of the server, and the tests of both.
web_side() {
  need_web_packages
  step sdk in_web npm run build -w sdk
  if wants web; then web_suite; fi
}

if wants dotnet || wants e2e || wants promises; then
  need_dotnet
  find_runtime
fi
if { [[ -x web/e2e/run.sh ]] && wants e2e; } || { [[ -n $long ]] && wants promises; }; then need_chromium; fi
web=
if [[ -f web/package.json ]] && { wants web || wants e2e || wants promises; }; then
  need_node
  beside web web_side
  web=$!
fi

# The solution with every test program, then what run.sh starts. Nothing of .NET is judged by an old build.
built=yes
if wants dotnet || wants e2e || wants promises; then
  one_test build 600 dotnet build "$root/Tidewire.slnx" -c Release -warnaserror
  if [[ $code -ne 0 ]]; then built=; fi
fi
if [[ -n $web ]]; then joined web "$web"; fi
if [[ -n $built ]] && { wants e2e || wants promises; }; then
  one_test product 300 "$root/run.sh" --build
  if [[ $code -ne 0 ]]; then built=; fi
fi
export PROMISES_BUILT=1 # promises need not build again

if wants dotnet; then dotnet_suite; fi
for suite in e2e promises; do
  if ! wants "$suite"; then continue; fi
  if [[ -n $built ]]; then "${suite}_suite"; else record "$suite" 0 1 0 0; fi
done

if [[ $all_skipped -gt 0 ]]; then echo "$all_skipped skipped"; fi
echo "$all_passed passed, $all_failed failed"
[[ $all_failed -eq 0 ]]
