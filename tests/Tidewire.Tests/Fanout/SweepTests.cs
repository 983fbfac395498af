using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Testing;

namespace Tidewire.Tests.Fanout;

/// <summary>What is looked after once a second, and what happens when that goes wrong.</summary>
public sealed class SweepTests
{
    [Fact]
    public async Task A_connection_that_cannot_be_looked_after_costs_the_others_nothing()
    {
        var logger = new ErrorLog();
        var time = new FakeTimeProvider(FanoutWorld.Start);
        using var hub = new Hub(Options.Create(new FanoutOptions()), simulated: false, time, logger);
        var clients = new List<FanoutClient>();
        foreach (var wire in (WireFormat[])[new FaultyWire(), new TextWire(slot: 1), new FaultyWire(), new TextWire(slot: 1)])
        {
            var transport = new RecordingTransport();
            Assert.True(hub.TryConnect(transport, wire, out var connection));
            clients.Add(new FanoutClient(connection, transport));
            clients[^1].Subscribe(FanoutWorld.State);
        }

        for (var told = 1; told <= 3; told++)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            foreach (var client in (FanoutClient[])[clients[1], clients[3]])
            {
                await client.Transport.UntilAsync(transport => transport.Shown.Count(line => line.Kind == "position") == told, $"position {told}");
            }
        }

        Assert.Contains("SweepFailed", logger.Errors);
        Assert.All(clients, client => Assert.Equal(1, client.Connection.Channels));
    }

    [Fact]
    public void A_channel_that_cannot_be_let_go_of_keeps_no_other()
    {
        var logger = new ErrorLog();
        var time = new FakeTimeProvider(FanoutWorld.Start);
        using var hub = new Hub(Options.Create(new FanoutOptions()), simulated: false, time, logger);
        foreach (var channel in (string[])["gex:A", "gex:B", "gex:C"])
        {
            Assert.True(hub.TryConnect(new RecordingTransport(), new TextWire(), out var connection));
            hub.Hold(new FanoutClient(connection, new RecordingTransport()).Subscribe(channel).Log);
            connection.Dispose();
        }

        hub.InterestChanged += log => throw new InvalidOperationException($"of no interest: {log.Name}");
        time.Advance(TimeSpan.FromSeconds(40));
        Assert.Empty(hub.Logs);
        Assert.Equal(3, logger.Errors.Count(error => error == "LettingGoFailed"));
    }

    [Fact]
    public void Ten_thousand_readers_that_leave_as_many_silent_channels_at_once_are_soon_gone()
    {
        const int Readers = 10_000;
        var time = new FakeTimeProvider(FanoutWorld.Start);
        using var hub = new Hub(Options.Create(new FanoutOptions { MaxConnections = Readers }), simulated: false, time, new ErrorLog());
        var wire = new TextWire { Resumes = true };
        var connections = new Connection[Readers];
        for (var i = 0; i < Readers; i++)
        {
            Assert.True(hub.TryConnect(new RecordingTransport(), wire, out connections[i]!));
            new FanoutClient(connections[i], new RecordingTransport()).Subscribe($"gex:T{i}");
        }

        var began = Stopwatch.GetTimestamp();
        Parallel.ForEach(connections, static connection => connection.Dispose());
        var took = Stopwatch.GetElapsedTime(began);
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"figure: {Readers} readers left {Readers} channels in {took.TotalMilliseconds:0} ms"));
        Assert.Equal(1_024, hub.Logs.Count()); // those left last, for half a minute
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Empty(hub.Logs);
    }

    /// <summary>A wire that cannot tell a position.</summary>
    private sealed class FaultyWire() : WireFormat(slot: 2)
    {
        public override byte[] Encode(ChannelLog log, Publication publication, PassedOver passed) => [];

        public override byte[] Position(ChannelLog log, long offset, PassedOver passed) => throw new InvalidOperationException("faulty");

        public override byte[] Closing(Disconnect disconnect) => [];
    }

    private sealed class ErrorLog : ILogger<Hub>
    {
        private readonly List<string?> _errors = [];

        public IReadOnlyList<string?> Errors
        {
            get
            {
                lock (_errors)
                {
                    return [.. _errors];
                }
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_errors)
            {
                _errors.Add(eventId.Name);
            }
        }
    }
}
