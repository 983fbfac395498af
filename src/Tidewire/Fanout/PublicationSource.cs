namespace Tidewire.Fanout;

/// <summary>Where a publication came from; on the wire in lower case as <c>source</c>.</summary>
public enum PublicationSource
{
    /// <summary>The provider's socket.</summary>
    Socket,

    /// <summary>The provider's REST interface.</summary>
    Rest,

    /// <summary>Computed here from other publications.</summary>
    Derived,

    /// <summary>The simulated market: nothing of it was traded.</summary>
    Simulated,

    /// <summary>A recording played back.</summary>
    Replay,
}
