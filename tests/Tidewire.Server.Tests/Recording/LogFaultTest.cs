using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Server.Recording;
using Tidewire.Server.Tests.NothingLost;
using Tidewire.Testing;

namespace Tidewire.Server.Tests.Recording;

/// <summary>A test of the engine over a disk that refuses, or stands still, at the worst moment.</summary>
public abstract class LogFaultTest : StoreTest
{
    protected const string First = "option_trades:SPY";
    protected const string Second = "option_trades:QQQ";
    protected const string State = "gex:SPY";
    internal static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    private readonly List<Hub> _hubs = [];
    private int _published;

    protected FakeTimeProvider Time { get; } = new(Friday);

    internal FaultyStore Store { get; private set; } = null!;

    /// <summary>The real one behind it.</summary>
    internal SqliteLogStore Recorded { get; private set; } = null!;

    protected Hub Hub => _hubs[^1];

    public override void Dispose()
    {
        Store.Goes();
        _hubs.ForEach(static hub => hub.Dispose());
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    protected void Start(Action<FanoutOptions>? configure = null)
    {
        var options = new FanoutOptions { ReservedOffsets = 64 };
        configure?.Invoke(options);
        Recorded = Open();
        Store = new FaultyStore(Recorded);
        _hubs.Add(new Hub(Options.Create(options), simulated: false, Time, NullLogger<Hub>.Instance, meters: null, Store));
    }

    protected void Kill() => Hub.Dispose();

    protected ChannelLog Log(string channel)
    {
        var (feed, name) = Engine.Resolve(channel);
        return Hub.GetOrAdd(name, feed);
    }

    protected void Publish(string channel, int count, int length = 0)
    {
        for (var i = 0; i < count; i++)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{{\"n\":{++_published}}}");
            Hub.Publish(Log(channel), Publication.OfPayload(Encoding.UTF8.GetBytes(text.PadRight(length)), Time.GetUtcNow(), PublicationSource.Socket));
        }
    }

    protected async Task PublishAsync(string channel, int count, int length = 0)
    {
        Publish(channel, count, length);
        await Hub.SettledAsync().WaitAsync(Bound, TestContext.Current.CancellationToken);
    }

    protected async Task HealAsync()
    {
        for (var i = 0; i < 200 && Hub.Recording.State != RecordingState.Recording; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            for (var j = 0; j < 100 && Hub.Recording.State != RecordingState.Recording; j++)
            {
                await Task.Yield();
                Thread.Yield();
            }
        }

        Assert.Equal(RecordingState.Recording, Hub.Recording.State);
        await Hub.SettledAsync().WaitAsync(Bound, TestContext.Current.CancellationToken);
        for (var i = 0; i < 10_000 && Hub.Logs.Any(log => log.Epoch != Hub.Epoch); i++)
        {
            await Task.Yield();
            Thread.Yield();
        }

        await Hub.SettledAsync().WaitAsync(Bound, TestContext.Current.CancellationToken);
    }

    internal async Task<Reader> ReadAsync(string channel, StreamPosition? since = null)
    {
        var (feed, name) = Engine.Resolve(channel);
        var transport = new Transport();
        Assert.True(Hub.TryConnect(transport, LineWire.Instance, out var connection));
        Assert.Null(connection.Subscribe(feed, name, since, history: 0, out var subscription));
        Assert.True(await connection.StartedAsync(subscription!).AsTask().WaitAsync(Bound, TestContext.Current.CancellationToken));
        connection.Begin(subscription!);
        return new Reader(connection, subscription!, transport);
    }

    internal sealed record Reader(Connection Connection, Subscription Subscription, Transport Transport);

    internal sealed class Transport : IClientTransport
    {
        private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly StringBuilder _text = new();
        private readonly Pulse _changed = new();

        public Task Closed => _closed.Task;

        public ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
        {
            lock (_text)
            {
                _text.Append(Encoding.UTF8.GetString(bytes.Span));
            }

            _changed.Beat();
            return ValueTask.CompletedTask;
        }

        public Task CloseAsync(Disconnect disconnect)
        {
            _closed.TrySetResult();
            return Task.CompletedTask;
        }

        public void Abort()
        {
        }

        public Task UntilAsync(string text) => _changed.UntilAsync(
            () =>
            {
                lock (_text)
                {
                    return _text.ToString().Contains(text, StringComparison.Ordinal);
                }
            },
            () => text);
    }
}
