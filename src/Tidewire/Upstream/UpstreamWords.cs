using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Upstream;

/// <summary>How states and reasons are written in answers and in metrics.</summary>
public static class UpstreamWords
{
    /// <summary>The name of a state of the upstream.</summary>
    /// <param name="state">The state.</param>
    public static string Name(UpstreamState state) => state switch
    {
        UpstreamState.Disabled => "disabled",
        UpstreamState.Connecting => "connecting",
        UpstreamState.Connected => "connected",
        UpstreamState.Simulated => "simulated",
        UpstreamState.NotEntitled => "not_entitled",
        _ => "disconnected",
    };

    /// <summary>The name of a state of a channel.</summary>
    /// <param name="state">The state.</param>
    public static string Name(ChannelState state) => state switch
    {
        ChannelState.Waiting => "waiting",
        ChannelState.Requested => "requested",
        ChannelState.Joined => "joined",
        ChannelState.Live => "live",
        ChannelState.Silent => "silent",
        _ => "refused",
    };

    /// <summary>The name of what was measured of a channel.</summary>
    /// <param name="measured">What was measured.</param>
    public static string Name(Measured measured) => measured switch
    {
        Measured.Verified => "verified",
        Measured.Silent => "silent",
        Measured.Refused => "refused",
        Measured.Fallback => "fallback",
        Measured.Derived => "derived",
        _ => "unknown",
    };

    /// <summary>The name of a reason for which a frame was skipped.</summary>
    /// <param name="fault">The reason.</param>
    public static string Name(FrameFault fault) => fault switch
    {
        FrameFault.MalformedJson => "malformed_json",
        FrameFault.UnknownShape => "unknown_shape",
        FrameFault.UnknownChannel => "unknown_channel",
        FrameFault.ErrorFrame => "error_frame",
        FrameFault.ChannelLimit => "channel_limit",
        FrameFault.UnknownAcknowledgement => "unknown_acknowledgement",
        FrameFault.BinaryFrame => "binary_frame",
        FrameFault.TooLarge => "too_large",
        FrameFault.Empty => "empty",
        FrameFault.Undecodable => "undecodable",
        FrameFault.Duplicate => "duplicate",
        _ => "dropped_by_us",
    };

    /// <summary>The name of the way a session ended.</summary>
    /// <param name="kind">The way.</param>
    public static string Name(UpstreamEndKind kind) => kind switch
    {
        UpstreamEndKind.CannotConnect => "cannot_connect",
        UpstreamEndKind.NotEntitled => "not_entitled",
        UpstreamEndKind.TurnedAway => "turned_away",
        UpstreamEndKind.Lost => "lost",
        _ => "stopped",
    };

    /// <summary>The name of the way a REST request ended.</summary>
    /// <param name="kind">The way.</param>
    public static string Name(RestOutcomeKind kind) => kind switch
    {
        RestOutcomeKind.Ok => "ok",
        RestOutcomeKind.NotModified => "not_modified",
        RestOutcomeKind.RateLimited => "rate_limited",
        RestOutcomeKind.NoBudget => "no_budget",
        RestOutcomeKind.NotEntitled => "not_entitled",
        RestOutcomeKind.BadRequest => "bad_request",
        RestOutcomeKind.NotFound => "not_found",
        RestOutcomeKind.ServerError => "server_error",
        _ => "network",
    };

    /// <summary>The name of what was measured of a REST resource.</summary>
    /// <param name="state">What was measured.</param>
    public static string Name(RestAccessState state) => state switch
    {
        RestAccessState.Open => "open",
        RestAccessState.NotEntitled => "not_entitled",
        RestAccessState.NotFound => "not_found",
        RestAccessState.Failing => "failing",
        _ => "unknown",
    };
}
