using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Tidewire.Fanout;
using Tidewire.Fanout.Filtering;
using Tidewire.Protocol;

namespace Tidewire.Server.Tests.NothingLost;

/// <summary>The engine over a store, without a network: it can crash and come back thousands of times.</summary>
/// <param name="folder">Where the store is.</param>
/// <param name="time">The clock.</param>
/// <param name="isShort">Whether memory holds little, so that what is older comes off the disk.</param>
internal sealed class Engine(string folder, TimeProvider time, bool isShort)
{
    private static readonly FeedCatalogue Catalogue = FeedCatalogue.Load();
    private HaltingStore? _store;
    private Hub? _hub;

    public Hub Hub => _hub!;

    public IEnumerable<ChannelLog> Logs => ScriptedChannel.All.Select(LogOf);

    /// <summary>The feed and the name of a channel.</summary>
    public static (Feed Feed, ChannelName Name) Resolve(string channel)
        => Catalogue.Resolve(channel, null, out var feed, out var name) is null ? (feed!, name) : throw new InvalidOperationException($"There is no channel {channel}.");

    /// <summary>Subscribes as the wires do.</summary>
    public static ProtocolError? Subscribe(Connection connection, Feed feed, ChannelName channel, StreamPosition? since, ReaderFilter? filter, out Subscription? subscription)
        => connection.Subscribe(feed, channel, since, history: 0, new SubscriptionTerms(filter is null ? null : Parse(filter.Expression)), out subscription);

    private static Filter Parse(string expression) => Filter.TryParse(expression, out var filter, out var wrong) ? filter! : throw new InvalidOperationException(wrong!.ToString());

    public ChannelLog LogOf(ScriptedChannel channel)
    {
        var (feed, name) = Resolve(channel.Name);
        return Hub.GetOrAdd(name, feed);
    }

    public void Start()
    {
        _store = Capabilities.OpenStore(folder) is { } store ? new HaltingStore(store) : null;
        var options = new FanoutOptions();
        options.ReservedOffsets = 64; // reserved often, and jumped over often
        options.MaxLogLength = Capabilities.IsDurable && isShort ? 64 : options.MaxLogLength;
        _hub = Capabilities.OpenHub(Options.Create(options), time, NullLogger<Hub>.Instance, _store);
    }

    /// <summary>From now on the disk takes nothing and does not answer: what is committed now never will be.</summary>
    public void Halt() => _store?.Halt();

    /// <summary>Ends as a killed process does: what is not committed is gone.</summary>
    public void Crash()
    {
        _store?.Die();
        _hub!.Dispose();
        _store?.Dispose();
    }

    /// <summary>Ends in order.</summary>
    public void Close()
    {
        Capabilities.CloseStore(_hub!);
        _hub!.Dispose();
        _store?.Dispose();
    }
}

/// <summary>A store that stands still where a script says so, as a disk does under a process that is about to be killed.</summary>
/// <param name="store">The real one.</param>
[SuppressMessage("Reliability", "CA2213:Disposable fields should be disposed", Justification = "A thread of the dead may still wait on it, and it holds nothing of the system's.")]
internal sealed class HaltingStore(ILogStore store) : ILogStore
{
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _goes = new(initialState: true);
    private volatile bool _dead;

    public string Epoch => store.Epoch;

    public bool WasClosed => store.WasClosed;

    public long FormerLives => store.FormerLives;

    public IReadOnlyList<StoredChannel> Channels => store.Channels;

    public long Bytes => store.Bytes;

    public void Halt() => _goes.Reset();

    /// <summary>Whoever waits for it is told that the disk has refused; nothing is written any more.</summary>
    public void Die()
    {
        _dead = true;
        _goes.Set();
        lock (_gate)
        {
            // What was being written when it died has been written.
        }
    }

    public void Reserve(IReadOnlyList<OffsetReservation> reservations) => Write(() => store.Reserve(reservations));

    public void Commit(IReadOnlyList<LoggedEntry> entries) => Write(() => store.Commit(entries));

    public void Probe() => Write(store.Probe);

    public IReadOnlyList<Publication> Read(string channel, long from, long below, int most, int mostBytes) => store.Read(channel, from, below, most, mostBytes);

    public long? OffsetBack(string channel, long below, int count) => store.OffsetBack(channel, below, count);

    public long? FirstOffset(string channel) => store.FirstOffset(channel);

    public void Close(IReadOnlyList<OffsetReservation> tails) => Write(() => store.Close(tails));

    /// <summary>Whoever comes late finds it dead; what is waited on is left to the collector.</summary>
    public void Dispose()
    {
        Die();
        lock (_gate)
        {
            store.Dispose();
        }
    }

    private void Write(Action write)
    {
        _goes.Wait();
        lock (_gate)
        {
            if (_dead)
            {
                throw new LogStoreException("The process is dead.");
            }

            write();
        }
    }
}
