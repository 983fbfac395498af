#!/usr/bin/env bash
# quick
# A burst of 5,000 rows of gamma exposure within half a second never blocks the reader of the provider, stands whole in the log, and leaves each of 200 clients with the right final value of every key.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

tests_of strike-burst 240
