using System.CommandLine;
using Tidewire.Protocol;

namespace Tidewire.Server.Verbs;

/// <summary><c>tidewire tail</c>: shows what a channel carries, as it comes.</summary>
internal static class TailVerb
{
    private static readonly Argument<string[]> Channels = new("CHANNEL") { Arity = ArgumentArity.OneOrMore, Description = "A feed such as flow-alerts, or a feed and a symbol such as gex:SPY." };
    private static readonly Option<Uri> Url = ServerOptions.Url();
    private static readonly Option<string?> Filter = new("--filter") { Description = "Show only what passes, such as 'total_premium >= 100K and ticker in (SPY, TSLA)'." };
    private static readonly Option<string?> Since = new("--since") { Description = "Begin after a position (epoch:offset), or so long ago (90s, 10m, 2h, 1d), as far as the server holds it." };
    private static readonly Option<int> History = new("--history") { Description = "First show up to so many of the past, 0 to 1000." };
    private static readonly Option<bool> Speed = new("--speed") { Description = "Show messages per second and their delay once a second instead of the messages." };
    private static readonly Option<bool> Json = new("--json") { Description = "One JSON object per line, also on a terminal." };
    private static readonly Option<bool> NoColour = new("--no-colour") { Description = "No colours; so also when NO_COLOR is set." };
    private static readonly Option<long?> Count = new("--count") { Description = "End after so many messages." };
    private static readonly Option<string?> For = new("--for") { Description = "End after so long, such as 30s." };
    private static readonly Option<string?> TokenFile = ServerOptions.TokenFile();

    public static Command Create()
    {
        NoColour.Aliases.Add("--no-color");
        var command = new Command("tail", """
            Shows what channels carry, as it comes: a table on a terminal, one JSON object per line otherwise.
            Comes back by itself and goes on where it was. What is missing is a line of its own.

            Exit codes:
              0    ended as asked (--count, --for)
              1    the server refused: no such channel, a filter that cannot be read, not allowed
              2    called wrongly
              3    the server could not be reached within 10 s
              130  interrupted

            Examples:
              tidewire tail flow-alerts --filter 'total_premium >= 100K'
              tidewire tail gex:SPY price:SPY
              tidewire tail off_lit_trades --since 10m --json | jq .data.price
              tidewire tail flow-alerts --history 20 --count 20
              tidewire tail option_trades --speed --for 30s
            """)
        {
            Channels, Url, Filter, Since, History, Speed, Json, NoColour, Count, For, TokenFile,
        };
        command.SetAction(static (parsed, cancellation) => RunAsync(parsed, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        if (Read(parsed, out var request) is { } wrong)
        {
            await Console.Error.WriteLineAsync($"tidewire tail: {wrong}");
            return ExitCode.Usage;
        }

        using var interrupted = new Interruption(cancellation);
        return await new Tail(request!, Console.Out, Console.Error, TimeProvider.System).RunAsync(interrupted.Token);
    }

    /// <summary>Null, or what was wrong.</summary>
    private static string? Read(ParseResult parsed, out TailRequest? request)
    {
        request = null;
        var channels = parsed.GetValue(Channels)!;
        if (Array.Find(channels, static channel => !ChannelName.TryParse(channel, out _)) is { } bad)
        {
            return $"'{bad}' is no channel. Write a feed such as flow-alerts, or a feed and a symbol such as gex:SPY.";
        }

        StreamPosition? position = null;
        TimeSpan? back = null;
        if (parsed.GetValue(Since) is { } since && TailRequest.ReadSince(since, out position, out back) is { } badSince)
        {
            return badSince;
        }

        if (position is not null && channels.Length > 1)
        {
            return "--since with a position goes with one channel only: each channel has positions of its own.";
        }

        if (parsed.GetValue(History) is < 0 or > ProtocolLimits.MaxHistory)
        {
            return $"--history must be from 0 to {ProtocolLimits.MaxHistory}.";
        }

        if (parsed.GetValue(Count) is < 1)
        {
            return "--count must be at least 1.";
        }

        TimeSpan? limit = null;
        if (parsed.GetValue(For) is { } text)
        {
            if (!TailRequest.TryReadDuration(text, out var duration) || duration <= TimeSpan.Zero)
            {
                return $"--for '{text}' is no length of time such as 90s, 10m or 2h.";
            }

            limit = duration;
        }

        if (ServerOptions.Check(parsed.GetValue(Url)!, parsed.GetValue(TokenFile)) is { } badServer)
        {
            return badServer;
        }

        var isTerminal = !Console.IsOutputRedirected;
        request = new TailRequest
        {
            Channels = [.. channels.Distinct(StringComparer.OrdinalIgnoreCase)],
            Url = parsed.GetValue(Url)!,
            Filter = parsed.GetValue(Filter),
            Since = position,
            Back = back,
            History = parsed.GetValue(History),
            ShowsSpeed = parsed.GetValue(Speed),
            AsJson = parsed.GetValue(Json) || !isTerminal,
            HasColour = isTerminal && !parsed.GetValue(NoColour) && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
            Count = parsed.GetValue(Count),
            For = limit,
            TokenFile = parsed.GetValue(TokenFile),
        };
        return null;
    }
}
