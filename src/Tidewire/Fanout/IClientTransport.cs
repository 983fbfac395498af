using Tidewire.Protocol;

namespace Tidewire.Fanout;

/// <summary>
/// The way to one client: takes ready bytes in order. Called by its <see cref="Connection"/> only, one send at a time.
/// </summary>
public interface IClientTransport
{
    /// <summary>
    /// Hands bytes to the network. Completes once they are accepted, which is when the next may follow: a client that
    /// does not read keeps it waiting. The memory is the caller's again on completion.
    /// </summary>
    /// <param name="bytes">Whole frames.</param>
    /// <exception cref="IOException">The client is gone.</exception>
    ValueTask SendAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>
    /// Bytes that have reached the client's machine, so that a client that takes little is told from one that takes nothing;
    /// null where that cannot be known. May be called at any time.
    /// </summary>
    long? Acknowledged => null;

    /// <summary>Ends the connection politely, after everything sent. Never throws.</summary>
    /// <param name="disconnect">Code and reason.</param>
    Task CloseAsync(Disconnect disconnect);

    /// <summary>Ends the connection at once. Never throws; may be called at any time, more than once.</summary>
    void Abort();
}
