using System.Text.RegularExpressions;
using Tidewire.Client;
using Tidewire.Protocol;
using Tidewire.Tests.Architecture;

namespace Tidewire.Server.Tests.Client;

/// <summary>The snippets of docs/sdk-dotnet.md, run against the server; each stands there as it stands here.</summary>
[Trait("Promise", "sdk-dotnet-quickstart")]
public sealed partial class QuickStartTests : ServerTest
{
    private readonly List<string> _written = [];

    [Fact]
    public async Task A_stream_in_three_lines()
    {
        var server = (await StartSimulatedAsync(("Simulation:Rate", "20"))).Url;

        // snippet
        await using var client = new TidewireClient(server);
        await foreach (var alert in client.Subscribe("flow-alerts"))
        {
            WriteLine($"{alert.ReceivedAt:HH:mm:ss} {alert.ToJson().GetProperty("ticker")}");
            // end
            break;
        }

        Assert.Single(_written);
    }

    [Fact]
    public async Task From_a_position_and_with_a_filter()
    {
        var server = (await StartSimulatedAsync(("Simulation:Rate", "20"))).Url;
        using var stop = new CancellationTokenSource();
        StreamPosition? saved = null;

        // snippet
        await using var client = new TidewireClient(server, new TidewireClientOptions { MaxQueueSize = 10_000 });
        var options = new SubscriptionOptions { Since = saved, Filter = "total_premium >= 1K", History = saved is null ? 20 : 0 };
        await foreach (var alert in client.Subscribe("flow-alerts", options, stop.Token))
        {
            saved = alert.Position; // keep it: the next start goes on after it, also days later
            // end
            break;
        }

        Assert.NotNull(saved);
    }

    [Fact]
    public async Task Everything_in_order()
    {
        var server = (await StartSimulatedAsync(("Simulation:Rate", "20"))).Url;

        // snippet
        await using var client = new TidewireClient(server);
        client.StateChanged += state => WriteLine($"{state.Phase} over {state.Wire}");
        await foreach (var entry in client.SubscribeEntries("price:SPY"))
        {
            WriteLine(entry switch
            {
                Publication { Replaces: { } corrected } publication => $"{publication.Position.Offset} corrects {corrected}",
                Publication publication => $"{publication.Position.Offset}: {publication.Payload.Length} bytes, {publication.Merged} merged",
                Gap gap => $"missing from {gap.From:T} to {gap.To:T}: {gap.Reason}",
                Reset reset => $"could not resume: {reset.Reason}",
                Missed missed => $"offsets {missed.From} to {missed.To} did not come",
                Subscribed subscribed => $"begins after {subscribed.Position}",
                _ => "nothing to show",
            });
            // end
            if (entry is Publication)
            {
                break;
            }
        }

        Assert.Contains(_written, static line => line.StartsWith("begins after ", StringComparison.Ordinal));
        Assert.Contains(_written, static line => line.Contains(" merged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task From_ten_minutes_ago_with_a_token()
    {
        var server = (await StartSimulatedAsync(("Simulation:Rate", "20"))).Url;
        await using (var before = new TidewireClient(server))
        {
            await foreach (var alert in before.Subscribe("flow-alerts"))
            {
                break; // there is a past now
            }
        }

        // snippet
        await using var client = new TidewireClient(server, new TidewireClientOptions { Token = async cancellation => await ReadTokenAsync(cancellation) });
        var tenMinutesAgo = await client.FindPositionAsync("flow-alerts", TimeProvider.System.GetUtcNow().AddMinutes(-10));
        await foreach (var alert in client.Subscribe("flow-alerts", new SubscriptionOptions { Since = tenMinutesAgo }))
        {
            WriteLine($"{alert.Position}");
            // end
            break;
        }

        Assert.EndsWith(":1", Assert.Single(_written), StringComparison.Ordinal);
    }

    [Fact]
    public void The_document_has_these_snippets_and_no_others()
    {
        var root = Repository.Root!.FullName;
        var source = File.ReadAllText(Path.Combine(root, "tests", "Tidewire.Server.Tests", "Client", "QuickStartTests.cs"));
        var run = Snippet().Matches(source).Select(static match => Plain(match.Groups["code"].Value)).ToArray();
        var document = File.ReadAllText(Path.Combine(root, "docs", "sdk-dotnet.md"));
        var shown = Block().Matches(document).Select(static match => Plain(match.Groups["code"].Value)).ToArray();
        Assert.NotEmpty(run);
        Assert.Equal(run.Select(Whole).Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_the_readme_shows_is_one_of_them()
    {
        var root = Repository.Root!.FullName;
        var source = File.ReadAllText(Path.Combine(root, "tests", "Tidewire.Server.Tests", "Client", "QuickStartTests.cs"));
        var run = Snippet().Matches(source).Select(static match => Whole(Plain(match.Groups["code"].Value)));
        var readme = File.ReadAllText(Path.Combine(root, "README.md"));
        var shown = Assert.Single(Block().Matches(readme)).Groups["code"].Value.Replace("new Uri(\"http://127.0.0.1:8000\")", "server", StringComparison.Ordinal);
        Assert.Contains(Plain(shown), run);
    }

    /// <summary>A snippet ends within its loop, so that the test can leave it; the document closes the loop.</summary>
    private static string Whole(string snippet) => snippet + "\n}";

    private static string Plain(string code)
        => string.Join('\n', code.Replace("WriteLine(", "Console.WriteLine(", StringComparison.Ordinal).Replace("Console.Console.", "Console.", StringComparison.Ordinal)
            .Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0));

    [GeneratedRegex(@"// snippet\r?\n(?<code>[\s\S]*?)// end")]
    private static partial Regex Snippet();

    [GeneratedRegex(@"```cs(harp)?\r?\n(?<code>[\s\S]*?)```")]
    private static partial Regex Block();

    private static ValueTask<string?> ReadTokenAsync(CancellationToken cancellation) => ValueTask.FromResult<string?>("any");

    private void WriteLine(string line)
    {
        lock (_written)
        {
            _written.Add(line);
        }
    }
}
