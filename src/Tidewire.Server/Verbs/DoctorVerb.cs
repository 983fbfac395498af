using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tidewire.Server.Verbs;

/// <summary><c>tidewire doctor</c>: looks for what stands between a client and the stream.</summary>
internal static class DoctorVerb
{
    private static readonly Option<Uri> Url = ServerOptions.Url();
    private static readonly Option<string?> TokenFile = ServerOptions.TokenFile();
    private static readonly Option<bool> Json = new("--json") { Description = "The findings as one JSON object." };

    public static Command Create()
    {
        var command = new Command("doctor", """
            Looks for what stands between a client here and the stream: the address, a proxy, TLS, the three wires, the clock,
            the token, the provider's connection, the recording, and the limits of this machine. Each finding is ok, a warning
            or a fault, with what to do. No token is ever shown.

            Exit codes:
              0  no fault (there may be warnings)
              1  at least one fault
              2  called wrongly

            Examples:
              tidewire doctor
              tidewire doctor --url https://tidewire.example.com --token-file ~/.tidewire-token
              tidewire doctor --json | jq '.findings[] | select(.level != "ok")'
            """)
        {
            Url, TokenFile, Json,
        };
        command.SetAction(static (parsed, cancellation) => RunAsync(parsed, cancellation));
        return command;
    }

    /// <summary>Writes findings for people, the faults' advice below each.</summary>
    public static void Write(TextWriter output, IReadOnlyList<Finding> findings, bool hasColour)
    {
        foreach (var finding in findings)
        {
            var (word, colour) = finding.Level switch { Level.Ok => ("ok     ", "\u001b[32m"), Level.Warning => ("warning", "\u001b[33m"), _ => ("FAULT  ", "\u001b[31m") };
            output.WriteLine($"{(hasColour ? $"{colour}{word}\u001b[0m" : word)}  {finding.Check,-12} {finding.Says}");
            if (finding.Advice is { } advice)
            {
                output.WriteLine($"{"",-22} → {advice}");
            }
        }

        output.WriteLine($"{findings.Count(static finding => finding.Level == Level.Fault)} faults, {findings.Count(static finding => finding.Level == Level.Warning)} warnings");
    }

    /// <summary>Writes findings for programs.</summary>
    public static void WriteJson(Stream output, Uri url, IReadOnlyList<Finding> findings)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("url", url.ToString());
        json.WriteBoolean("healthy", findings.All(static finding => finding.Level != Level.Fault));
        json.WriteStartArray("findings");
        foreach (var finding in findings)
        {
            json.WriteStartObject();
            json.WriteString("check", finding.Check);
            json.WriteString("level", finding.Level switch { Level.Ok => "ok", Level.Warning => "warning", _ => "fault" });
            json.WriteString("message", finding.Says);
            json.WriteString("advice", finding.Advice);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var url = parsed.GetValue(Url)!;
        // A token file that is not there is a finding and no wrong call.
        if (ServerOptions.Check(url, tokenFile: null) is { } wrong)
        {
            await Console.Error.WriteLineAsync($"tidewire doctor: {wrong}");
            return ExitCode.Usage;
        }

        using var interrupted = new Interruption(cancellation);
        IReadOnlyList<Finding> findings;
        try
        {
            findings = await new Doctor(url, parsed.GetValue(TokenFile), TimeProvider.System).LookAsync(interrupted.Token);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }

        if (parsed.GetValue(Json))
        {
            await using var output = Console.OpenStandardOutput();
            WriteJson(output, url, findings);
            output.WriteByte((byte)'\n');
        }
        else
        {
            Write(Console.Out, findings, !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));
        }

        return findings.Any(static finding => finding.Level == Level.Fault) ? ExitCode.Refused : ExitCode.Ended;
    }
}
