#!/usr/bin/env bash
# quick, beside another
# Clients on every wire that drop, lag and resume while the provider misbehaves and the server is killed end with every publication once, in order, or with gap entries that name what is missing.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

tests_of nothing-lost 600
