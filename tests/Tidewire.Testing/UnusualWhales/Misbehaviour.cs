using System.Collections.Immutable;

namespace Tidewire.Testing.UnusualWhales;

/// <summary>How the channel limit is spelled. The true frame is only known not to be a two-element array (P4).</summary>
public enum LimitSpelling
{
    /// <summary>The text alone, which is not JSON.</summary>
    BareText,

    /// <summary>The text as a JSON string.</summary>
    JsonString,

    /// <summary><c>{"error":"…"}</c>.</summary>
    JsonObject,

    /// <summary><c>["…"]</c>.</summary>
    OneElementArray,
}

/// <summary>
/// The ways in which <see cref="FakeUnusualWhales"/> can go wrong, all off at first. Each can be switched at any time and
/// applies from the next handshake, join or frame on. P numbers are those of PROTOCOL.md, section 8.
/// </summary>
public sealed class Misbehaviour
{
    private int _refusalsLeft = int.MaxValue;
    private int _shedsLeft;
    private int _joinsToLose;

    // The handshake

    /// <summary>P2, P21, P23: answers the upgrade with this instead of 101.</summary>
    public Refusal? Refusal { get; set; }

    /// <summary>How many upgrades <see cref="Refusal"/> still turns away; for ever by default.</summary>
    public int RefusalsLeft { get => _refusalsLeft; set => _refusalsLeft = value; }

    /// <summary>P2: accepts the TCP connection and never answers the upgrade.</summary>
    public bool UpgradeUnanswered { get; set; }

    /// <summary>Answers 101 with a Sec-WebSocket-Accept that does not fit the key, as a broken proxy would.</summary>
    public bool WrongAcceptKey { get; set; }

    /// <summary>More open connections than this are refused with 429.</summary>
    public int? ConnectionLimit { get; set; }

    // The session

    /// <summary>P1, P5: upgraded, then not a word: no acks, no data. Pings are answered.</summary>
    public bool Silent { get; set; }

    /// <summary>
    /// P1: half-open TCP. What the client sends is discarded (joins, pings, close frames), nothing is sent, the
    /// connection stays up. The client's own hanging up is still seen.
    /// </summary>
    public bool HalfOpen { get; set; }

    /// <summary>P1: pings get no pong; everything else works.</summary>
    public bool PingsUnanswered { get; set; }

    /// <summary>P1, P20: while several connections are open only the oldest receives; the others are silent.</summary>
    public bool OneConnectionReceives { get; set; }

    /// <summary>P30: unknown text frames sent right after each upgrade.</summary>
    public ImmutableArray<string> OpeningFrames { get; set; } = [];

    /// <summary>P21: how many connections to end right after the upgrade.</summary>
    public int ShedsLeft { get => _shedsLeft; set => _shedsLeft = value; }

    /// <summary>P21: how those connections end.</summary>
    public Parting ShedBy { get; set; } = Parting.Reset;

    /// <summary>Ends each connection once it has sent this many text frames, acks included; see <see cref="PartBy"/>.</summary>
    public int? PartAfterFrames { get; set; }

    /// <summary>P2, P6, P8: how <see cref="PartAfterFrames"/> ends a connection.</summary>
    public Parting PartBy { get; set; } = Parting.Reset;

    /// <summary>P1: falls silent once a connection has sent this many text frames, acks included. Pings are answered.</summary>
    public int? MuteAfterFrames { get; set; }

    // Joins

    /// <summary>P3: forms whose join is taken but never acknowledged.</summary>
    public ImmutableHashSet<string> NeverAcked { get; set; } = [];

    /// <summary>P3: forms whose join is refused with <c>status:"error"</c>.</summary>
    public ImmutableHashSet<string> RefusedForms { get; set; } = [];

    /// <summary>Forms acknowledged upon every join although no one asked for them.</summary>
    public ImmutableHashSet<string> AckedUnasked { get; set; } = [];

    /// <summary>P4: joins beyond this many get no ack but a frame with the limit's text.</summary>
    public int? ChannelLimit { get; set; }

    /// <summary>P4: how that text is sent.</summary>
    public LimitSpelling LimitSpelling { get; set; }

    /// <summary>P3: how many of the next joins are lost without a trace.</summary>
    public int JoinsToLose { get => _joinsToLose; set => _joinsToLose = value; }

    /// <summary>P3: how late acks come, by the clock that the fake was given.</summary>
    public TimeSpan AckDelay { get; set; }

    /// <summary>P10: how often a join is acknowledged.</summary>
    public int AcksPerJoin { get; set; } = 1;

    /// <summary>The ack of a channel comes only after its first data frame.</summary>
    public bool AckAfterData { get; set; }

    /// <summary>Given a form that is being joined, the payload to send ahead of the ack; null for none.</summary>
    public Func<string, string?>? DataBeforeAck { get; set; }

    /// <summary>Leaves are acknowledged as joins are. Off: the vendor's answer to a leave is not on record.</summary>
    public bool LeavesAcked { get; set; }

    // Frames

    /// <summary>P7: how often each frame is sent.</summary>
    public int CopiesPerFrame { get; set; } = 1;

    /// <summary>Splits each text message into frames of at most this many bytes; 0 does not split.</summary>
    public int FragmentBytes { get; set; }

    /// <summary>Sends a ping between the fragments of a message.</summary>
    public bool PingsBetweenFragments { get; set; }

    /// <summary>Sends each text frame byte by byte, this far apart by the clock that the fake was given; zero only splits the writes.</summary>
    public TimeSpan? Trickle { get; set; }

    /// <summary>Whether frames go out as they are, so that many can share one write.</summary>
    internal bool FramesAreWhole => CopiesPerFrame == 1 && FragmentBytes == 0 && Trickle is null && PartAfterFrames is null && MuteAfterFrames is null;

    internal Refusal? TakeRefusal() => Refusal is { } refusal && Take(ref _refusalsLeft) ? refusal : null;

    internal bool TakeShed() => Take(ref _shedsLeft);

    internal bool TakeLostJoin() => Take(ref _joinsToLose);

    private static bool Take(ref int left)
    {
        int seen;
        while ((seen = Volatile.Read(ref left)) > 0)
        {
            if (seen == int.MaxValue || Interlocked.CompareExchange(ref left, seen - 1, seen) == seen)
            {
                return true;
            }
        }

        return false;
    }
}
