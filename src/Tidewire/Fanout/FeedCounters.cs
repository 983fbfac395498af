namespace Tidewire.Fanout;

/// <summary>What was published on one feed, over all its channels and over the life of any of their logs. Thread-safe.</summary>
/// <param name="feed">The feed's name.</param>
internal sealed class FeedCounters(string feed)
{
    private readonly long[] _bySource = new long[Enum.GetValues<PublicationSource>().Length];
    private readonly long[] _gaps = new long[Enum.GetValues<GapReason>().Length];

    public string Feed => feed;

    /// <summary>Entries, gaps among them.</summary>
    public long Published => Enum.GetValues<PublicationSource>().Sum(From);

    public long From(PublicationSource source) => Volatile.Read(ref _bySource[(int)source]);

    public long GapsBecause(GapReason reason) => Volatile.Read(ref _gaps[(int)reason]);

    /// <summary>Counts an entry. A full fence.</summary>
    public void Count(Publication publication)
    {
        if (publication.Gap is { } gap)
        {
            Interlocked.Increment(ref _gaps[(int)gap.Reason]);
        }

        Interlocked.Increment(ref _bySource[(int)publication.Source]);
    }
}
