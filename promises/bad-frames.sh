#!/usr/bin/env bash
# quick, beside another
# Bad frames of every kind among 10,000 good ones cost no good one, and each is counted by its reason.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

tests_of bad-frames 120
