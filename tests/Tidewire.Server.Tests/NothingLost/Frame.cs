using System.Globalization;

namespace Tidewire.Server.Tests.NothingLost;

/// <summary>What the provider says once, and may say again.</summary>
/// <param name="Channel">The channel's name.</param>
/// <param name="Number">Its number: unique over all channels, rising.</param>
/// <param name="Key">What it replaces on a state channel; the same for all of an event channel.</param>
/// <param name="Size">What filters look at.</param>
/// <param name="Payload">The payload as it stands on the provider's wire.</param>
internal sealed record Frame(string Channel, long Number, string Key, int Size, string Payload)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"frame {Number} of {Channel}");
}

/// <summary>A channel of the provider, and the frames it makes.</summary>
/// <param name="Name">The canonical name.</param>
/// <param name="IsState">Whether only the newest of each key matters.</param>
/// <param name="Keys">How many keys there are.</param>
internal sealed record ScriptedChannel(string Name, bool IsState, int Keys)
{
    public static IReadOnlyList<ScriptedChannel> All { get; } =
    [
        new("flow-alerts", IsState: false, Keys: 1),
        new("option_trades:SPY", IsState: false, Keys: 1),
        new("gex_strike:SPY", IsState: true, Keys: 12),
        new("price:SPY", IsState: true, Keys: 1),
    ];

    /// <summary>The channel as a part of a path.</summary>
    public string Route => Name.Replace(':', '/');

    /// <summary>Makes a frame.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="random">Chooses its key, size and spelling.</param>
    /// <param name="size">Its size; null for any.</param>
    /// <param name="pad">Bytes that it is larger by.</param>
    public Frame Make(long number, Random random, int? size = null, int pad = 0)
    {
        var key = 500 + (5 * random.Next(Keys));
        var filtered = size ?? random.Next(1000);
        var space = random.Next(3) == 0 ? " " : ""; // as no serialiser of ours would spell it
        var head = IsState
            ? Keys > 1 ? $$"""{"ticker":"SPY","strike":{{space}}"{{key}}",""" : "{\"close\":\"591.20\","
            : $$"""{"id":"{{number:x8}}-087c-4c00-b164-08106b015856",""";
        var padding = pad == 0 ? "" : $",\"pad\":\"{new string('x', pad)}\"";
        var payload = string.Create(CultureInfo.InvariantCulture, $"{head}\"n\":{space}{number},{space}\"size\":{filtered},\"premium\":10.{number % 100:00}0{padding}}}");
        return new Frame(Name, number, IsState ? key.ToString(CultureInfo.InvariantCulture) : "", filtered, payload);
    }
}

/// <summary>A filter as a reader asks for it, and what it means, worked out a second time.</summary>
/// <param name="Expression">As it stands on the wire.</param>
/// <param name="Accepts">Whether it lets a frame through.</param>
internal sealed record ReaderFilter(string Expression, Func<Frame, bool> Accepts)
{
    /// <summary>The size that every filter lets through.</summary>
    public const int SizeForAll = 999;

    public static IReadOnlyList<ReaderFilter> All { get; } =
    [
        new("size >= 500", static frame => frame.Size >= 500),
        new("size >= 950", static frame => frame.Size >= 950),
    ];
}
