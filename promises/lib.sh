# Shared by the promises: sourced, never run.
#
# A promise is a script: line 2 says `# quick` (test.sh runs it every time), `# quick, beside another` (the same, two at a
# time: it judges no time that another program could spoil), `# long`, or `# planned` (not kept yet, never run by test.sh); line 3 says in one sentence what is promised. It prints its figures and exits 0 when the promise is kept, 1 when it is not.
export LC_ALL=C
source "$(dirname -- "${BASH_SOURCE[0]}")/../run.sh"
forget_settings # the product finds only what a promise gives it

scratch=$(mktemp -d "${TMPDIR:-/tmp}/tidewire-promise.XXXXXX")
pid=

clean_up() {
  if [[ -n $pid ]]; then
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  rm -rf -- "$scratch"
}
trap clean_up EXIT

# figure NAME VALUE [BOUND]
figure() { printf '%s: %s%s\n' "$1" "$2" "${3:+ (promised: $3)}"; }

kept() { echo "kept"; exit 0; }

# not_kept WHY [FILE ...]: says why, shows the end of the files, ends.
not_kept() {
  echo "not kept: $1"
  shift
  local file
  for file in "$@"; do
    if [[ -s $file ]]; then printf -- '---- %s\n' "${file##*/}"; tail -n 30 -- "$file"; fi
  done
  exit 1
}

now() { echo "$EPOCHREALTIME"; }
seconds_since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f", b - a }'; }
below() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a < b) }'; }

# wait_until SECONDS COMMAND ...: until the command succeeds; 1 when it did not in time or the product died meanwhile.
wait_until() {
  local limit=$1 started
  started=$(now)
  shift
  until "$@" 2>/dev/null; do
    if [[ -n $pid ]] && ! kill -0 "$pid" 2>/dev/null; then "$@" 2>/dev/null; return; fi
    if ! below "$(seconds_since "$started")" "$limit"; then return 1; fi
    sleep 0.05
  done
}

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "$port"; return; fi
  done
}

# What run.sh starts, built when it is due. test.sh builds once for all promises and says so.
build_once() {
  if [[ -z ${PROMISES_BUILT:-} ]]; then build; fi
  find_runtime
}

# launch ENV=VALUE ... -- COMMAND ...: in the background, its output in $scratch/out and $scratch/err, its id in $pid.
launch() {
  local settings=()
  while [[ $1 != -- ]]; do settings+=("$1"); shift; done
  shift
  : >"$scratch/out" >"$scratch/err"
  env TIDEWIRE_DATA="$scratch/data" ${settings[@]+"${settings[@]}"} "$@" >"$scratch/out" 2>"$scratch/err" &
  pid=$!
}

ready() { grep -q '^Tidewire ready on ' "$scratch/out"; }

# await_ready SECONDS: until the product said that it is ready.
await_ready() {
  wait_until "$1" ready || not_kept "no line 'Tidewire ready on URL' within $1 s" "$scratch/out" "$scratch/err"
}

# start_product [ENV=VALUE ...]: on a free port of 127.0.0.1; its address in $base. $pinned may hold a taskset prefix.
pinned=()
start_product() {
  port=$(free_port)
  base=http://127.0.0.1:$port
  launch TIDEWIRE_URLS="$base" "$@" -- ${pinned[@]+"${pinned[@]}"} "$product" serve
  await_ready 30
}

# await_exit SECONDS: the exit code in $exit_code; after that long the process is killed (137).
await_exit() {
  local started
  started=$(now)
  while kill -0 "$pid" 2>/dev/null && below "$(seconds_since "$started")" "$1"; do sleep 0.02; done
  kill -KILL "$pid" 2>/dev/null || true
  exit_code=0
  wait "$pid" 2>/dev/null || exit_code=$?
  pid=
}

# stop_product SECONDS: asks the product to stop; how long it took in $stop_seconds, its exit code in $exit_code.
stop_product() {
  local started
  started=$(now)
  kill -TERM "$pid"
  await_exit "$1"
  stop_seconds=$(seconds_since "$started")
}

# A copy of this repository as committed, as a newcomer gets it.
clone_to() {
  if [[ -n $(git -C "$root" status --porcelain) ]]; then say "note: what is not committed is not in the clone"; fi
  git clone --quiet --no-hardlinks -- "$root" "$1"
}

# A copy of this repository as it stands, without what git ignores.
copy_to() {
  mkdir -p "$1"
  (cd "$root" && git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
    if [[ -e $file ]]; then printf '%s\0' "$file"; fi
  done | tar --null -T - -cf -) | tar -xf - -C "$1"
}

# test_program PROJECT: the path of a built test executable.
test_program() {
  if [[ -z ${PROMISES_BUILT:-} ]]; then step "build-$1" dotnet build "$root/tests/$1" -c Release; fi
  printf '%s' "$artifacts/build/bin/$1/release/$1"
}

# tests_of PROMISE SECONDS [PROJECT]: runs the tests that carry the trait Promise=PROMISE and prints the figures they
# wrote, one per line of test output that begins with `figure: `.
tests_of() {
  local program code=0 total failed
  need_dotnet
  find_runtime
  program=$(test_program "${3:-Tidewire.Server.Tests}")
  timeout -k 10 "$2" "$program" -noLogo -noColor -showLiveOutput -parallel none -trait "Promise=$1" \
    -xml "$scratch/tests.xml" >"$scratch/log" 2>&1 </dev/null || code=$?
  sed -n 's/^.*figure: //p' "$scratch/log" | awk '!seen[$0]++'
  total=$(grep -oE '<assembly [^>]*' "$scratch/tests.xml" 2>/dev/null | grep -oE ' passed="[0-9]+"' | tr -dc 0-9 || true)
  failed=$(grep -F '[FAIL]' "$scratch/log" || true)
  if [[ $code -ne 0 ]]; then not_kept "a test failed (exit code $code): ${failed:-see below}" "$scratch/log"; fi
  if [[ ${total:-0} -eq 0 ]] && grep -q '<test [^>]*result="Skip"' "$scratch/tests.xml"; then
    echo "skipped: $(grep -o '<reason>.*</reason>' "$scratch/tests.xml" | head -n 1 | sed 's/<[^>]*>//g; s/<!\[CDATA\[//; s/\]\]>//')"
    exit 0
  fi
  if [[ ${total:-0} -eq 0 ]]; then not_kept "no test carries the trait Promise=$1"; fi
  figure "tests passed" "$total"
  kept
}
