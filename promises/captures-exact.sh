#!/usr/bin/env bash
# quick, beside another
# Each data frame of the real captures arrives exactly once and in order on every wire, whole and byte for byte on /socket, and no acknowledgement arrives as data.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

tests_of captures-exact 120
