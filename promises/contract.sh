#!/usr/bin/env bash
# planned
# The documented contract holds: OpenAPI and AsyncAPI are valid, every documented example is sent and its answer compared, and what is not documented is never answered.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

tests_of contract 240
