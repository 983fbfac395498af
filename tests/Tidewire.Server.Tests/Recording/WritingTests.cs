using Tidewire.Fanout;
using Tidewire.Server.Recording;

namespace Tidewire.Server.Tests.Recording;

public sealed class WritingTests : StoreTest
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_reader_beside_the_writer_sees_a_prefix_and_whole_batches(int seed)
    {
        var store = Open();
        var done = 0;
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (var next = 1L; ;)
            {
                var ended = Volatile.Read(ref done) != 0;
                var second = store.OffsetBack("second", long.MaxValue, 1) ?? 0;
                var first = store.OffsetBack("first", long.MaxValue, 1) ?? 0;
                Assert.True(first >= second, $"a batch was seen in part: {first} < {second}");
                foreach (var entry in store.Read("first", next, long.MaxValue, 64, 1 << 20))
                {
                    Assert.Equal(next++, entry.Offset);
                    Assert.Equal(Bytes(entry.Offset, 300), entry.Received.ToArray());
                }

                if (ended && next > first)
                {
                    return next - 1;
                }
            }
        })).ToList();

        var random = new Random(seed);
        var offset = 0L;
        for (var batch = 0; batch < 400; batch++)
        {
            var entries = new List<LoggedEntry>();
            var at = Friday.AddMinutes(batch * 10);
            var (from, count) = (offset + 1, random.Next(1, 20));
            entries.AddRange(Entries("first", from, count, at, 300));
            entries.AddRange(Entries("second", from, count, at, 300));
            offset += count;
            store.Commit(entries);
        }

        Volatile.Write(ref done, 1);
        Assert.All(await Task.WhenAll(readers), last => Assert.Equal(offset, last));
    }

    [Fact]
    [Trait("Category", "long")]
    public async Task The_write_ahead_log_stays_short_while_it_is_written_and_read_without_pause()
    {
        var store = Open();
        var done = 0;
        var reader = Task.Run(() =>
        {
            for (var next = 1L; Volatile.Read(ref done) == 0;)
            {
                var read = store.Read("c0", next, long.MaxValue, 256, 1 << 20);
                next = read.Count == 0 ? 1 : read[^1].Offset + 1;
            }
        });
        var (offset, longest) = (0L, 0L);
        for (var batch = 0; batch < 1000; batch++)
        {
            store.Commit([.. Enumerable.Range(0, 10).SelectMany(channel => Entries($"c{channel}", (batch * 20) + 1, 20, Friday, 1500))]);
            longest = Math.Max(longest, new FileInfo(Path.Combine(Folder, "2026-11-20.db-wal")).Length);
            offset = (batch + 1) * 20;
        }

        Volatile.Write(ref done, 1);
        await reader;
        Figure("longest write-ahead log in MiB", longest >> 20);
        Assert.InRange(longest, 1, 64L << 20);
        Assert.Equal(offset, store.OffsetBack("c9", long.MaxValue, 1));
        Assert.Empty(Logged);
    }

    [Fact]
    public void Probing_again_and_again_leaves_nothing_and_grows_nothing()
    {
        var store = Open();
        store.Probe();
        store.Commit([Entry("a", 1, Friday)]);
        store.Probe();
        store.Probe();
        var bytes = store.Bytes;
        for (var i = 0; i < 30; i++)
        {
            store.Probe();
        }

        Assert.Equal(bytes, store.Bytes);
        Assert.Empty(Files("*.tmp"));
        store.Dispose();
        foreach (var file in Files("*.db"))
        {
            using var connection = new SqliteConnection(Path.Combine(Folder, file), create: false, TimeSpan.FromSeconds(1));
            Assert.Equal(0, connection.Number("SELECT count(*) FROM probe"));
        }
    }
}
