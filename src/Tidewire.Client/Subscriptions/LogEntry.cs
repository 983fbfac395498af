using Tidewire.Client.Wires;
using Tidewire.Protocol;

namespace Tidewire.Client.Subscriptions;

/// <summary>Makes what a reader is given out of what stood on a wire.</summary>
internal static class LogEntry
{
    public static Publication Publication(ServerMessage message, string channel, StreamPosition at, bool isHistory) => new(channel)
    {
        Position = at,
        ReceivedAt = message.Timestamp ?? default,
        Payload = message.Payload,
        Source = message.Source,
        Merged = message.Merged,
        Filtered = message.Filtered,
        Replaces = message.Replaces,
        IsHistory = isHistory,
    };

    public static Gap Gap(ServerMessage message, string channel, StreamPosition at) => new(channel)
    {
        Position = at,
        From = message.From ?? default,
        To = message.To ?? default,
        Reason = message.Reason ?? "",
        Count = message.Count,
        IsBackfilled = message.Backfilled,
        Merged = message.Merged,
        Filtered = message.Filtered,
    };
}
