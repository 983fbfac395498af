using Tidewire.Fanout;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>What one channel missed while the connection was down, and what REST has told of that time so far. Used by one request at a time.</summary>
/// <param name="channel">The channel.</param>
/// <param name="feed">Its feed.</param>
/// <param name="symbol">Its symbol; null for a market-wide one.</param>
/// <param name="since">When the first of its outages was over.</param>
internal sealed class ChannelBackfill(string channel, Feed feed, string? symbol, TimeSpan since)
{
    private readonly string _path = feed.Poll!.PathOf(symbol);

    public string Channel { get; } = channel;

    public Feed Feed { get; } = feed;

    public bool IsOfSymbol { get; } = symbol is not null;

    public TimeSpan Since { get; } = since;

    public TimeSpan DueAt { get; set; }

    /// <summary>How often it was asked for in vain.</summary>
    public int Failures { get; set; }

    /// <summary>What is missing, the earliest first.</summary>
    public List<Outage> Outages { get; } = [];

    /// <summary>All rows told so far, oldest first.</summary>
    public List<RestRow> Rows { get; private set; } = [];

    /// <summary>The path of the next page; null when there is none, or the rows reach back far enough.</summary>
    public string? NextPath { get; private set; } = feed.Poll!.PathOf(symbol);

    /// <summary>Whether the rows reach back to where an outage began, so that none of it is missing beside them.</summary>
    public bool Covers(Outage outage) => Rows is [{ At: { } oldest }, ..] && oldest <= outage.From;

    /// <summary>Takes the answer to <see cref="NextPath"/>.</summary>
    /// <param name="rows">Its rows, oldest first.</param>
    public void Take(List<RestRow> rows)
    {
        var isFull = Feed.Poll!.Limit is { } limit && rows.Count >= limit;
        if (Rows is [{ At: { } before }, ..])
        {
            // A page back begins anew with the instant at which the last one ended: of rows of one instant some may have had no room.
            var cursor = VendorTime.CursorAfter(before);
            rows = rows.FindAll(row => row.At < cursor);
            if (rows.Count == 0 || rows[0].At >= before)
            {
                NextPath = null; // nothing older, or more of one instant than a page holds
                return;
            }

            Rows.RemoveAll(row => row.At < cursor);
        }

        Rows = [.. rows, .. Rows];
        NextPath = isFull && Feed.Poll.Older is { } older && Rows is [{ At: { } oldest }, ..] && !Outages.TrueForAll(Covers)
            ? $"{_path}{(_path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{older}={VendorTime.Text(VendorTime.CursorAfter(oldest))}"
            : null;
    }
}
