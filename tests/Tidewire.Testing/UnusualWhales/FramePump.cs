using Tidewire.Testing.WebSockets;

namespace Tidewire.Testing.UnusualWhales;

/// <summary>What a pump did.</summary>
/// <param name="Sent">Messages handed to a connection: the numbers 0 to Sent - 1.</param>
/// <param name="LeftOut">Messages that fell due while no connection had joined the channel, or while the provider was scripted to be silent.</param>
/// <param name="Interrupted">Of the sent ones, those in writes that failed half-way.</param>
/// <param name="Elapsed">From the start to the last write.</param>
/// <param name="LongestWrite">The longest time that one write took: how long the client did not read.</param>
public sealed record PumpReport(long Sent, long LeftOut, long Interrupted, TimeSpan Elapsed, TimeSpan LongestWrite)
{
    /// <summary>Messages per second.</summary>
    public double Rate => Elapsed > TimeSpan.Zero ? Sent / Elapsed.TotalSeconds : 0;
}

/// <summary>Sends data frames of one channel by schedule, many to a write.</summary>
internal sealed class FramePump(string channel, Func<long, ReadOnlyMemory<byte>> payload, Func<IReadOnlyList<FakeSession>> open)
{
    private const int WriteBytes = 256 * 1024;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private readonly byte[] _prefix = ProviderFrames.DataPrefix(channel);
    private byte[] _buffer = new byte[WriteBytes + 4096];
    private int _length;
    private long _sent;
    private long _leftOut;
    private long _interrupted;
    private TimeSpan _longestWrite;

    public async Task<PumpReport> RunAsync(double rate, TimeSpan duration, CancellationToken cancellation)
    {
        var time = TimeProvider.System;
        var started = time.GetTimestamp();
        var all = (long)Math.Round(rate * duration.TotalSeconds);
        using var ticks = new PeriodicTimer(Tick, time);
        try
        {
            while (_sent + _leftOut < all && await ticks.WaitForNextTickAsync(cancellation))
            {
                var due = Math.Min(all, (long)(rate * time.GetElapsedTime(started).TotalSeconds));
                while (_sent + _leftOut < due && !cancellation.IsCancellationRequested)
                {
                    await SendAsync(due - _sent - _leftOut);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The test has seen enough.
        }

        return new(_sent, _leftOut, _interrupted, time.GetElapsedTime(started), _longestWrite);
    }

    /// <summary>Sends what is due, or as much of it as one write holds, to each connection that joined the channel.</summary>
    private async ValueTask SendAsync(long due)
    {
        var sessions = open().Where(session => session.Joined.Contains(channel) && session.Speaks).ToArray();
        if (sessions.Length == 0)
        {
            _leftOut += due;
            return;
        }

        var whole = sessions.All(session => session.FramesAreWhole);
        var count = whole ? Fill(due) : 1;
        var single = whole ? [] : ProviderFrames.Data(channel, payload(_sent).Span);
        _sent += count;
        var began = TimeProvider.System.GetTimestamp();
        foreach (var session in sessions)
        {
            try
            {
                _ = whole
                    ? await session.SendEncodedAsync(_buffer.AsMemory(0, _length), count)
                    : await session.SendTextAsync(single, channel);
            }
            catch (Exception e) when (FakeUnusualWhales.IsHangUp(e))
            {
                _interrupted += count;
            }
        }

        var took = TimeProvider.System.GetElapsedTime(began);
        _longestWrite = took > _longestWrite ? took : _longestWrite;
    }

    /// <summary>Encodes up to this many frames into the buffer and returns how many.</summary>
    private int Fill(long most)
    {
        _length = 0;
        var count = 0;
        while (count < most && _length < WriteBytes)
        {
            var json = payload(_sent + count).Span;
            var message = _prefix.Length + json.Length + 1;
            var needed = _length + FrameBytes.MaxHeader + message;
            if (needed > _buffer.Length)
            {
                Array.Resize(ref _buffer, needed * 2);
            }

            var target = _buffer.AsSpan(_length);
            var header = FrameBytes.WriteHeader(target, Opcode.Text, message);
            _prefix.CopyTo(target[header..]);
            json.CopyTo(target[(header + _prefix.Length)..]);
            target[header + message - 1] = (byte)']';
            _length += header + message;
            count++;
        }

        return count;
    }
}
