#!/usr/bin/env bash
# long
# Each of four faults planted in the delivery path makes the randomised test fail.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

shopt -s nullglob
patches=("$root"/tests/planted/*.patch)
if [[ ${#patches[@]} -lt 4 ]]; then not_kept "tests/planted holds ${#patches[@]} patches of 4"; fi

need_dotnet
find_runtime
copy=$scratch/tidewire
copy_to "$copy"
told() { sed -n "s/^$1: //p" "$2" | head -n 1; }
compiled() { dotnet build "$copy/tests/Tidewire.Server.Tests" -c Release >"$scratch/build" 2>&1; }
judged() {
  TIDEWIRE_ROOT=$copy TIDEWIRE_SEEDS=3 timeout -k 10 120 "$copy/artifacts/build/bin/Tidewire.Server.Tests/release/Tidewire.Server.Tests" \
    -noLogo -noColor -parallel none -class "*.NothingLost.$1" >"$scratch/log" 2>&1 </dev/null
}

compiled || not_kept "the code as it is does not compile" "$scratch/build"
for tests in $(for patch in "${patches[@]}"; do told 'Seen by' "$patch"; done | sort -u); do
  judged "$tests" || not_kept "$tests fails on the code as it is" "$scratch/log"
  grep -qE 'Total: [1-9]' "$scratch/log" || not_kept "there is no test $tests" "$scratch/log"
done

for patch in "${patches[@]}"; do
  name=$(basename "$patch" .patch) rules=$(told Breaks "$patch") tests=$(told 'Seen by' "$patch")
  (cd "$copy" && git apply --whitespace=nowarn "$patch") 2>"$scratch/apply" || not_kept "$name does not apply to the code as it is" "$scratch/apply"
  compiled || not_kept "$name does not compile" "$scratch/build"
  if judged "$tests"; then not_kept "$name is not seen by $tests"; fi
  seen=$(grep -m 1 -oE "^ *\[($rules)\] .*" "$scratch/log" | sed 's/^ *//' | cut -c 1-160 || true)
  if [[ -z $seen ]]; then not_kept "$tests fails with $name, but names none of $rules" "$scratch/log"; fi
  figure "$name" "$seen"
  (cd "$copy" && git apply --whitespace=nowarn -R "$patch")
done
kept
