using Tidewire.Client;
using Tidewire.Protocol;
using Tidewire.Testing;

namespace Tidewire.Server.Tests.NothingLost;

/// <summary>
/// The .NET client: one for all of its connections. It is never told that the server ended or where it is; it finds its way back
/// through a door of one address, over whichever wire, with the positions it holds itself.
/// </summary>
internal sealed class ClientReader(string name, IReadOnlyList<ScriptedChannel> channels, ReaderFilter? filter, Wire wire) : Reader(name)
{
    private readonly Relay _door = new();
    private readonly Lock _noting = new();
    private readonly Pulse _begun = new();
    private readonly Dictionary<string, Journal> _journals = channels.ToDictionary(static channel => channel.Name, channel => new Journal(name, channel, filter));
    private readonly HashSet<Journal> _confirmed = [];
    private TidewireClient? _client;
    private Task _reading = Task.CompletedTask;
    private volatile Exception? _fault;
    private volatile TaskCompletionSource? _held;
    private bool _isCut;

    public override IReadOnlyList<Journal> Journals => [.. _journals.Values];

    public override bool IsConnected => _door.IsOpen;

    public override async Task ConnectAsync(Uri server, Func<Journal, StreamPosition?>? since = null)
    {
        if (since is not null || _client is null)
        {
            await LeaveAsync(); // a client goes back only as another one
            lock (_confirmed)
            {
                _confirmed.Clear();
            }

            _client = new TidewireClient(_door.Url, new TidewireClientOptions
            {
                FirstWire = wire,
                ReconnectDelay = TimeSpan.FromMilliseconds(50),
                MaxReconnectDelay = TimeSpan.FromMilliseconds(200),
                UpgradeInterval = TimeSpan.FromSeconds(1),
                MaxQueueSize = 200,
                Random = new Random(7),
            });
            _reading = Task.WhenAll(_journals.Values.Select(journal => ReadAsync(_client, journal, since is null ? journal.Position : since(journal))).ToArray());
        }

        lock (_noting)
        {
            _isCut = false;
        }

        Resume();
        _door.Open(server);
        await _begun.UntilAsync(() => IsConfirmed || _fault is not null || !IsConnected, () => $"{Name} to be confirmed"); // without a position, what comes before is not its
        Rethrow();
    }

    private bool IsConfirmed
    {
        get
        {
            lock (_confirmed)
            {
                return _confirmed.Count == _journals.Count;
            }
        }
    }

    public override Task CutAsync()
    {
        _door.Shut();
        lock (_noting)
        {
            _isCut = true;
            Pause(); // nothing is noted from here on
        }

        Rethrow();
        return Task.CompletedTask;
    }

    public override Task EndedAsync()
    {
        Resume();
        return _door.UntilGoneAsync();
    }

    public override void Pause() => _held ??= new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override void Resume()
    {
        lock (_noting)
        {
            if (_isCut)
            {
                return;
            }
        }

        Interlocked.Exchange(ref _held, null)?.TrySetResult();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await LeaveAsync();
        await _door.DisposeAsync();
    }

    private async Task LeaveAsync()
    {
        if (_client is { } client)
        {
            lock (_noting)
            {
                _client = null;
            }

            await client.DisposeAsync();
            Interlocked.Exchange(ref _held, null)?.TrySetResult();
            await _reading.WithinBound($"{Name} to end");
        }
    }

    /// <summary>What a message broke, or what ended the client.</summary>
    private void Rethrow()
    {
        if (_fault is { } fault)
        {
            throw new InvalidDataException($"{Name} failed.", fault);
        }
    }

    private async Task ReadAsync(TidewireClient client, Journal journal, StreamPosition? since)
    {
        try
        {
            await TakeAllAsync(client, journal, since);
        }
        catch (Exception exception) when (exception is TidewireException or InvalidDataException)
        {
            _fault = exception;
            _begun.Beat();
        }
    }

    private async Task TakeAllAsync(TidewireClient client, Journal journal, StreamPosition? since)
    {
        StreamPosition? asked = since;
        await foreach (var entry in client.SubscribeEntries(journal.Channel.Name, new SubscriptionOptions { Since = since, Filter = filter?.Expression }))
        {
            while (!TryTake(client, journal, entry, ref asked))
            {
                if (_held is { } held)
                {
                    await held.Task;
                }
            }

            if (client != _client)
            {
                return; // what is left in its queue was not taken
            }
        }
    }

    /// <summary>Notes an entry unless it is held up.</summary>
    private bool TryTake(TidewireClient client, Journal journal, Entry entry, ref StreamPosition? asked)
    {
        lock (_noting)
        {
            if (client != _client)
            {
                return true;
            }

            if (_isCut || _held is not null)
            {
                return false;
            }

            Take(journal, entry, ref asked);
            return true;
        }
    }

    private void Take(Journal journal, Entry entry, ref StreamPosition? asked)
    {
        switch (entry)
        {
            case Subscribed subscribed:
                journal.Add(new Note.Began(asked is null || !subscribed.IsRecovered ? null : subscribed.Position, subscribed.Position, asked is null || !subscribed.IsRecovered ? null : true));
                asked = subscribed.Position;
                lock (_confirmed)
                {
                    _confirmed.Add(journal);
                }

                _begun.Beat();
                break;
            case Reset reset:
                journal.Add(new Note.Began(journal.Position, reset.Position, false, reset.Reason));
                break;
            case Publication publication:
                journal.Add(new Note.Shown(publication.Position, publication.Merged, publication.Filtered, System.Text.Encoding.UTF8.GetString(publication.Payload.Span), Gap: null));
                break;
            case Gap gap:
                journal.Add(new Note.Shown(gap.Position, gap.Merged, gap.Filtered, Payload: null, new SeenGap(gap.From, gap.To, gap.Reason)));
                break;
            case Advanced advanced:
                journal.Add(new Note.Told(advanced.Position, advanced.Merged, advanced.Filtered));
                break;
            case Missed missed:
                throw new InvalidDataException($"{Name} missed {missed.Epoch}:{missed.From} to {missed.To} of {journal.Channel.Name}.");
        }
    }
}
