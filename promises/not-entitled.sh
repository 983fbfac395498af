#!/usr/bin/env bash
# quick, beside another
# A token without the entitlement shows as not_entitled and is not tried again before 5 minutes have passed.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

tests_of not-entitled 120
