#!/usr/bin/env bash
# quick
# When the provider comes back after an outage, the gateway is live again in less than 2 s with every channel joined again.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

tests_of upstream-return 120
