using System.Globalization;

namespace Tidewire.Server.Tests.NothingLost;

/// <summary>The engine alone, crashed again and again over one store: what no real process could be put through in the time.</summary>
[Collection(Alone.Name)]
[Trait("Promise", "nothing-lost")]
[Trait("Category", "long")]
public sealed class CrashTests : IDisposable
{
    private const int Lives = 51;

    private readonly string _folder = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), "tidewire-test-" + Path.GetRandomFileName());

    [Fact]
    public async Task With_an_engine_that_crashes_every_reader_ends_with_all_of_it()
    {
        var began = TimeProvider.System.GetTimestamp();
        var (seeds, crashes, frames, steps, gaps, merged, filtered, refused) = (0, 0, 0, 0L, 0, 0L, 0L, 0);
        foreach (var seed in Seeds.Of(first: 1001, count: 46))
        {
            var script = new EngineScript(seed, Lives, Capabilities.HasFilters, new Engine(Path.Combine(_folder, seed.ToString(CultureInfo.InvariantCulture)), TimeProvider.System, isShort: seed % 2 == 0), TimeProvider.System);
            var fault = await Record.ExceptionAsync(script.RunAsync);
            var judge = new Judge(script.Model, [.. script.Readers.SelectMany(reader => reader.Journals)], new Rules(Capabilities.IsDurable, SuppressesDuplicates: true, Slack: TimeSpan.Zero));
            judge.Run();
            Assert.True(fault is null && judge.Violations.Count == 0,
                $"TIDEWIRE_SEED={seed} broke:\n{string.Join('\n', judge.Violations)}\n{fault}\nafter: {string.Join("; ", script.Steps.TakeLast(60))}\ntroubles: {string.Join("; ", script.Model.Troubles.TakeLast(20))}");
            seeds++;
            crashes += script.Crashes;
            frames += script.Model.Said;
            steps += judge.Steps;
            gaps += judge.Logs.Sum(log => log.Entries.Count(entry => entry.Gap is not null));
            merged += judge.Merged;
            filtered += judge.Filtered;
            refused += judge.NotRecovered;
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"figure: with an engine that crashes: {seeds} seeds, {crashes} crashes, {frames} frames, {steps} deliveries checked ({merged} merged, {filtered} filtered), {gaps} gaps, {refused} positions of a lost epoch, {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s"));
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
