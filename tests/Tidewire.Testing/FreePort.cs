using System.Net;
using System.Net.Sockets;

namespace Tidewire.Testing;

/// <summary>
/// Finds loopback ports that a test can stop and start a listener on. They lie below the range the system takes ports
/// for outgoing connections from: in that range another connection could take the port during the stop, and a client
/// that keeps knocking at its own ephemeral range ends up connected to itself.
/// </summary>
public static class FreePort
{
    private const int Lowest = 20_000;
    private const int Highest = 32_000;
    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Given = [];
    private static readonly Random Choice = new(Environment.ProcessId ^ Environment.TickCount);

    /// <summary>A port that nothing listens on and that this process has not been given before.</summary>
    public static int Next()
    {
        lock (Gate)
        {
            for (var attempt = 0; attempt < 10_000; attempt++)
            {
                var port = Choice.Next(Lowest, Highest);
                if (!Given.Contains(port) && IsFree(port))
                {
                    Given.Add(port);
                    return port;
                }
            }
        }

        throw new InvalidOperationException($"No free port between {Lowest} and {Highest}.");
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
