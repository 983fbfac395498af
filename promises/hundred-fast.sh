#!/usr/bin/env bash
# long
# 100 clients at 1,000 messages a second for 30 s lose nothing and get nothing twice.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

tests_of hundred-fast 600
