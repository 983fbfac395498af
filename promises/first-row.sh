#!/usr/bin/env bash
# long
# From a fresh clone, an empty home and no token, the first row is on the page within 60 s of the end of dependency restore.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

need_web_packages # playwright-core, for the browser of this measurement only
chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
if [[ -z $chromium ]]; then not_kept "no Chromium here; sudo apt-get install -y chromium"; fi

clone_to "$scratch/tidewire"
mkdir "$scratch/home"
base=http://127.0.0.1:$(free_port)
started=$(now)
launch HOME="$scratch/home" TIDEWIRE_URLS="$base" -- "$scratch/tidewire/run.sh"
restored() { grep -q '^dependencies restored$' "$scratch/err"; }
wait_until 600 restored || not_kept "dependencies were not restored within 600 s" "$scratch/err"
restored_at=$(now)
figure "clone to dependencies restored" "$(seconds_since "$started") s"
await_ready 120
figure "dependencies restored to ready" "$(seconds_since "$restored_at") s"
node "$root/promises/wait-for-row.mjs" "$chromium" "$base/" 60 >"$scratch/browser" 2>&1 ||
  not_kept "no row on the page" "$scratch/browser" "$scratch/err"
seconds=$(seconds_since "$restored_at")
figure "dependencies restored to first row" "$seconds s" "< 60 s"
stop_product 15
below "$seconds" 60 || not_kept "$seconds s"
kept
