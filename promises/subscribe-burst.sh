#!/usr/bin/env bash
# planned
# One client subscribes to 10,000 channels and leaves them again within 1 s in all, with the provider there and without.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
tests_of subscribe-burst 120
