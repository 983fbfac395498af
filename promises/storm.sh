#!/usr/bin/env bash
# planned
# 5,000 clients cut off at once have all they missed again: 95 % within 1 s, 99 % within 2 s.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

not_kept "not built yet"
