using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Server.Sockets;

namespace Tidewire.Server.Polling;

/// <summary>What a poll asks for.</summary>
/// <param name="Channel">Which channel, and where in it to begin.</param>
/// <param name="Wait">How long to wait for the first entry when there is none.</param>
/// <param name="Limit">Entries in one answer at most.</param>
internal sealed record PollRequest(ChannelRequest Channel, TimeSpan Wait, int Limit)
{
    private const int DefaultWait = 25;
    private const int MaxWait = 60;
    private const int DefaultLimit = 100;

    /// <summary>Reads a request.</summary>
    /// <param name="catalogue">The feeds.</param>
    /// <param name="channel">The channel as it stands in the path.</param>
    /// <param name="query">The parameters.</param>
    /// <param name="request">The request when the answer is null.</param>
    /// <returns>Null, or what was wrong.</returns>
    public static ProtocolError? Read(FeedCatalogue catalogue, string channel, IQueryCollection query, out PollRequest? request)
    {
        request = null;
        if (ChannelRequest.ReadNumber(query, "wait", least: 0, MaxWait, DefaultWait, out var wait) is { } badWait)
        {
            return badWait;
        }

        if (ChannelRequest.ReadNumber(query, "limit", least: 1, ProtocolLimits.MaxHistory, DefaultLimit, out var limit) is { } badLimit)
        {
            return badLimit;
        }

        if (ChannelRequest.Read(catalogue, channel, query, out var asked) is { } error)
        {
            return error;
        }

        request = new PollRequest(asked!, TimeSpan.FromSeconds(wait), limit);
        return null;
    }
}
