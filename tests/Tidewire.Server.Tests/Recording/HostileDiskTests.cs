using System.Diagnostics;
using System.Net;
using Tidewire.Fanout;
using Tidewire.Server.Tests.ServerSentEvents;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.Recording;

/// <summary>What people and systems do to the folder of a running server.</summary>
public sealed class HostileDiskTests : HttpWireTest
{
    private const string Channel = "flow-alerts";

    [Theory]
    [InlineData("recordings/live")]
    [InlineData("recordings/live/catalogue.db")]
    [InlineData("")]
    public async Task What_is_removed_under_a_running_server_is_said_and_stops_no_stream(string removed)
    {
        await StartWithoutUpstreamAsync(("TIDEWIRE_DATA", Folder), ("Fanout:ReservedOffsets", "8"));
        Server.ExpectError("its files were removed while they were in use");
        Server.ExpectError("Old days of the recording could not be taken away");
        Server.ExpectError("The recording could not be closed in order");
        var live = await StreamAsync("flow");
        await UntilSubscribedAsync(Channel);
        Publish(Channel, 1, 3);
        for (var n = 1; n <= 3; n++)
        {
            Assert.Equal(n, Number(await live.NextAsync()));
        }

        var since = $"{Server.Hub.Epoch}:2";
        Remove(Path.Combine(Folder, removed));
        for (var n = 4; n <= 20 && Server.Hub.Recording.State != RecordingState.Degraded; n++)
        {
            Publish(Channel, n, n); // reserves more before long
        }

        Assert.Equal(RecordingState.Degraded, Server.Hub.Recording.State);
        var recording = (await Server.StatusAsync()).GetProperty("recording");
        Assert.Equal("degraded", recording.GetProperty("state").GetString());
        Assert.Contains("removed", recording.GetProperty("reason").GetString(), StringComparison.Ordinal);
        foreach (var path in (string[])["/metrics", "/health", "/api/stream/channels", "/api/ws/stats"])
        {
            using var answer = await Server.SendAsync(path);
            Assert.Equal((path, HttpStatusCode.OK), (path, answer.StatusCode));
        }

        var after = await StreamAsync("flow");
        await UntilSubscribedAsync(Channel, Log(Channel).Subscribers);
        Publish(Channel, 21, 21);
        Assert.Equal(21, Number(await after.NextAsync()));
        await Server.DisposeAsync();

        if (removed.Length == 0 || removed.EndsWith("live", StringComparison.Ordinal))
        {
            Directory.CreateDirectory(Folder);
        }

        var next = await StartWithoutUpstreamAsync(("TIDEWIRE_DATA", Folder));
        var answered = await Keep(new PollClient(next.Url, "flow")).AskAsync($"since={since}");
        Assert.Equal((HttpStatusCode.OK, false), (answered.Status, answered.Body.GetProperty("recovered").GetBoolean()));
        Assert.Equal("the epoch has changed: the log's past was lost", answered.Body.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_read_only_folder_is_refused_at_the_start_with_what_to_do()
    {
        Directory.CreateDirectory(Folder);
        Assert.SkipUnless(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=1m,ro", "tmpfs", Folder), "a file system cannot be mounted: needs Linux and root");
        try
        {
            var refused = await Assert.ThrowsAsync<InvalidDataException>(() => StartWithoutUpstreamAsync(("TIDEWIRE_DATA", Folder)));
            Assert.Contains(Folder, refused.Message, StringComparison.Ordinal);
            Assert.Contains("TIDEWIRE_DATA", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            Run("umount", Folder);
        }
    }

    private static void Remove(string path)
    {
        if (File.Exists(path))
        {
            File.Delete(path);
        }
        else
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
