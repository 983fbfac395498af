#!/usr/bin/env bash
# planned
# Ten minutes of recording beside a reader that never ends leave the write-ahead log bounded.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

not_kept "not built yet"
