#!/usr/bin/env bash
# long
# 1,000 clients over the three sockets at 50 messages a second for 60 s lose nothing and get nothing twice, over one upstream connection.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

tests_of thousand-clients 600
