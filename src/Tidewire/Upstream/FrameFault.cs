namespace Tidewire.Upstream;

/// <summary>Why a frame of the upstream did not become a publication. Counted by reason in the status.</summary>
public enum FrameFault
{
    /// <summary>Not JSON, or JSON nested too deep.</summary>
    MalformedJson,

    /// <summary>JSON, but neither <c>[channel, object]</c> nor any other shape the provider is known to send.</summary>
    UnknownShape,

    /// <summary>A well-formed data frame of a channel that no one asked for.</summary>
    UnknownChannel,

    /// <summary>The provider reported an error, for one channel or for the connection.</summary>
    ErrorFrame,

    /// <summary>The provider said that no more channels can be joined.</summary>
    ChannelLimit,

    /// <summary>An acknowledgement of a channel that was not asked for.</summary>
    UnknownAcknowledgement,

    /// <summary>A binary frame; the provider speaks text only.</summary>
    BinaryFrame,

    /// <summary>A frame larger than <c>Upstream:MaxFrameBytes</c>.</summary>
    TooLarge,

    /// <summary>An empty text frame.</summary>
    Empty,

    /// <summary>A frame that made our own code fail; a report of it is welcome.</summary>
    Undecodable,

    /// <summary>A good frame that our own queue had no room for.</summary>
    DroppedByUs,

    /// <summary>A publication that was published before: the same id with the same bytes.</summary>
    Duplicate,
}
