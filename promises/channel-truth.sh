#!/usr/bin/env bash
# quick
# A channel that the provider refuses, mutes, renames or limits shows its right state within 15 s, its data goes on over REST where there is any, and it comes back to the socket when that heals.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

tests_of channel-truth 240
