using System.Net;
using System.Net.Sockets;
using Tidewire.Server.Sockets.Direct;
using Tidewire.Testing;

namespace Tidewire.Server.Tests.Sockets.Direct;

/// <summary>What a transport gives to the kernel at once, and what waits for the client.</summary>
public sealed class DirectTransportTests : IDisposable
{
    private readonly Socket _client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _server;
    private readonly DirectTransport _transport;

    public DirectTransportTests()
    {
        using var listening = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listening.Listen();
        _client.Connect(listening.LocalEndPoint!);
        _server = listening.Accept();
        _transport = new DirectTransport(_server);
    }

    public void Dispose()
    {
        _transport.Dispose();
        _client.Dispose();
    }

    [Fact]
    public async Task What_the_kernel_does_not_take_waits_and_follows_in_order()
    {
        var written = 0L;
        var frame = new byte[100_000];
        ValueTask sending;
        do
        {
            Number(frame, written);
            written += frame.Length;
            sending = _transport.SendAsync(frame); // on this thread: one that waited for the client would never return
        }
        while (sending.IsCompletedSuccessfully);

        Assert.True(_transport.IsSending);
        Assert.False(_transport.TryPing()); // nothing is sent beside what waits
        var waiting = sending.AsTask();
        var received = new byte[64 << 10];
        for (var read = 0L; read < written;)
        {
            var count = await _client.ReceiveAsync(received.AsMemory()).AsTask().WithinBound($"byte {read} of {written}");
            Assert.NotEqual(0, count);
            for (var i = 0; i < count; i++)
            {
                Assert.Equal((byte)((read + i) % 251), received[i]);
            }

            read += count;
        }

        await waiting.WithinBound("the send to be taken");
        Assert.Equal(written, _transport.Sent);
        await _transport.SendAsync(frame).AsTask().WithinBound("the next send to be taken");
    }

    [Fact]
    public async Task A_send_to_a_client_that_is_gone_fails_and_so_does_the_next()
    {
        _client.LingerState = new LingerOption(enable: true, seconds: 0);
        _client.Close();
        var frame = new byte[10_000];
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                await _transport.SendAsync(frame);
            }
        });
        await Assert.ThrowsAsync<IOException>(() => _transport.SendAsync(frame).AsTask());
    }

    /// <summary>Each byte tells where it stands in all that is sent.</summary>
    private static void Number(byte[] frame, long from)
    {
        for (var i = 0; i < frame.Length; i++)
        {
            frame[i] = (byte)((from + i) % 251);
        }
    }
}
