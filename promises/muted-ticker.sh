#!/usr/bin/env bash
# quick, beside another
# In a recorded simulated day a ticker that falls mute is noticed within three times its usual gap, and nothing else is called stale.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

tests_of muted-ticker 120 Tidewire.Tests
