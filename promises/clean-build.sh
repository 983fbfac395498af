#!/usr/bin/env bash
# long
# The whole solution builds without a warning, and the architecture test fails on a planted forbidden using.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

need_dotnet
find_runtime
copy=$scratch/tidewire
copy_to "$copy"
architecture() { "$copy/artifacts/build/bin/Tidewire.Tests/release/Tidewire.Tests" -noLogo -noColor -class '*Architecture*'; }

dotnet build "$copy/Tidewire.slnx" -c Release --no-incremental >"$scratch/build" 2>&1 || not_kept "the build fails" "$scratch/build"
warnings=$(sed -nE 's/^ *([0-9]+) Warning\(s\)$/\1/p' "$scratch/build" | tail -n 1)
figure "warnings" "${warnings:-unknown}" 0
if [[ $warnings != 0 ]]; then not_kept "the build warns" "$scratch/build"; fi

architecture >"$scratch/before" 2>&1 || not_kept "the architecture test fails on the code as it is" "$scratch/before"
tests=$(sed -nE 's/^.*Total: ([0-9]+),.*$/\1/p' "$scratch/before")
figure "architecture tests passed" "${tests:-0}" "at least 1"
if [[ ${tests:-0} -eq 0 ]]; then not_kept "no class of Tidewire.Tests is named *Architecture*" "$scratch/before"; fi

cat >"$copy/src/Tidewire/Fanout/Planted.cs" <<'CS'
using Tidewire.Upstream;

namespace Tidewire.Fanout;

/// <summary>A reference that Fanout must not make.</summary>
public static class Planted
{
    /// <summary>Uses a type of Upstream.</summary>
    /// <param name="end">The end of a session.</param>
    public static string Reason(UpstreamEnd end) => $"{end}";
}
CS
dotnet build "$copy/tests/Tidewire.Tests" -c Release >"$scratch/build" 2>&1 || not_kept "the planted file does not compile" "$scratch/build"
if architecture >"$scratch/after" 2>&1; then not_kept "the architecture test passes with the planted using" "$scratch/after"; fi
grep -q 'Planted\|Upstream' "$scratch/after" || not_kept "the architecture test fails, but not over the planted using" "$scratch/after"
figure "with a planted using" "the architecture test fails" "fails"
kept
