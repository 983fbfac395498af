#!/usr/bin/env bash
# planned
# Each of four faults planted in the delivery path makes the randomised test fail.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

not_kept "not built yet"
