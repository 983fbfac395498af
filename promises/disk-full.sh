#!/usr/bin/env bash
# quick, beside another
# A disk that fills up stops no stream, is said so, and heals by itself; no offset is given out twice.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

tests_of disk-full 240
