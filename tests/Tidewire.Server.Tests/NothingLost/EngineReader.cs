using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Server.Tests.NothingLost;

/// <summary>A client of the engine without a network: what it has taken it has noted, and what it was given and has not taken is lost when it is cut off.</summary>
/// <param name="name">Its name in what is reported.</param>
/// <param name="channels">What it reads.</param>
/// <param name="filter">Its filter; null for none.</param>
internal sealed class EngineReader(string name, IReadOnlyList<ScriptedChannel> channels, ReaderFilter? filter)
{
    private readonly Dictionary<string, Journal> _journals = channels.ToDictionary(channel => channel.Name, channel => new Journal(name, channel, filter));
    private Transport? _transport;
    private Connection? _connection;

    public string Name => name;

    public IReadOnlyCollection<Journal> Journals => _journals.Values;

    public bool IsConnected => _transport is { IsOver: false };

    /// <summary>Connects, and goes on after the position of each channel.</summary>
    /// <param name="hub">The engine.</param>
    /// <param name="since">Where to go on in a channel; its own position by default.</param>
    public void Connect(Hub hub, Func<Journal, StreamPosition?>? since = null)
    {
        Cut();
        Connection? connection = null;
        _transport = new Transport(bytes => LineWire.Read(bytes.Span, _journals, journal => Subscribe(connection!, journal, journal.Position)));
        if (!hub.TryConnect(_transport, LineWire.Instance, out connection))
        {
            throw new InvalidOperationException("The hub takes no connection.");
        }

        _connection = connection;

        foreach (var journal in _journals.Values)
        {
            Subscribe(_connection, journal, since is null ? journal.Position : since(journal));
        }
    }

    /// <summary>Gives a channel up and takes it again after its last position.</summary>
    public void SubscribeAgain(ScriptedChannel channel)
    {
        if (_connection is { } connection && connection.Unsubscribe(Engine.Resolve(channel.Name).Name))
        {
            connection.Send(LineWire.Left(channel.Name)); // after all that was taken of it
        }
    }

    /// <summary>Gone without a word; on return nothing more is noted.</summary>
    public void Cut()
    {
        _transport?.Abort();
        _connection?.Dispose();
        (_transport, _connection) = (null, null);
    }

    public void Pause() => _transport?.Hold();

    public void Resume() => _transport?.Release();

    public Task ShownAsync(Frame frame) => _journals.TryGetValue(frame.Channel, out var journal) ? journal.ShownAsync(frame) : Task.CompletedTask;

    private void Subscribe(Connection connection, Journal journal, StreamPosition? since)
    {
        var (feed, channel) = Engine.Resolve(journal.Channel.Name);
        if (Engine.Subscribe(connection, feed, channel, since, filter, out var subscription) is { } error)
        {
            throw new InvalidOperationException($"{journal} was refused: {error.Message}");
        }

        if (!connection.StartedAsync(subscription!).AsTask().GetAwaiter().GetResult())
        {
            return; // closed meanwhile
        }

        journal.Add(new Note.Began(since, connection.PositionOf(subscription!), since is null ? null : subscription!.Start.Recovered, subscription!.Start.Reason));
        connection.Begin(subscription);
    }

    /// <summary>The way to it.</summary>
    private sealed class Transport(Action<ReadOnlyMemory<byte>> read) : IClientTransport
    {
        private readonly Lock _gate = new();
        private TaskCompletionSource? _waiting;
        private byte[] _given = [];
        private bool _holds;
        private bool _over;

        public bool IsOver
        {
            get
            {
                lock (_gate)
                {
                    return _over;
                }
            }
        }

        public ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
        {
            lock (_gate)
            {
                if (_over)
                {
                    throw new IOException("gone");
                }

                if (!_holds)
                {
                    read(bytes);
                    return ValueTask.CompletedTask;
                }

                _given = bytes.ToArray();
                _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
                return new ValueTask(_waiting.Task);
            }
        }

        public Task CloseAsync(Disconnect disconnect)
        {
            Abort();
            return Task.CompletedTask;
        }

        public void Abort()
        {
            TaskCompletionSource? waiting;
            lock (_gate)
            {
                _over = true;
                (waiting, _waiting) = (_waiting, null);
            }

            waiting?.SetException(new IOException("gone"));
        }

        public void Hold()
        {
            lock (_gate)
            {
                _holds = true;
            }
        }

        public void Release()
        {
            TaskCompletionSource? waiting;
            lock (_gate)
            {
                _holds = false;
                (waiting, _waiting) = (_waiting, null);
                if (waiting is not null)
                {
                    read(_given);
                }
            }

            waiting?.SetResult();
        }
    }
}
