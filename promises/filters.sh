#!/usr/bin/env bash
# quick, beside another
# A filter of a subscription lets through exactly what it says, counts the rest, and is evaluated once for all that share it.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

tests_of filters 240
