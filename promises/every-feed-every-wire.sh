#!/usr/bin/env bash
# quick, beside another
# Each feed of the catalogue arrives on every wire, from the provider's bytes to the client.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

tests_of every-feed-every-wire 240
