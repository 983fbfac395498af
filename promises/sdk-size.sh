#!/usr/bin/env bash
# quick
# The TypeScript SDK is at most 12 KB, its React binding at most 2 KB, both minified and compressed with gzip.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

need_web_packages
step sdk in_web npm run build -w sdk
size_of() { gzip -9 -n -c "$root/web/sdk/dist/$1.js" | wc -c; }
sdk=$(size_of index) react=$(size_of react)
figure "SDK, with what tabs need to share a connection" "$sdk bytes" "at most 12288"
figure "React binding" "$react bytes" "at most 2048"
figure "worker that holds the shared connection, a file of its own" "$(size_of worker) bytes"
figure "SDK for Node, with its WebSocket" "$(size_of node) bytes"
if [[ $sdk -gt 12288 || $react -gt 2048 ]]; then not_kept "larger than promised"; fi
kept
