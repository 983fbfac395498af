using System.Diagnostics;
using Tidewire.Fanout;

namespace Tidewire.Server.Tests.Recording;

public sealed class FullDiskTests : StoreTest
{
    private readonly bool _mounted;

    public FullDiskTests()
    {
        Directory.CreateDirectory(Folder);
        _mounted = OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", Folder);
        Assert.SkipUnless(_mounted, "a small file system cannot be mounted: needs Linux and root");
    }

    private string Ballast => Path.Combine(Folder, "ballast");

    public override void Dispose()
    {
        // The stores first, then the mount, then the folder.
        try
        {
            base.Dispose();
        }
        catch (IOException)
        {
            // the folder is still a mount
        }

        if (_mounted && Run("umount", Folder))
        {
            Directory.Delete(Folder);
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public void What_does_not_fit_is_refused_whole_and_kept_once_there_is_room()
    {
        var store = Open();
        var kept = 0L;
        while (kept < 20_000)
        {
            try
            {
                store.Commit([.. Entries("a", kept + 1, 50, Friday, 1500), Entry($"c{kept}", 1, Friday)]);
                kept += 50;
            }
            catch (LogStoreException exception)
            {
                Assert.Contains("full", exception.Message, StringComparison.Ordinal);
                Assert.Contains(Folder, exception.Message, StringComparison.Ordinal);
                break;
            }
        }

        Assert.InRange(kept, 50, 10_000);
        FillUp();
        for (var i = 0; i < 5; i++)
        {
            Assert.Throws<LogStoreException>(store.Probe);
            Assert.Throws<LogStoreException>(() => store.Commit([.. Entries("a", kept + 1, 300, Friday, 1500)]));
        }

        Assert.Equal(Range(1, kept), Offsets(store, "a"));
        Assert.Empty(Offsets(store, $"c{kept}"));

        Run("mount", "-o", "remount,size=32m", Folder);
        store.Probe();
        store.Commit([.. Entries("a", kept + 1, 50, Friday, 1500), Entry($"c{kept}", 1, Friday)]);
        Assert.Equal(Range(1, kept + 50), Offsets(store, "a"));
        Assert.Equal([1], Offsets(store, $"c{kept}"));
        store.Close([new("a", kept + 50, Friday)]);
        store.Dispose();
        using var again = Open();
        Assert.True(again.WasClosed);
        Assert.Equal(Range(1, kept + 50), Offsets(again, "a"));
    }

    [Fact]
    public void A_day_that_could_not_be_made_is_made_once_there_is_room()
    {
        var store = Open();
        store.Commit([Entry("a", 1, Friday)]);
        FillUp();
        Assert.Throws<LogStoreException>(() => store.Commit([Entry("a", 2, Friday.AddDays(1))]));
        Assert.Throws<LogStoreException>(store.Probe);
        Assert.Throws<LogStoreException>(() => store.Reserve([.. Enumerable.Range(0, 20_000).Select(static i => new OffsetReservation($"channel-{i}", 1000, Friday))]));
        Assert.Equal([1], Offsets(store, "a"));

        File.Delete(Ballast);
        store.Commit([Entry("a", 2, Friday.AddDays(1))]);
        store.Reserve([new("a", 100, Friday)]);
        Assert.Equal([1, 2], Offsets(store, "a"));
        store.Dispose();
        using var again = Open();
        Assert.Equal((store.Epoch, new StoredChannel("a", 2, 100, Friday.AddDays(1))), (again.Epoch, Assert.Single(again.Channels)));
        Assert.Empty(Logged);
    }

    [Fact]
    public void A_store_on_a_full_disk_says_so_instead_of_opening()
    {
        using (var store = Open())
        {
            store.Commit([Entry("a", 1, Friday)]);
        }

        FillUp();
        Assert.Contains("full", Assert.Throws<InvalidDataException>(() => Open()).Message, StringComparison.Ordinal);
        File.Delete(Ballast);
        Assert.Equal([1], Offsets(Open(), "a"));
    }

    private void FillUp()
    {
        using var ballast = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var page = new byte[4096];
        try
        {
            while (true)
            {
                ballast.Write(page);
            }
        }
        catch (IOException)
        {
            // that was the last of it
        }
    }

    private static bool Run(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
