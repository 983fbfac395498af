using System.Diagnostics;
using System.Globalization;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.Recording;

/// <summary>A real disk that fills up in the middle of the stream.</summary>
[Collection(Alone.Name)]
[Trait("Promise", "disk-full")]
public sealed class FullDiskStreamTests : ServerTest
{
    private const string Channel = "flow-alerts";
    private const string Ballast = "ballast";
    private readonly Dictionary<long, int?> _shown = [];

    [Fact]
    public async Task The_stream_goes_on_says_so_and_heals_and_no_offset_is_given_out_twice()
    {
        Directory.CreateDirectory(Folder);
        Assert.SkipUnless(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", Folder), "a tmpfs cannot be mounted here");
        try
        {
            await FillAndHealAsync();
        }
        finally
        {
            File.Delete(Path.Combine(Folder, Ballast));
            Run("umount", "-l", Folder); // lazily: the servers still have it open
        }
    }

    private async Task FillAndHealAsync()
    {
        await StartAsync(("TIDEWIRE_DATA", Folder), ("Fanout:MaxLogLength", "64"));
        Server.ExpectError("Recording is degraded");
        var live = await StreamAsync("flow");
        await UntilJoinedAsync(Channel);
        var before = await ShowAsync(live, 1, 200);

        var ballast = Path.Combine(Folder, Ballast);
        Fill(ballast);
        var n = 200;
        var longest = TimeSpan.Zero;
        while (Server.Hub.Recording.State != Tidewire.Fanout.RecordingState.Degraded)
        {
            Assert.True(n < 100_000, "the disk took everything");
            longest = Max(longest, await TimedShowAsync(live, ++n));
        }

        var whileDegraded = await ShowAsync(live, n + 1, n + 500);
        n += 500;
        var status = (await Server.StatusAsync()).GetProperty("recording");
        Assert.Equal("degraded", status.GetProperty("state").GetString());
        Assert.NotNull(status.GetProperty("reason").GetString());
        using (var metrics = await Server.SendAsync("/metrics"))
        {
            Assert.Contains("tidewire_recording_degraded 1", await metrics.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        // What is neither on disk nor in memory any more: no, with the reason; never half.
        var refused = await (await StreamAsync("flow", (before.Epoch, before.Offset))).NextAsync();
        Assert.False(refused.GetProperty("recovered").GetBoolean());
        Assert.Contains("degraded", refused.GetProperty("reason").GetString(), StringComparison.Ordinal);

        File.Delete(ballast);
        await ServerUnderTest.UntilAsync(() => Server.Hub.Recording.State == Tidewire.Fanout.RecordingState.Recording, "the recording to heal");
        await ShowAsync(live, n + 1, n + 200);
        n += 200;
        Assert.Equal("recording", (await Server.StatusAsync()).GetProperty("recording").GetProperty("state").GetString());
        Assert.Single(_shown, shown => shown.Value is null);

        // Who comes back now is given everything but what was not kept, and a gap that stands for exactly that.
        var unstored = Server.Hub.Recording.Unstored;
        var back = await StreamAsync("flow", (before.Epoch, before.Offset));
        var offset = before.Offset;
        long lost = 0;
        for (var last = 0; last < n;)
        {
            var item = await back.NextAsync();
            var merged = item.TryGetProperty("merged", out var count) ? count.GetInt64() : 0;
            Assert.Equal(offset + 1 + merged, item.GetProperty("offset").GetInt64());
            offset += 1 + merged;
            if (item.TryGetProperty("data", out var data))
            {
                Assert.Equal(0, merged);
                last = data.GetProperty("n").GetInt32();
                Assert.Equal(_shown[offset], last);
            }
            else
            {
                Assert.Equal(("store_lost", merged), (item.GetProperty("reason").GetString(), item.GetProperty("count").GetInt64()));
                lost += merged;
            }
        }

        Assert.Equal(unstored, lost);
        Assert.InRange(whileDegraded.Offset, before.Offset + 500, offset);

        // Killed and started again, offsets go on above all of them.
        await Server.CrashAsync();
        var next = await StartAsync(("TIDEWIRE_DATA", Folder));
        var resumed = Keep(await StreamClient.ConnectAsync(next.Url, "flow", (before.Epoch, offset)));
        Assert.True((await resumed.NextAsync()).GetProperty("offset").GetInt64() > _shown.Keys.Max());
        Figure("publications shown while the disk was full", unstored);
        Figure("longest wait of a publication, ms", Math.Round(longest.TotalMilliseconds, 1));
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var length in (int[])[64 << 10, 4 << 10, 1])
        {
            var block = new byte[length];
            try
            {
                while (true)
                {
                    file.Write(block);
                }
            }
            catch (IOException)
            {
                // Full for blocks of this length.
            }
        }
    }

    private static bool Run(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true, RedirectStandardOutput = true });
            process!.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private async Task<TimeSpan> TimedShowAsync(StreamClient live, int n)
    {
        var started = TimeProvider.System.GetTimestamp();
        await ShowAsync(live, n, n);
        return TimeProvider.System.GetElapsedTime(started);
    }

    /// <summary>Publishes some, a few at a time, and waits until a live client was shown them; the position of the last.</summary>
    private async Task<(string Epoch, long Offset)> ShowAsync(StreamClient live, int from, int to)
    {
        (string Epoch, long Offset) shown = default;
        for (var first = from; first <= to; first += 20)
        {
            var last = Math.Min(to, first + 19);
            for (var n = first; n <= last; n++)
            {
                await Provider.SendDataAsync(Channel, string.Create(CultureInfo.InvariantCulture, $$"""{"id":"a{{n}}","n":{{n}},"text":"{{new string('x', 1500)}}"}"""));
            }

            int? seen;
            do
            {
                var item = await live.NextAsync();
                seen = item.TryGetProperty("data", out var data) ? data.GetProperty("n").GetInt32() : null;
                shown = (item.GetProperty("epoch").GetString()!, item.GetProperty("offset").GetInt64());
                Assert.True(_shown.TryAdd(shown.Offset, seen), "an offset was shown twice");
                Assert.False(item.TryGetProperty("merged", out _), "a live reader sees everything");
            }
            while (seen != last);
        }

        return shown;
    }
}
