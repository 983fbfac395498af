using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Tidewire.Fanout;
using Tidewire.Market;
using Tidewire.Recording;
using Tidewire.Server.Recording;

namespace Tidewire.Server.Tests.NothingLost;

/// <summary>What the server can do so far, in one place: what it cannot is neither asked for nor demanded.</summary>
internal static class Capabilities
{
    /// <summary>The log outlives the process.</summary>
    public const bool IsDurable = true;

    /// <summary>Subscriptions can have a filter.</summary>
    public const bool HasFilters = true;

    /// <summary>A frame that the provider repeats is published once.</summary>
    public const bool SuppressesDuplicates = true;

    /// <summary>A store over a folder; null where there is none.</summary>
    public static ILogStore? OpenStore(string folder)
        => new SqliteLogStore(folder, simulated: false, new RecordingOptions(), MarketCalendar.Load(), NullLogger<SqliteLogStore>.Instance);

    /// <summary>A hub over a store.</summary>
    public static Hub OpenHub(IOptions<FanoutOptions> options, TimeProvider time, ILogger<Hub> logger, ILogStore? store)
        => new(options, simulated: false, time, logger, meters: null, store);

    /// <summary>The orderly end of a hub's store.</summary>
    public static void CloseStore(Hub hub) => hub.CloseStore();
}
