using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Tidewire.Server.Sockets;

/// <summary>
/// What the kernel holds for a client that does not read. Left to itself it grows to megabytes for each, which no bound of
/// ours sees.
/// </summary>
internal static class SendBuffer
{
    /// <summary>
    /// Bytes that may be under way to a client; Linux doubles the number for its own needs. On a way of 50 ms it lets about
    /// 40 Mbit/s pass.
    /// </summary>
    public const int Length = 256 << 10;

    /// <summary>
    /// Connections that the kernel completes before we take them: thousands come back in one moment when a way to us is cut,
    /// and one that finds no room tries again only after a second. The system's own bound, net.core.somaxconn, may be lower.
    /// </summary>
    public const int Backlog = 8192;

    /// <summary>Bytes that wait in the kernel and are not under way: what comes after stays with us, where a state feed conflates it.</summary>
    private const int NotSentLength = 64 << 10;

    // Linux: IPPROTO_TCP, TCP_INFO and where its tcpi_bytes_acked stands, TCP_NOTSENT_LOWAT.
    private const int Tcp = 6;
    private const int Info = 11;
    private const int NotSentLowWater = 25;
    private const int AcknowledgedAt = 120;

    /// <summary>Opens a socket to listen on whose connections inherit the bound.</summary>
    public static Socket Listen(EndPoint endpoint)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        socket.SendBufferSize = Length;
        if (OperatingSystem.IsLinux())
        {
            socket.SetRawSocketOption(Tcp, NotSentLowWater, BitConverter.GetBytes(NotSentLength));
        }

        return socket;
    }

    /// <summary>Bytes that the client's side has acknowledged; null where the system does not tell.</summary>
    public static long? Acknowledged(Socket? socket)
    {
        if (socket is null || !OperatingSystem.IsLinux())
        {
            return null;
        }

        Span<byte> info = stackalloc byte[AcknowledgedAt + sizeof(long)];
        try
        {
            return socket.GetRawSocketOption(Tcp, Info, info) == info.Length ? BitConverter.ToInt64(info[AcknowledgedAt..]) : null;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return null; // it is being closed
        }
    }
}
