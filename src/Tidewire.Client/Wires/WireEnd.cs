using System.Net;
using Tidewire.Protocol;

namespace Tidewire.Client.Wires;

/// <summary>How a connection ended: a value, since every connection ends.</summary>
/// <param name="Reason">In words, without any secret.</param>
internal sealed record WireEnd(string Reason)
{
    /// <summary>Whether it had shown anything at all.</summary>
    public bool Showed { get; init; }

    /// <summary>Whether a subscription was served: what came before is over, and waits begin anew.</summary>
    public bool Served { get; init; }

    /// <summary>Whether that there was nothing speaks against this wire: something answered, but not the server.</summary>
    public bool IsAgainstTheWire { get; init; }

    /// <summary>Set when there is no point in coming back.</summary>
    public TidewireException? Stop { get; init; }

    /// <summary>The least to wait before the next attempt.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>Whether there is no place for now: the short first wait would not help.</summary>
    public bool IsLater { get; init; }

    /// <summary>Whether the token is to be asked for again.</summary>
    public bool NeedsToken { get; init; }

    /// <summary>A better connection that is open already.</summary>
    public SocketWire? Better { get; init; }

    /// <summary>The wire to go on with, when it is another.</summary>
    public Wire? MoveTo { get; init; }

    private static readonly Disconnect[] Known =
        [Disconnect.GoingAway, Disconnect.Policy, Disconnect.TooBig, Disconnect.Unauthenticated, Disconnect.NotAllowed, Disconnect.Slow, Disconnect.TooMany, Disconnect.Expired];

    /// <summary>What a closing code asks for.</summary>
    /// <param name="code">The code.</param>
    /// <param name="reason">What the server said with it.</param>
    /// <param name="reconnect">What the server said about coming back; null when it said nothing.</param>
    public static WireEnd Closed(int code, string? reason, bool? reconnect)
    {
        var rule = Known.FirstOrDefault(known => known.Code == code);
        var words = string.IsNullOrEmpty(reason) ? rule.Reason ?? "the server closed the connection" : reason;
        var end = new WireEnd($"{words} ({code})") { Showed = true };
        if (!(rule.Code == code ? rule.Reconnect : reconnect ?? true))
        {
            return end with { Stop = new TidewireException(code.ToString(System.Globalization.CultureInfo.InvariantCulture), Advice(code, words)) };
        }

        return end with { IsLater = code == Disconnect.TooMany.Code, NeedsToken = code == Disconnect.Expired.Code };
    }

    /// <summary>What it means that an upgrade failed.</summary>
    /// <param name="status">What was answered; 0 for nothing.</param>
    /// <param name="exception">How it failed.</param>
    public static WireEnd NotUpgraded(HttpStatusCode status, Exception exception) => status switch
    {
        HttpStatusCode.Unauthorized => new WireEnd("the upgrade was refused with 401") { NeedsToken = true },
        0 when Endpoint.IsUnreachable(exception) => new WireEnd("the server cannot be reached"),
        0 => new WireEnd("the connection broke before the upgrade was answered") { IsAgainstTheWire = true },
        HttpStatusCode.SwitchingProtocols => new WireEnd("the connection broke before the server's first message") { IsAgainstTheWire = true },
        _ => new WireEnd($"the upgrade was refused with {(int)status}") { IsAgainstTheWire = true },
    };

    private static string Advice(int code, string words) => code switch
    {
        4001 => $"The server refuses the token: {words}. Give a valid one in TidewireClientOptions.Token.",
        4003 => $"The server does not allow this: {words}. Ask its operator for access.",
        1009 => $"The server refuses a message as too big: {words}. Use a shorter filter or fewer channels.",
        _ => $"The server cannot serve this: {words} ({code}).",
    };
}
