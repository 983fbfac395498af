#!/usr/bin/env bash
# long
# The same as promises/proxy.sh, with everything blocked for a whole minute.
blackout=60
source "$(dirname -- "${BASH_SOURCE[0]}")/proxy.sh"
