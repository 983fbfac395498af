using System.Diagnostics;
using Tidewire.Fanout;
using Tidewire.Server.Recording;
using Tidewire.Testing;

namespace Tidewire.Server.Tests.Recording;

public sealed class OpeningTests : StoreTest
{
    [Fact]
    public void After_a_crash_everything_committed_is_there_and_the_store_says_that_it_was_not_closed()
    {
        var store = Open();
        store.Reserve([new("a", 1000, Friday), new("silent", 64, Friday)]);
        store.Commit([.. Entries("a", 1, 5, Friday)]);
        store.Commit([.. Entries("a", 6, 5, Friday.AddDays(1)), .. Entries("b", 1, 1, Friday.AddDays(1))]);

        var crashed = Open(CopyOfFolder());
        Assert.False(crashed.WasClosed);
        Assert.Equal(store.Epoch, crashed.Epoch);
        Assert.Equal(
            [new("a", 10, 1000, Friday.AddDays(1)), new("b", 1, 1, Friday.AddDays(1)), new("silent", 0, 64, Friday)],
            crashed.Channels.OrderBy(static channel => channel.Channel, StringComparer.Ordinal));
        Assert.Equal(Range(1, 10), Offsets(crashed, "a"));
    }

    [Fact]
    public void After_a_close_marks_are_the_tails_and_no_log_is_left_beside_the_files()
    {
        string epoch;
        using (var store = Open())
        {
            Assert.True(store.WasClosed);
            epoch = store.Epoch;
            store.Reserve([new("a", 1000, Friday)]);
            store.Reserve([new("a", 900, Friday)]); // never goes down
            store.Commit([.. Entries("a", 1, 5, Friday)]);
            store.Close([new("a", 7, Friday)]);
            Assert.Throws<InvalidOperationException>(() => store.Commit([Entry("a", 8, Friday)]));
            Assert.Throws<InvalidOperationException>(() => store.Reserve([new("a", 8, Friday)]));
        }

        Assert.DoesNotContain(Files("*-wal"), file => new FileInfo(Path.Combine(Folder, file)).Length > 0);
        using (var again = Open())
        {
            Assert.True(again.WasClosed);
            Assert.Equal((epoch, new StoredChannel("a", 5, 7, Friday)), (again.Epoch, Assert.Single(again.Channels)));
        }

        Assert.False(Open().WasClosed);
        Assert.Empty(Logged);
    }

    [Fact]
    public void A_second_store_on_the_folder_is_refused()
    {
        using (Open())
        {
            Assert.Contains(Folder, Assert.Throws<InvalidDataException>(() => Open()).Message, StringComparison.Ordinal);
        }

        Open();
    }

    [Fact]
    public async Task A_folder_that_another_process_holds_is_refused_until_that_one_is_killed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/flock"), "needs flock");
        Directory.CreateDirectory(Folder);
        using var other = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"exec 9>'{Folder}/store.lock'; flock -n 9 && echo held; exec sleep 300"]) { RedirectStandardOutput = true })!;
        try
        {
            Assert.Equal("held", await other.StandardOutput.ReadLineAsync().WithinBound("the other process"));
            Assert.Contains("in use by another process", Assert.Throws<InvalidDataException>(() => Open()).Message, StringComparison.Ordinal);
        }
        finally
        {
            other.Kill();
            await other.WaitForExitAsync().WithinBound("the end of the other process");
        }

        Open();
    }

    [Fact]
    public void Simulated_and_real_data_never_share_a_store()
    {
        using (var simulated = Open(simulated: true))
        {
            Assert.StartsWith("sim-", simulated.Epoch, StringComparison.Ordinal);
        }

        Assert.Contains("simulated", Assert.Throws<InvalidDataException>(() => Open()).Message, StringComparison.Ordinal);
        Open(simulated: true);
    }

    [Theory]
    [InlineData("catalogue.db")]
    [InlineData("2026-11-20.db")]
    public void A_newer_file_is_refused_and_left_alone(string file)
    {
        using (var store = Open())
        {
            store.Commit([Entry("a", 1, Friday)]);
        }

        Sql(file, "PRAGMA user_version = 2");
        var message = Assert.Throws<InvalidDataException>(() => Open()).Message;
        Assert.Contains(file, message, StringComparison.Ordinal);
        Assert.Contains("newer", message, StringComparison.Ordinal);
        Sql(file, "PRAGMA user_version = 1");
        Assert.Equal([1], Offsets(Open(), "a"));
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("half")]
    [InlineData("empty")]
    [InlineData("foreign")]
    public void A_damaged_day_is_set_aside_and_a_new_epoch_begins(string damage)
    {
        var epoch = Filled();
        Damage("2026-11-20.db", damage);

        var store = Open();
        Assert.NotEqual(epoch, store.Epoch);
        Assert.Empty(store.Channels);
        Assert.True(store.WasClosed);
        Assert.Equal(["2026-11-20.db.corrupt-1"], Files("*.corrupt-?"));
        Assert.Contains(Logged, static line => line.Contains("set aside", StringComparison.Ordinal));
        Assert.Contains(Logged, static line => line.Contains("past of the logs is lost", StringComparison.Ordinal));

        // The sound day of the former epoch stays, and nothing is read from it; its date gets a second file.
        Assert.Empty(Offsets(store, "a"));
        store.Commit([Entry("a", 1, Friday.AddDays(1))]);
        Assert.Equal(["2026-11-21.2.db", "2026-11-21.db"], Files("2026*.db"));
        Assert.Equal([1], Offsets(store, "a"));
        store.Dispose();
        using var again = Open();
        Assert.Equal((store.Epoch, 1), (again.Epoch, Assert.Single(again.Channels).Tail));
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("gone")]
    public void Without_its_catalogue_a_store_begins_a_new_epoch(string damage)
    {
        var epoch = Filled();
        Damage("catalogue.db", damage);
        var store = Open();
        Assert.NotEqual(epoch, store.Epoch);
        Assert.Empty(store.Channels);
        Assert.Equal(["2026-11-20.db", "2026-11-21.db"], Files("2026*.db"));
        store.Commit([Entry("a", 1, Friday.AddDays(1))]);
        Assert.Equal([1], Offsets(store, "a"));
    }

    [Fact]
    public void A_missing_day_is_a_lost_past_unless_it_is_among_the_oldest()
    {
        var epoch = Filled();
        File.Delete(Path.Combine(Folder, "2026-11-20.db"));
        using (var store = Open())
        {
            Assert.Equal(epoch, store.Epoch);
            Assert.Equal([new("a", 20, 20, Friday.AddDays(1)), new("old", 0, 30, Friday)], store.Channels.OrderBy(static channel => channel.Channel, StringComparer.Ordinal));
            Assert.Equal(Range(11, 20), Offsets(store, "a"));
        }

        File.Delete(Path.Combine(Folder, "2026-11-21.db"));
        Assert.NotEqual(epoch, Open().Epoch);
    }

    [Fact]
    public void A_day_whose_making_was_cut_short_is_made_anew()
    {
        var epoch = Filled();
        File.WriteAllBytes(Path.Combine(Folder, "2026-11-22.db"), []);
        var store = Open();
        Assert.Equal(epoch, store.Epoch);
        store.Commit([Entry("a", 21, Friday.AddDays(2))]);
        Assert.Equal(Range(1, 21), Offsets(store, "a"));
        Assert.Empty(Logged);
    }

    [Fact]
    public void Any_bytes_of_a_day_may_be_wrong_without_harm_to_the_process()
    {
        using (var store = Open())
        {
            store.Commit([.. Enumerable.Range(0, 40).SelectMany(i => Entries($"c{i}", 1, 20, Friday, i))]);
            store.Close([]);
        }

        var random = new Random(4711);
        var (refused, unread, aside) = (0, 0, 0);
        for (var round = 0; round < 150; round++)
        {
            var copy = CopyOfFolder();
            var path = Path.Combine(copy, "2026-11-20.db");
            var bytes = File.ReadAllBytes(path);
            for (var flips = random.Next(1, 10); flips > 0; flips--)
            {
                var at = random.Next(2) == 0 ? random.Next(8192) : random.Next(bytes.Length); // the header and the schema more often
                bytes[at] ^= (byte)(1 << random.Next(8));
            }

            File.WriteAllBytes(path, bytes);
            try
            {
                using var store = Open(copy);
                aside += Directory.GetFiles(copy, "*.corrupt-1").Length;
                foreach (var channel in Enumerable.Range(0, 40).Select(static i => $"c{i}"))
                {
                    try
                    {
                        store.Read(channel, 0, long.MaxValue, 1000, int.MaxValue);
                        store.OffsetBack(channel, long.MaxValue, 3);
                        store.FirstOffset(channel);
                        store.Commit([Entry(channel, 21, Friday)]);
                    }
                    catch (LogStoreException)
                    {
                        unread++;
                    }
                }

                store.Prune(Friday);
            }
            catch (InvalidDataException)
            {
                refused++;
            }

            Directory.Delete(copy, recursive: true);
        }

        Figure("flipped bytes: opening refused, calls refused, files set aside", $"{refused}, {unread}, {aside}");
        Assert.True(aside > 0 && unread > 0, "the flipped bytes did no damage");
    }

    [Fact]
    public void A_day_that_is_found_damaged_in_use_is_set_aside_at_the_next_start()
    {
        Filled();
        Sql("2026-11-20.db", "UPDATE publications SET kind = 9 WHERE id & 0xff = 5");
        string epoch;
        using (var store = Open())
        {
            epoch = store.Epoch;
            Assert.Contains("damaged", Assert.Throws<LogStoreException>(() => Offsets(store, "a")).Message, StringComparison.Ordinal);
            Assert.Equal(Range(11, 20), Offsets(store, "a", 11));
        }

        Assert.NotEqual(epoch, Open().Epoch);
        Assert.Equal(["2026-11-20.db.corrupt-1"], Files("*.corrupt-?"));
    }

    private string Filled()
    {
        using var store = Open();
        store.Reserve([new("a", 12, Friday), new("old", 30, Friday)]);
        store.Commit([.. Entries("a", 1, 10, Friday, 2000), Entry("old", 1, Friday)]);
        store.Commit([.. Entries("a", 11, 10, Friday.AddDays(1), 2000)]);
        store.Close([]);
        return store.Epoch;
    }

    private void Damage(string file, string how)
    {
        var path = Path.Combine(Folder, file);
        switch (how)
        {
            case "garbage":
                File.WriteAllBytes(path, [.. Enumerable.Range(0, 20_000).Select(static i => (byte)(i * 7))]);
                break;
            case "half":
                using (var stream = File.OpenWrite(path))
                {
                    stream.SetLength(stream.Length / 2);
                }

                break;
            case "empty":
                File.WriteAllBytes(path, []);
                break;
            case "foreign":
                Sql(file, "PRAGMA application_id = 1");
                break;
            default:
                File.Delete(path);
                break;
        }
    }

    private void Sql(string file, string sql)
    {
        using var connection = new SqliteConnection(Path.Combine(Folder, file), create: false, TimeSpan.FromSeconds(1));
        connection.Execute(sql);
    }
}
