#!/usr/bin/env bash
# quick
# The scripts of the desk are at most 250 KB, compressed with gzip: all of them, with what is fetched later.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

need_web_packages
step page in_web npm run build
bytes=0
for script in "$root"/web/dashboard/dist/assets/*.js; do
  size=$(gzip -9 -n -c "$script" | wc -c)
  figure "${script##*/}" "$size bytes"
  bytes=$((bytes + size))
done
figure "scripts of the desk" "$bytes bytes" "at most 256000"
if [[ $bytes -eq 0 ]]; then not_kept "the page was built without a script"; fi
if [[ $bytes -gt 256000 ]]; then not_kept "larger than promised"; fi
kept
