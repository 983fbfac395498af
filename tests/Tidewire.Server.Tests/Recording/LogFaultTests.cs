using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Server.Tests.NothingLost;
using Tidewire.Testing;

namespace Tidewire.Server.Tests.Recording;

/// <summary>The engine over a disk that refuses, or stands still, at the worst moment.</summary>
public sealed class LogFaultTests : StoreTest
{
    private const string First = "option_trades:SPY";
    private const string Second = "option_trades:QQQ";
    private const string State = "gex:SPY";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _time = new(Friday);
    private readonly List<Hub> _hubs = [];
    private FaultyStore _store = null!;
    private int _published;

    private Hub Hub => _hubs[^1];

    public override void Dispose()
    {
        _store.Goes();
        _hubs.ForEach(static hub => hub.Dispose());
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task After_a_kill_on_a_full_disk_every_channel_goes_on()
    {
        Start();
        await PublishAsync(First, 3);
        await PublishAsync(Second, 3);
        Kill();
        Start();
        _store.Refuses = true;
        await PublishAsync(First, 1);
        Assert.Equal(RecordingState.Degraded, Hub.Recording.State);
        await PublishAsync(Second, 5);
        Assert.Equal(5, Log(Second).Recent(100).Count(static entry => entry.Gap is null));

        _store.Refuses = false;
        await HealAsync();
        await PublishAsync(Second, 2);
        Assert.Equal(0, Hub.Recording.Pending);
        var after = Log(Second).Recent(100);
        Assert.NotNull(after[0].Gap);
        Assert.Equal(GapReason.StoreLost, after[0].Gap!.Reason);
        Assert.Equal(2, after.Count(static entry => entry.Gap is null));
    }

    [Fact]
    public async Task A_reservation_that_comes_late_writes_over_nothing()
    {
        Start();
        await PublishAsync(First, 5);
        Kill();
        Start();
        _store.Blocks();
        Publish(First, 3);
        await _store.BlockedAsync();
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(RecordingState.Degraded, Hub.Recording.State);
        Assert.NotEqual(Hub.Epoch, Log(First).Epoch);
        _store.Goes();
        await HealAsync();
        await PublishAsync(First, 1);

        var kept = _store.Read(First, 1, long.MaxValue, 100, 1 << 20);
        Assert.Equal(Range(1, 5), kept.Take(5).Select(static entry => entry.Offset));
        Assert.Equal(Enumerable.Range(1, 5).Select(static n => $"{{\"n\":{n}}}"), kept.Take(5).Select(static entry => Encoding.UTF8.GetString(entry.Payload)));
        Assert.All(kept.Skip(5), entry => Assert.True(entry.Offset > 64, $"offset {entry.Offset}"));
    }

    [Fact]
    public async Task What_was_shown_under_another_epoch_has_a_gap_under_the_old_one()
    {
        Start();
        var reader = Read(First);
        var since = reader.Connection.PositionOf(reader.Subscription);
        reader.Connection.Dispose();
        _store.Refuses = true;
        await PublishAsync(Second, 1);
        await PublishAsync(First, 4);
        Assert.NotEqual(Hub.Epoch, Log(First).Epoch);
        _store.Refuses = false;
        await HealAsync();
        await PublishAsync(First, 1);
        var past = Hub.Past(Log(First), 100);
        Assert.Equal(Hub.Epoch, since.Epoch);
        Assert.True(past is [{ Gap: { Reason: GapReason.StoreLost, Count: null } }, ..], string.Join(", ", past.Select(static entry => $"{entry.Offset} {entry.Gap}")));
        var again = Read(First, since);
        Assert.True(again.Subscription.Start.Recovered);
    }

    [Fact]
    public async Task A_log_that_was_replaced_holds_no_memory()
    {
        Start();
        await PublishAsync(Second, 1);
        var before = Hub.MemoryUsed;
        _store.Refuses = true;
        for (var i = 0; i < 6; i++)
        {
            await PublishAsync(First, 100, length: 10_000);
            _store.Refuses = false;
            await HealAsync();
            _store.Refuses = true;
            await PublishAsync(Second, 1);
        }

        _store.Refuses = false;
        await HealAsync();
        Assert.True(Hub.MemoryUsed - before < 100_000 + Hub.Logs.Sum(static log => log.Recent(1000).Sum(static entry => entry.Received.Length + 1000L)), $"{Hub.MemoryUsed} bytes");
    }

    [Fact]
    public async Task A_subscription_that_begins_after_its_log_was_replaced_is_closed()
    {
        Start();
        await PublishAsync(Second, 1);
        var (feed, name) = Engine.Resolve(First);
        var transport = new Transport();
        Assert.True(Hub.TryConnect(transport, LineWire.Instance, out var connection));
        Assert.Null(connection.Subscribe(feed, name, since: null, history: 0, out var subscription));
        _store.Refuses = true;
        await PublishAsync(Second, 1);
        await PublishAsync(First, 1);
        Assert.NotEqual(Hub.Epoch, Log(First).Epoch);
        connection.Begin(subscription!);
        await transport.Closed.WaitAsync(Bound);
    }

    [Fact]
    public async Task The_first_reader_back_after_a_kill_waits_for_the_gap()
    {
        Start();
        await PublishAsync(First, 5);
        var since = new StreamPosition(Hub.Epoch, 5);
        Kill();
        Start();
        _store.Blocks();
        var reader = Read(First, since);
        Assert.True(reader.Subscription.Start.Recovered, reader.Subscription.Start.Reason);
        Assert.False(reader.Transport.Closed.IsCompleted);
        _store.Goes();
        await Hub.SettledAsync().WaitAsync(Bound);
        await reader.Transport.UntilAsync("gap\t").WaitAsync(Bound);
        Assert.False(reader.Transport.Closed.IsCompleted);
    }

    [Fact]
    public async Task What_is_published_after_the_end_neither_waits_nor_piles_up()
    {
        Start(static options => options.MaxPendingCommitBytes = 1 << 16);
        await PublishAsync(First, 1);
        Hub.CloseStore();
        await Task.Run(() => Publish(First, 200, length: 1_000), TestContext.Current.CancellationToken).WaitAsync(Bound, TestContext.Current.CancellationToken);
        Assert.InRange(Hub.Recording.Pending, 0, 1);
    }

    [Fact]
    public async Task A_page_that_was_let_go_of_while_it_was_read_costs_nothing()
    {
        Start(static options =>
        {
            options.MemoryBytes = 1 << 20;
            options.MaxLogLength = 64;
            options.History = 0;
        });
        await PublishAsync(First, 400, length: 1_000);
        await PublishAsync(Second, 400, length: 1_000);
        for (var i = 0; i < 8; i++)
        {
            _store.BlocksReadsOf = First;
            var blocked = Task.Run(() => Hub.Past(Log(First), 300), TestContext.Current.CancellationToken);
            await _store.BlockedAsync();
            Assert.NotEmpty(Hub.Past(Log(Second), 300));
            _store.Goes();
            Assert.NotEmpty(await blocked.WaitAsync(Bound, TestContext.Current.CancellationToken));
        }

        var logs = Hub.Logs.Sum(static log => log.Recent(1000).Sum(static entry => entry.Received.Length + 200L));
        Assert.InRange(Hub.MemoryUsed, 0, logs + (2 * 256 * 1_300));
    }

    [Fact]
    public async Task Whoever_asks_how_it_stands_holds_up_no_publisher()
    {
        Start();
        await PublishAsync(State, 1);
        _store.BlocksBytes = true;
        var view = Task.Run(() => Hub.Recording, TestContext.Current.CancellationToken);
        await _store.BlockedAsync();
        await Task.Run(() => Publish(State, 1), TestContext.Current.CancellationToken).WaitAsync(Bound, TestContext.Current.CancellationToken);
        _store.Goes();
        await view;
    }

    [Fact]
    public async Task Channels_on_which_nothing_was_ever_published_are_not_kept_for_ever()
    {
        Start();
        var since = default(StreamPosition);
        for (var i = 0; i < 10_000; i++)
        {
            var reader = Read($"option_trades:A{(char)('A' + (i / 676 % 26))}{(char)('A' + (i / 26 % 26))}{(char)('A' + (i % 26))}");
            since = i == 0 ? reader.Connection.PositionOf(reader.Subscription) : since;
            reader.Connection.Dispose();
            if (i % 512 == 0)
            {
                _time.Advance(TimeSpan.FromSeconds(31));
            }
        }

        _time.Advance(TimeSpan.FromMinutes(1));
        var back = Read("option_trades:AAAA", since);
        await PublishAsync("option_trades:AAAA", 1);
        var isMissed = !back.Subscription.Start.Recovered || Log("option_trades:AAAA").Recent(10) is [{ Gap: not null }, ..];
        Hub.CloseStore();
        Assert.InRange(_store.Closed!.Count, 0, 5_000);
        Assert.True(isMissed);
    }

    [Fact]
    public async Task A_gap_whose_count_is_unknown_stays_so()
    {
        Start();
        await PublishAsync(First, 5);
        Kill();
        Start(static options => options.ReservedOffsets = 1024);
        _store.BlocksCommits = true;
        Publish(First, 2);
        await _store.BlockedAsync();
        _store.Refuses = true;
        _store.Goes();
        await Hub.SettledAsync().WaitAsync(Bound);
        Assert.Equal(RecordingState.Degraded, Hub.Recording.State);
        _store.Refuses = false;
        await HealAsync();
        var gaps = Hub.Past(Log(First), 100).Where(static entry => entry.Gap is { Reason: GapReason.StoreLost }).Select(static entry => entry.Gap!.Count).ToArray();
        Assert.All(gaps, static count => Assert.Null(count));
        Assert.NotEmpty(gaps);
    }

    [Fact]
    public async Task A_commit_that_succeeds_late_is_not_called_lost()
    {
        Start();
        await PublishAsync(First, 5);
        _store.BlocksCommits = true;
        Publish(First, 1);
        await _store.BlockedAsync();
        _time.Advance(TimeSpan.FromSeconds(3));
        await Hub.SettledAsync().WaitAsync(Bound);
        Assert.Equal(RecordingState.Degraded, Hub.Recording.State);
        _store.Goes();
        await HealAsync();
        await PublishAsync(First, 1);
        var past = Hub.Past(Log(First), 100);
        Assert.Equal(Range(1, past.Count), past.Select(static entry => entry.Offset));
        Assert.Equal(past.Select(static entry => entry.Offset), Offsets(_store, First));
        Assert.DoesNotContain(past, static entry => entry.Gap is not null);
    }

    private void Start(Action<FanoutOptions>? configure = null)
    {
        var options = new FanoutOptions { ReservedOffsets = 64 };
        configure?.Invoke(options);
        _store = new FaultyStore(Open());
        _hubs.Add(new Hub(Options.Create(options), simulated: false, _time, NullLogger<Hub>.Instance, meters: null, _store));
    }

    private void Kill() => Hub.Dispose();

    private ChannelLog Log(string channel)
    {
        var (feed, name) = Engine.Resolve(channel);
        return Hub.GetOrAdd(name, feed);
    }

    private void Publish(string channel, int count, int length = 0)
    {
        for (var i = 0; i < count; i++)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{{\"n\":{++_published}}}");
            Hub.Publish(Log(channel), Publication.OfPayload(Encoding.UTF8.GetBytes(text.PadRight(length)), _time.GetUtcNow(), PublicationSource.Socket));
        }
    }

    private async Task PublishAsync(string channel, int count, int length = 0)
    {
        Publish(channel, count, length);
        await Hub.SettledAsync().WaitAsync(Bound, TestContext.Current.CancellationToken);
    }

    private async Task HealAsync()
    {
        for (var i = 0; i < 200 && Hub.Recording.State != RecordingState.Recording; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
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

    private Reader Read(string channel, StreamPosition? since = null)
    {
        var (feed, name) = Engine.Resolve(channel);
        var transport = new Transport();
        Assert.True(Hub.TryConnect(transport, LineWire.Instance, out var connection));
        Assert.Null(connection.Subscribe(feed, name, since, history: 0, out var subscription));
        connection.Begin(subscription!);
        return new Reader(connection, subscription!, transport);
    }

    private sealed record Reader(Connection Connection, Subscription Subscription, Transport Transport);

    private sealed class Transport : IClientTransport
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

    [SuppressMessage("Reliability", "CA2213:Disposable fields should be disposed", Justification = "A thread may still wait on it.")]
    private sealed class FaultyStore(ILogStore store) : ILogStore
    {
        private readonly ManualResetEventSlim _goes = new(initialState: true);
        private readonly SemaphoreSlim _blocked = new(0);

        public volatile bool Refuses;
        public volatile bool BlocksBytes;
        public volatile bool BlocksCommits;
        public volatile string? BlocksReadsOf;

        public string Epoch => store.Epoch;

        public bool WasClosed => store.WasClosed;

        public IReadOnlyList<StoredChannel> Channels => store.Channels;

        public IReadOnlyList<OffsetReservation>? Closed { get; private set; }

        public long Bytes
        {
            get
            {
                if (BlocksBytes)
                {
                    BlocksBytes = false;
                    _goes.Reset();
                    Wait();
                }

                return store.Bytes;
            }
        }

        public void Blocks() => _goes.Reset();

        public void Goes() => _goes.Set();

        public async Task BlockedAsync() => Assert.True(await _blocked.WaitAsync(Bound));

        public void Reserve(IReadOnlyList<OffsetReservation> reservations)
        {
            Write();
            store.Reserve(reservations);
        }

        public void Commit(IReadOnlyList<LoggedEntry> entries)
        {
            if (BlocksCommits)
            {
                BlocksCommits = false;
                _goes.Reset();
            }

            Write();
            store.Commit(entries);
        }

        public void Probe()
        {
            Write();
            store.Probe();
        }

        public IReadOnlyList<Publication> Read(string channel, long from, long below, int most, int mostBytes)
        {
            var read = store.Read(channel, from, below, most, mostBytes);
            if (BlocksReadsOf == channel)
            {
                BlocksReadsOf = null;
                _goes.Reset();
                Wait();
            }

            return read;
        }

        public long? OffsetBack(string channel, long below, int count) => store.OffsetBack(channel, below, count);

        public long? FirstOffset(string channel) => store.FirstOffset(channel);

        public void Close(IReadOnlyList<OffsetReservation> tails)
        {
            Closed = tails;
            Write();
            store.Close(tails);
        }

        public void Dispose()
        {
            _goes.Set();
            store.Dispose();
        }

        private void Write()
        {
            Wait();
            if (Refuses)
            {
                throw new LogStoreException("The disk is full.");
            }
        }

        private void Wait()
        {
            if (!_goes.IsSet)
            {
                _blocked.Release();
                _goes.Wait();
            }
        }
    }
}
