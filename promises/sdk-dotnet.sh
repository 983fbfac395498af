#!/usr/bin/env bash
# quick, beside another
# The .NET client keeps its promises against a hostile peer, its public surface is the tracked one, its quick start runs as documented, and it packs. That it passes the conformance kit is another promise.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# Each in a shell of its own: tests_of ends it.
(tests_of sdk-dotnet 120 Tidewire.Tests) | sed '/^kept$/d'
if [[ ${PIPESTATUS[0]} -ne 0 ]]; then exit 1; fi
(tests_of sdk-dotnet-quickstart 120 Tidewire.Server.Tests) | sed '/^kept$/d; s/^tests passed/snippets and tests passed/'
if [[ ${PIPESTATUS[0]} -ne 0 ]]; then exit 1; fi

for project in Tidewire.Protocol Tidewire.Client; do
  step "pack-$project" dotnet pack "$root/src/$project" -c Release -o "$scratch/packages"
done
for package in "$scratch"/packages/*.nupkg; do
  name=$(basename "$package")
  files=$(python3 -c 'import sys, zipfile; print("\n".join(zipfile.ZipFile(sys.argv[1]).namelist()))' "$package")
  for wanted in README.md LICENSE "lib/net10.0/${name%%.[0-9]*}.dll" "lib/net10.0/${name%%.[0-9]*}.xml"; do
    if ! grep -qxF "$wanted" <<<"$files"; then not_kept "$name holds no $wanted"; fi
  done
  figure "$name" "$(wc -c <"$package") bytes"
done

kept
