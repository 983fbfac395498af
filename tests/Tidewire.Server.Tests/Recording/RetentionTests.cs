using Tidewire.Recording;

namespace Tidewire.Server.Tests.Recording;

public sealed class RetentionTests : StoreTest
{
    [Fact]
    public void Days_too_old_are_removed_and_their_channels_keep_their_marks()
    {
        using (var store = Open(options: new RecordingOptions { RetentionDays = 3 }))
        {
            for (var day = 0; day < 6; day++)
            {
                store.Commit([.. Entries("a", 1 + (10 * day), 10, Friday.AddDays(day)), Entry($"d{day}", 77, Friday.AddDays(day))]);
            }

            Assert.Equal(0, store.Prune(Friday.AddDays(2)));
            Assert.Equal(3, store.Prune(Friday.AddDays(5)));
            Assert.Equal(0, store.Prune(Friday.AddDays(5)));
            Assert.Equal(["2026-11-23.db", "2026-11-24.db", "2026-11-25.db"], Files("2026*.db"));
            Assert.Empty(Files("2026-11-20*"));
            Assert.Equal(Range(31, 60), Offsets(store, "a"));
            Assert.Equal(31, store.FirstOffset("a"));
            Assert.Null(store.FirstOffset("d1"));
            Assert.Equal(2, store.Prune(Friday.AddDays(300))); // never the newest
            store.Commit([Entry("a", 61, Friday.AddDays(5))]);
            Assert.Equal(Range(51, 61), Offsets(store, "a"));
        }

        using var again = Open();
        Assert.Equal((0L, 77L), again.Channels.Where(static channel => channel.Channel == "d1").Select(static channel => (channel.Tail, channel.Mark)).Single());
        Assert.Equal((61L, 61L), again.Channels.Where(static channel => channel.Channel == "a").Select(static channel => (channel.Tail, channel.Mark)).Single());
    }

    [Fact]
    public void Retention_of_a_clock_that_was_set_back_keeps_what_is_young_and_removes_it_later()
    {
        var store = Open(options: new RecordingOptions { RetentionDays = 3 });
        for (var day = 0; day < 4; day++)
        {
            store.Commit([.. Entries("a", 1 + (10 * day), 10, Friday.AddDays(day))]);
        }

        store.Commit([.. Entries("a", 41, 10, Friday.AddDays(2))]);
        Assert.Equal(0, store.Prune(Friday.AddDays(2)));
        Assert.Equal(1, store.Prune(Friday.AddDays(3)));
        Assert.Equal(Range(11, 50), Offsets(store, "a"));
    }

    [Fact]
    public void The_oldest_days_are_removed_while_all_take_too_much()
    {
        var store = Open(options: new RecordingOptions { RetentionDays = 1000, RetentionBytes = 2_500_000 });
        for (var day = 0; day < 5; day++)
        {
            store.Commit([.. Entries("a", 1 + (1000 * day), 1000, Friday.AddDays(day), 1000)]);
        }

        Assert.True(store.Bytes > 5_000_000);
        Assert.InRange(store.Prune(Friday.AddDays(5)), 2, 4);
        Assert.True(store.Bytes < 5_000_000);
        Assert.Equal("2026-11-24.db", Files("2026*.db")[^1]);
        Assert.Equal(5000, store.OffsetBack("a", long.MaxValue, 1));
    }

    [Fact]
    public async Task Who_reads_while_days_are_removed_gets_whole_entries_or_nothing()
    {
        var store = Open(options: new RecordingOptions { RetentionDays = 1 });
        for (var day = 0; day < 20; day++)
        {
            store.Commit([.. Entries("a", 1 + (100 * day), 100, Friday.AddDays(day), 500)]);
        }

        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            while (!stop.IsCancellationRequested)
            {
                var last = 0L;
                foreach (var entry in store.Read("a", random.Next(1, 2000), long.MaxValue, 256, int.MaxValue))
                {
                    Assert.True(last == 0 || entry.Offset == last + 1);
                    Assert.Equal(Bytes(entry.Offset, 500), entry.Received.ToArray());
                    last = entry.Offset;
                }
            }
        })).ToList();
        for (var day = 1; day < 20; day++)
        {
            store.Prune(Friday.AddDays(day));
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Equal(Range(1901, 2000), Offsets(store, "a"));
    }
}
