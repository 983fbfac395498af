#!/usr/bin/env bash
# planned
# A client that reads 1 KB/s costs the server at most 1 MB and the others nothing that can be felt.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

not_kept "not built yet"
