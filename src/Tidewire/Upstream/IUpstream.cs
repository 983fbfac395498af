using Tidewire.Fanout;

namespace Tidewire.Upstream;

/// <summary>
/// Where frames come from: the provider's socket, a simulated market, later a replay. One object lives as long as the
/// process; <see cref="RunAsync"/> is called again for each session, never twice at a time.
/// </summary>
public interface IUpstream
{
    /// <summary>Short name for logs and the status: <c>uw</c> or <c>simulated</c>.</summary>
    string Name { get; }

    /// <summary>The source that publications of this upstream carry.</summary>
    PublicationSource Source { get; }

    /// <summary>
    /// Runs one session until it ends and says why. An expected end (refused, lost, turned away) is a value;
    /// only cancellation and bugs throw.
    /// </summary>
    /// <param name="listener">Told when the session is open and given every frame, in order, from one thread at a time.</param>
    /// <param name="stopping">Ends the session politely (close code 1000).</param>
    Task<UpstreamEnd> RunAsync(IUpstreamListener listener, CancellationToken stopping);

    /// <summary>Asks the provider for a channel. Valid while a session is open; a session that has ended ignores it.</summary>
    /// <param name="form">The form to join, such as <c>flow-alerts</c> or <c>gex:SPY</c>.</param>
    /// <param name="cancellation">Gives up waiting for the frame to be sent.</param>
    ValueTask JoinAsync(string form, CancellationToken cancellation);

    /// <summary>Tells the provider that a channel is no longer wanted. Valid while a session is open.</summary>
    /// <param name="form">The form that was joined.</param>
    /// <param name="cancellation">Gives up waiting for the frame to be sent.</param>
    ValueTask LeaveAsync(string form, CancellationToken cancellation);
}

/// <summary>The other side of a session: what an upstream tells as it happens. Calls never block and never throw.</summary>
public interface IUpstreamListener
{
    /// <summary>The session is open: joins may be sent. Called once per session, before the first frame.</summary>
    void Opened();

    /// <summary>One whole text frame as the provider sent it, spacing included. The array is given away: the upstream never touches it again.</summary>
    /// <param name="frame">UTF-8 bytes of the frame.</param>
    void Frame(byte[] frame);

    /// <summary>Something arrived that is not a text frame and was left out.</summary>
    /// <param name="fault">Why it was left out.</param>
    void Skipped(FrameFault fault);
}
