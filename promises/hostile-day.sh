#!/usr/bin/env bash
# quick, beside another
# In a hostile day with every feed and 500 tickers wanted, both kinds of 429, lying headers and restarts, the provider counts no violation of its limits and the ledger equals its count.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

tests_of hostile-day 240
