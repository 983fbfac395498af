using System.Globalization;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Tests.Architecture;

namespace Tidewire.Server.Tests.NothingLost;

/// <summary>
/// Readers on every wire come and go, lag and resume while the provider misbehaves and the server is ended and started
/// again, all from a seed; then everything that anyone was given is compared with a model that has seen only the provider's side.
/// </summary>
[Collection(Alone.Name)]
[Trait("Promise", "nothing-lost")]
[Trait("Category", "long")]
public sealed class NothingLostTests : IDisposable
{
    private readonly string _folder = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), "tidewire-test-" + Path.GetRandomFileName());

    [Fact]
    public async Task With_a_provider_that_misbehaves_every_reader_ends_with_all_of_it()
    {
        var total = new Total();
        foreach (var seed in Seeds.Of(first: 1, count: 4))
        {
            await using var provider = await FakeUnusualWhales.StartNewAsync();
            await using var host = new ServerInProcess(Settings(provider, seed));
            await RunAsync(seed, new ScriptOptions(Rounds: 60, Lives: Capabilities.IsDurable ? 2 : 1, Drops: 4, Capabilities.HasFilters), host, provider, total);
        }

        total.Print("with a provider that misbehaves");
    }

    [Fact]
    public async Task With_a_server_that_is_killed_every_reader_ends_with_all_of_it()
    {
        var total = new Total();
        foreach (var seed in Seeds.Of(first: 101, count: 4))
        {
            await using var provider = await FakeUnusualWhales.StartNewAsync();
            await using var host = new ServerProcess(Settings(provider, seed));
            await RunAsync(seed, new ScriptOptions(Rounds: 12, Lives: 6, Drops: 1, Capabilities.HasFilters), host, provider, total);
            Assert.DoesNotContain("fault of ours", host.Errors, StringComparison.Ordinal);
        }

        total.Print("with a server that is killed");
    }

    [Fact]
    public async Task The_TypeScript_client_ends_with_all_of_it_too()
    {
        if (TypeScriptDriver(out var command) is { } why)
        {
            Assert.Skip(why);
        }

        var total = new Total();
        await using var provider = await FakeUnusualWhales.StartNewAsync();
        await using var host = new ServerProcess(Settings(provider, seed: 201));
        await RunAsync(201, new ScriptOptions(Rounds: 12, Lives: 4, Drops: 1, Capabilities.HasFilters, Driver: command), host, provider, total);
        total.Print("with the TypeScript client in a process of its own");
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>The command of the driver: <c>TIDEWIRE_DRIVER</c>, words between spaces, or the one in the repository.</summary>
    /// <returns>Null, or why there is none.</returns>
    private static string? TypeScriptDriver(out IReadOnlyList<string> command)
    {
        if (Environment.GetEnvironmentVariable("TIDEWIRE_DRIVER") is { Length: > 0 } given)
        {
            command = given.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return null;
        }

        command = [];
        var sdk = Repository.Root is { } root ? Path.Combine(root.FullName, "web", "sdk") : "";
        var driver = Path.Combine(sdk, "conformance", "driver.mjs");
        if (!File.Exists(driver) || !Directory.Exists(Path.Combine(sdk, "dist")))
        {
            return "web/sdk is not built: there is no web/sdk/conformance/driver.mjs, or no web/sdk/dist";
        }

        var node = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(static folder => Path.Combine(folder, "node")).FirstOrDefault(File.Exists);
        if (node is null)
        {
            return "node is not in the PATH";
        }

        command = [node, driver];
        return null;
    }

    private Dictionary<string, string?> Settings(FakeUnusualWhales provider, int seed) => new()
    {
        ["Fanout:ReservedOffsets"] = "64", // reserved often, and jumped over often
        ["TIDEWIRE_URLS"] = "http://127.0.0.1:0",
        ["TIDEWIRE_DATA"] = Path.Combine(_folder, seed.ToString(CultureInfo.InvariantCulture)),
        ["UW_API_TOKEN"] = "token-of-the-tests",
        ["UW_SOCKET_URL"] = provider.SocketUrl.ToString(),
        ["UW_REST_URL"] = "none",
        ["Recording:Enabled"] = Capabilities.IsDurable ? "true" : "false",
        ["Fanout:MaxLogLength"] = Capabilities.IsDurable && seed % 2 == 0 ? "128" : "131072", // what is older comes off the disk
        ["Upstream:Keep"] = "",
        ["Upstream:Linger"] = "01:00:00", // a channel is left by no one's absence, so that every gap has a cause in the script
        ["Fanout:SlowReaderLimit"] = "00:05:00", // limits on what takes the processor's time are wide: the clock may go faster
        ["Fanout:CommitLimit"] = "00:05:00",
        ["Fanout:ReadLimit"] = "00:05:00",
        ["Fanout:CloseLimit"] = "00:01:00",
        ["Upstream:ConnectTimeout"] = "00:05:00",
        ["Upstream:JoinTimeout"] = "00:10:00",
        ["Upstream:PingAfter"] = "00:01:00",
        ["Upstream:PongWithin"] = "00:05:00",
    };

    private static async Task RunAsync(int seed, ScriptOptions options, IServerHost host, FakeUnusualWhales provider, Total total)
    {
        var script = new ServerScript(seed, options, host, provider);
        try
        {
            await script.RunAsync();
        }
        catch (Exception exception)
        {
            Assert.Fail(Story(seed, script, JudgeOf(script, host)) + exception);
        }

        var judge = JudgeOf(script, host);
        Assert.True(judge.Violations.Count == 0, Story(seed, script, judge));
        total.Add(script, judge, options);
    }

    private static Judge JudgeOf(ServerScript script, IServerHost host)
    {
        var judge = new Judge(script.Model, [.. script.Readers.SelectMany(reader => reader.Journals)], new Rules(Capabilities.IsDurable, Capabilities.SuppressesDuplicates, Slack(host)));
        judge.Run();
        foreach (var reader in script.Readers.OfType<ProviderWireReader>())
        {
            new FrameJudge(script.Model, judge).Check(reader);
        }

        return judge;
    }

    /// <summary>Times on the wire are cut to milliseconds, of a clock that may go faster.</summary>
    private static TimeSpan Slack(IServerHost host) => TimeSpan.FromMilliseconds(host is ServerInProcess ? 5 * ServerInProcess.Pace : 5);

    private static string Story(int seed, ServerScript script, Judge judge) => string.Create(CultureInfo.InvariantCulture,
        $"TIDEWIRE_SEED={seed} broke:\n{string.Join('\n', judge.Violations)}\nafter: {string.Join("; ", script.Steps)}\ntroubles: {string.Join("; ", script.Model.Troubles)}\n");

    private sealed class Total
    {
        private readonly long _began = TimeProvider.System.GetTimestamp();
        private int _seeds;
        private int _ends;
        private int _frames;
        private long _steps;
        private int _gaps;
        private long _merged;
        private long _filtered;
        private int _refused;

        public void Add(ServerScript script, Judge judge, ScriptOptions options)
        {
            _seeds++;
            _ends += options.Lives - 1;
            _frames += script.Model.Said;
            _steps += judge.Steps;
            _gaps += judge.Logs.Sum(log => log.Entries.Count(entry => entry.Gap is not null));
            _merged += judge.Merged;
            _filtered += judge.Filtered;
            _refused += judge.NotRecovered;
        }

        public void Print(string what) => TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"figure: {what}: {_seeds} seeds, {_ends} ends of the server, {_frames} frames, {_steps} deliveries checked ({_merged} merged, {_filtered} filtered), {_gaps} gaps, {_refused} positions of a lost epoch, {TimeProvider.System.GetElapsedTime(_began).TotalSeconds:0.0} s"));
    }
}
