using System.Buffers.Text;
using System.Text;
using Tidewire.Testing.Clients;
using Tidewire.Testing.UnusualWhales;

namespace Tidewire.Server.Tests.Sockets;

/// <summary>What was counted over all clients of a load.</summary>
internal sealed record LoadReport(PumpReport Pump, long Deliveries, long Lost, long Twice, long Reordered, long Ended, double P50, double P99, double Max);

/// <summary>
/// Many clients on the three sockets, one numbered channel. Each number that was handed to an open, joined connection is
/// due once at each client. Messages carry the time they were sent, so that latency is known too.
/// </summary>
internal sealed class Load(ServerUnderTest server, FakeUnusualWhales provider) : IAsyncDisposable
{
    private const string Channel = "option_trades";

    /// <summary>A real trade's length: it fills up what the numbers leave.</summary>
    private static readonly string Rest = $"\"option_chain_id\":\"SPY260320C00600000\",\"pad\":\"{new string('x', 300)}\"";

    private readonly List<Reader> _readers = [];
    private readonly byte[] _payload = new byte[512];

    /// <summary>Connects clients, a third on each socket, and waits until each has subscribed.</summary>
    public async Task ConnectAsync(int clients)
    {
        for (var i = 0; i < clients; i++)
        {
            _readers.Add(await Reader.ConnectAsync(server.Url, i % 3));
        }

        await provider.WaitForJoinAsync(Channel);
        await ServerUnderTest.UntilAsync(() => server.Hub.Logs.Sum(log => log.Subscribers) == clients, $"{clients} subscribers");
    }

    /// <summary>Sends at a rate for a while, doing something else meanwhile, and waits until every client has seen the last number.</summary>
    public async Task<LoadReport> RunAsync(double rate, TimeSpan duration, Func<Task>? meanwhile = null)
    {
        var pumping = provider.PumpAsync(Channel, rate, duration, Payload);
        await (meanwhile?.Invoke() ?? Task.CompletedTask);
        var pump = await pumping;
        var last = pump.Sent - 1;
        await ServerUnderTest.UntilAsync(
            () => _readers.TrueForAll(reader => reader.Last >= last || reader.HasEnded),
            $"number {last} at every client: {_readers.Count(reader => reader.Last < last)} of {_readers.Count} wait, {server.Upstream.View}");
        var latencies = _readers.SelectMany(reader => reader.Latencies).Order().ToArray();
        double At(double share) => latencies.Length == 0 ? 0 : latencies[Math.Min(latencies.Length - 1, (int)(latencies.Length * share))];
        return new LoadReport(
            pump,
            _readers.Sum(reader => reader.Check.Received),
            _readers.Sum(reader => reader.Check.Missing + Math.Max(0, reader.Check.First) + Math.Max(0, last - reader.Check.Last)),
            _readers.Sum(reader => reader.Check.Duplicates),
            _readers.Sum(reader => reader.Check.Reordered),
            _readers.Count(reader => reader.HasEnded),
            At(0.5),
            At(0.99),
            At(1));
    }

    /// <summary>How many Tidewire clients saw an entry out of its place: the rule of the offsets, gaps included.</summary>
    public int OffsetsBroken => _readers.Count(reader => !reader.Offsets.IsPerfect);

    /// <summary>Gaps that the Tidewire clients were told of.</summary>
    public IReadOnlyList<int> Gaps => [.. _readers.Where(reader => reader.IsTidewire).Select(reader => reader.Gaps)];

    public async ValueTask DisposeAsync()
    {
        foreach (var reader in _readers)
        {
            await reader.DisposeAsync();
        }
    }

    private ReadOnlyMemory<byte> Payload(long number) =>
        _payload.AsMemory(0, Encoding.UTF8.GetBytes($"{{\"seq\":{number},\"at\":{TimeProvider.System.GetTimestamp()},{Rest}}}", _payload));

    private sealed class Reader : IAsyncDisposable
    {
        private LoadClient? _client;
        private long _last = -1;

        public SequenceCheck Check { get; } = new();

        public SequenceCheck Offsets { get; } = new("offset");

        public List<double> Latencies { get; } = [];

        public int Gaps { get; private set; }

        public bool IsTidewire { get; private init; }

        public long Last => Volatile.Read(ref _last);

        public bool HasEnded => _client!.Completion.IsCompleted;

        public static async Task<Reader> ConnectAsync(Uri server, int wire)
        {
            var reader = new Reader { IsTidewire = wire < 2 };
            reader._client = await LoadClient.ConnectAsync(
                new Uri(server, wire switch { 0 => "/api/ws", 1 => $"/api/stream/ws/{Channel}", _ => "/socket?token=x" }), reader.Take);
            switch (wire)
            {
                case 0:
                    reader._client.SendText($$"""{"type":"subscribe","channel":"{{Channel}}"}""");
                    break;
                case 2:
                    reader._client.SendText($$"""{"channel":"{{Channel}}","msg_type":"join"}""");
                    break;
            }

            return reader;
        }

        public ValueTask DisposeAsync() => _client!.DisposeAsync();

        private void Take(ReadOnlySpan<byte> message)
        {
            var number = Check.Observe(message);
            var isGap = number < 0 && message.StartsWith("{\"type\":\"gap\""u8);
            Gaps += isGap ? 1 : 0;
            if (IsTidewire && (number >= 0 || isGap))
            {
                Offsets.Observe(message);
            }

            if (number < 0)
            {
                return;
            }

            // One in fifty is enough to know the distribution.
            if (number % 50 == 0 && message.IndexOf("\"at\":"u8) is var at and >= 0 && Utf8Parser.TryParse(message[(at + 5)..], out long sent, out _))
            {
                Latencies.Add(TimeProvider.System.GetElapsedTime(sent).TotalMilliseconds);
            }

            Volatile.Write(ref _last, Math.Max(_last, number));
        }
    }
}
