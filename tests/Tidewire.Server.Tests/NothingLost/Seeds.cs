using System.Globalization;

namespace Tidewire.Server.Tests.NothingLost;

/// <summary>
/// Which scripts are run. <c>TIDEWIRE_SEED</c> runs that one, <c>TIDEWIRE_SEEDS</c> so many; by default as many as each
/// test says, always the same.
/// </summary>
internal static class Seeds
{
    public static IEnumerable<int> Of(int first, int count)
    {
        if (Number("TIDEWIRE_SEED") is { } one)
        {
            return [one];
        }

        return Enumerable.Range(first, Number("TIDEWIRE_SEEDS") ?? count);
    }

    private static int? Number(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
