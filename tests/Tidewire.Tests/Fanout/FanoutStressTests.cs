using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Tidewire.Protocol;

namespace Tidewire.Tests.Fanout;

/// <summary>
/// A publisher, readers that lag, and subscriptions that come and go at random, on several threads, against a model that
/// only knows what was published: every reader sees each offset exactly once, in order, or is told.
/// </summary>
public sealed class FanoutStressTests
{
    private static readonly string[] Channels = ["option_trades:SPY", "option_trades:QQQ", "news", "gex:SPY", "gex:QQQ", "price:SPY"];

    [Theory]
    [InlineData(1, 1 << 17)]
    [InlineData(2, 256)]
    public async Task Every_reader_sees_each_offset_once_or_is_told(int seed, int logLength)
    {
        using var world = new FanoutWorld(options =>
        {
            options.MaxLogLength = logLength;
            options.MemoryBytes = logLength > 1000 ? 64 << 20 : 1 << 20;
            options.WriteBytes = 2048;
        });
        var model = new ConcurrentDictionary<(string, long), string>();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(2.2), TimeProvider.System);
        var readers = Enumerable.Range(0, 8).Select(i => new Reader(world, new Random((seed * 100) + i))).ToList();
        var threads = readers.Select(reader => Task.Factory.StartNew(() => reader.Live(stop.Token), TaskCreationOptions.LongRunning)).ToList();
        threads.Add(Task.Factory.StartNew(() => Publish(world, model, new Random(seed), stop.Token), TaskCreationOptions.LongRunning));
        await Task.WhenAll(threads);

        foreach (var reader in readers)
        {
            await reader.FinishAsync(model);
        }

        Assert.True(model.Count > 2_000, $"{model.Count} published");
        Assert.True(readers.Sum(reader => reader.Seen) > 2_000, $"{readers.Sum(reader => reader.Seen)} seen");
        Assert.All(world.Hub.Logs, log => Assert.Equal(0, log.Subscribers));
        Assert.Equal(0, world.Hub.ConnectionsOpen);
    }

    private static void Publish(FanoutWorld world, ConcurrentDictionary<(string, long), string> model, Random random, CancellationToken stop)
    {
        for (var number = 0L; !stop.IsCancellationRequested && number < 40_000; number++)
        {
            var channel = Channels[random.Next(Channels.Length)];
            var text = string.Create(CultureInfo.InvariantCulture, $"{channel} {number} {new string('x', random.Next(100))}");
            Assert.True(model.TryAdd((channel, world.Publish(channel, text).Offset), text));
            if (number % 64 == 0)
            {
                Thread.Yield();
            }
        }
    }

    /// <summary>A client that lags, leaves, comes back by position, and connects anew when it was closed.</summary>
    private sealed class Reader(FanoutWorld world, Random random)
    {
        private readonly List<FanoutClient> _clients = [];
        private FanoutClient? _now;

        public int Seen { get; private set; }

        public void Live(CancellationToken stop)
        {
            while (!stop.IsCancellationRequested)
            {
                if (_now is null || _now.Transport.Closes.Count > 0)
                {
                    _now?.Connection.Dispose();
                    _clients.Add(_now = world.Connect());
                }

                var channel = Channels[random.Next(Channels.Length)];
                switch (random.Next(10))
                {
                    case 0 or 1:
                        Subscribe(channel);
                        break;
                    case 2:
                        _now.Unsubscribe(channel);
                        break;
                    case 3:
                        _now.Transport.Hold();
                        break;
                    case 4 or 5:
                        _now.Transport.Release();
                        break;
                    case 6:
                        _now.Reply($"pong {random.Next()}");
                        break;
                    default:
                        _now.Transport.Take();
                        break;
                }

                Thread.SpinWait(random.Next(20_000));
            }
        }

        /// <summary>Lets the last connection catch up, then holds everything seen against what was published.</summary>
        public async Task FinishAsync(ConcurrentDictionary<(string, long), string> model)
        {
            var now = _now!;
            now.Transport.Release();
            var live = Channels.Where(channel => now.Transport.Closes.Count == 0 && Holds(now, channel)).ToList();
            foreach (var channel in live)
            {
                var tail = world.Log(channel).Tail;
                await now.Transport.UntilAsync(
                    transport => transport.Closes.Count > 0 || LastOf(transport, channel) >= tail,
                    $"offset {tail} of {channel}, subscribed to it");
            }

            foreach (var client in _clients)
            {
                client.Connection.Dispose();
                Check(client.Transport, model);
            }
        }

        private static long LastOf(RecordingTransport transport, string channel)
            => transport.Shown.LastOrDefault(line => line.Channel == channel && (line.Kind is "entry" or "subscribed"))?.Offset ?? 0;

        private static bool Holds(FanoutClient client, string channel)
        {
            var (feed, name) = FanoutWorld.Resolve(channel);
            var before = client.Connection.Channels;
            var error = client.Connection.Subscribe(feed, name, null, 0, out var subscription);
            if (error is null && client.Connection.Channels > before)
            {
                client.Connection.Unsubscribe(name);
                return false;
            }

            return subscription is not null;
        }

        private void Subscribe(string channel)
        {
            var (feed, name) = FanoutWorld.Resolve(channel);
            var channels = _now!.Connection.Channels;
            var since = random.Next(2) == 0 ? new StreamPosition(world.Hub.Epoch, Math.Max(0, LastOf(_now.Transport, channel))) : (StreamPosition?)null;
            if (_now.Connection.Subscribe(feed, name, since, random.Next(20), out var subscription) is null && _now.Connection.Channels > channels)
            {
                var start = subscription!.Start;
                _now.Reply(string.Create(CultureInfo.InvariantCulture, $"subscribed|{name}|{start.Offset}|{(start.Recovered ? 1 : 0)}|{since?.Offset}"));
                _now.Connection.Begin(subscription);
            }
        }

        private void Check(RecordingTransport transport, ConcurrentDictionary<(string, long), string> model)
        {
            Assert.False(transport.Overlapped);
            var at = new Dictionary<string, long>();
            foreach (var line in transport.Shown)
            {
                switch (line.Kind)
                {
                    case "subscribed":
                        Assert.True(line.Merged == 0 || line.Text == line.Offset.ToString(CultureInfo.InvariantCulture), $"{line}: recovered from another place");
                        at[line.Channel] = line.Offset;
                        break;
                    case "entry":
                        Assert.Equal(at[line.Channel] + 1 + line.Merged, line.Offset);
                        Assert.True(line.Merged == 0 || !line.Channel.StartsWith("option", StringComparison.Ordinal), $"{line}: an event was merged");
                        Assert.Equal(model[(line.Channel, line.Offset)], line.Text);
                        at[line.Channel] = line.Offset;
                        Seen++;
                        break;
                    default:
                        Debug.Assert(line.Kind is "reply" or "closing" or "position", line.Kind);
                        break;
                }
            }
        }
    }
}
