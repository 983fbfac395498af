#!/usr/bin/env bash
# long
# Ten tabs on the TypeScript SDK hold one connection; closing the one that holds it loses nothing and repeats nothing; also without shared workers.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
if [[ -z $chromium ]]; then not_kept "no Chromium here; sudo apt-get install -y chromium"; fi
need_web_packages
build_once
step sdk in_web npm run build -w sdk
page=$(free_port)
start_product TIDEWIRE_UPSTREAM=none TIDEWIRE_ALLOWED_ORIGINS="http://127.0.0.1:$page"
code=0
node "$root/web/sdk/bench/tabs.mjs" "$chromium" "$base" "$page" >"$scratch/tabs" 2>&1 || code=$?
result() { sed -n "s/^$1 //p" "$scratch/tabs"; }
for way in shared elected; do
  # Where a tab holds the connection it is the first one's, so that closing that tab must open another.
  openings=1; if [[ $way == elected ]]; then openings=2; fi
  figure "$way: connections of ten tabs, and after the first was closed" "$(result ${way}_connections), $(result ${way}_connections_after)" "1, 1"
  figure "$way: connections opened in all" "$(result ${way}_opened_in_all)" "$openings"
  figure "$way: published while a tab closed" "$(result ${way}_published)"
  figure "$way: lost, twice" "$(result ${way}_lost), $(result ${way}_twice)" "0, 0"
done
if [[ $code -ne 0 ]]; then not_kept "not as promised" "$scratch/tabs" "$scratch/err"; fi
stop_product 15
kept
