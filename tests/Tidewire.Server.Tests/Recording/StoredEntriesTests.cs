using System.Text;
using Tidewire.Fanout;

namespace Tidewire.Server.Tests.Recording;

public sealed class StoredEntriesTests : StoreTest
{
    [Fact]
    public void Every_kind_of_entry_comes_back_as_it_went_in()
    {
        var frame = Encoding.UTF8.GetBytes("""  [ "gex:SPY" ,  {"a" : 1.50 ,"b":"é"}  ]  """);
        var payload = frame.AsSpan().IndexOf((byte)'{')..(frame.AsSpan().IndexOf((byte)'}') + 1);
        List<Publication> sent =
        [
            .. Enum.GetValues<PublicationSource>().Select((source, i) => Publication.OfStored(i + 1, frame, payload, isFrame: true, Friday.AddTicks(i), source, null, replaces: i)),
            Publication.OfStored(10, "{}"u8.ToArray(), 0..2, isFrame: false, Friday.AddTicks(7), PublicationSource.Derived, null, replaces: 3),
            Publication.OfStored(11, [], 0..0, isFrame: false, Friday, PublicationSource.Rest, null, 0),
            Publication.OfStored(12, Enumerable.Range(0, 300_000).Select(static i => (byte)i).ToArray(), 5..77, isFrame: true, Friday, PublicationSource.Socket, null, 0),
            .. Enum.GetValues<GapReason>().SelectMany((reason, i) => new[]
            {
                Publication.OfStored(20 + (2 * i), [], 0..0, isFrame: false, Friday, PublicationSource.Socket, new Gap(Friday.AddTicks(-12_345_678), Friday.AddTicks(1), null, reason, Backfilled: false), 0),
                Publication.OfStored(21 + (2 * i), [], 0..0, isFrame: false, Friday, PublicationSource.Rest, new Gap(Friday, Friday, long.MaxValue - i, reason, Backfilled: true), 0),
            }),
        ];

        using (var store = Open())
        {
            store.Commit([.. sent.Select(static entry => new LoggedEntry("gex:SPY", entry))]);
        }

        var read = Open().Read("gex:SPY", 0, long.MaxValue, 1000, int.MaxValue);
        Assert.Equal(sent.Count, read.Count);
        foreach (var (one, other) in sent.Zip(read))
        {
            Assert.Equal((one.Offset, one.ReceivedAt, one.Source, one.Replaces, one.IsFrame, one.PayloadRange), (other.Offset, other.ReceivedAt, other.Source, other.Replaces, other.IsFrame, other.PayloadRange));
            Assert.Equal(one.Gap, other.Gap);
            Assert.True(one.Received.Span.SequenceEqual(other.Received.Span));
            Assert.True(one.Frame.SequenceEqual(other.Frame));
        }
    }

    [Fact]
    public void The_numbers_of_sources_on_the_disk_stay_what_they_are()
        => Assert.Equal([0, 1, 2, 3, 4], new[] { PublicationSource.Socket, PublicationSource.Rest, PublicationSource.Derived, PublicationSource.Simulated, PublicationSource.Replay }.Select(static source => (int)source));

    [Fact]
    public void A_read_ends_at_its_bounds()
    {
        var store = Open();
        store.Commit([.. Entries("a", 1, 50, Friday), .. Entries("b", 1, 3, Friday)]);
        store.Commit([.. Entries("a", 61, 40, Friday.AddDays(1))]); // 51 to 60 were never committed

        Assert.Equal([.. Range(1, 50), .. Range(61, 100)], Offsets(store, "a"));
        Assert.Equal(Range(45, 50), store.Read("a", 45, 61, 100, int.MaxValue).Select(static entry => entry.Offset));
        Assert.Equal([49, 50, 61, 62], store.Read("a", 49, long.MaxValue, 4, int.MaxValue).Select(static entry => entry.Offset));
        Assert.Equal([61], store.Read("a", 55, 62, 100, int.MaxValue).Select(static entry => entry.Offset));
        Assert.Equal([49], store.Read("a", 49, long.MaxValue, 4, mostBytes: 1).Select(static entry => entry.Offset));
        var one = Bytes(49, 100).Length;
        Assert.Equal([49, 50, 61], store.Read("a", 49, long.MaxValue, 100, 3 * one).Select(static entry => entry.Offset));
        Assert.Equal([49, 50], store.Read("a", 49, long.MaxValue, 100, (3 * one) - 1).Select(static entry => entry.Offset));
        Assert.Empty(store.Read("a", 101, long.MaxValue, 100, int.MaxValue));
        Assert.Empty(store.Read("a", 1, long.MaxValue, 0, int.MaxValue));
        Assert.Empty(store.Read("a", 51, 61, 10, int.MaxValue));
        Assert.Empty(store.Read("c", 0, long.MaxValue, 10, int.MaxValue));
        Assert.Equal(Range(1, 3), Offsets(store, "b"));
    }

    [Fact]
    public void Offsets_are_counted_backwards_over_days()
    {
        var store = Open();
        for (var day = 0; day < 4; day++)
        {
            store.Commit([.. Entries("a", 1 + (10 * day), 10, Friday.AddDays(day)), Entry(day % 2 == 0 ? "even" : "odd", day + 1, Friday.AddDays(day))]);
        }

        Assert.Equal(40, store.OffsetBack("a", long.MaxValue, 1));
        Assert.Equal(31, store.OffsetBack("a", long.MaxValue, 10));
        Assert.Equal(30, store.OffsetBack("a", long.MaxValue, 11));
        Assert.Equal(14, store.OffsetBack("a", 40, 26));
        Assert.Equal(1, store.OffsetBack("a", 40, 1000));
        Assert.Equal(1, store.OffsetBack("a", 2, 5));
        Assert.Null(store.OffsetBack("a", 1, 5));
        Assert.Null(store.OffsetBack("none", 100, 5));
        Assert.Equal(1, store.OffsetBack("even", long.MaxValue, 2));
        Assert.Equal((1, 2, null), (store.FirstOffset("even"), store.FirstOffset("odd"), store.FirstOffset("none")));
    }

    [Theory]
    [InlineData("2026-03-08T04:59:59.9999999Z", "2026-03-07")] // the clocks go forward at 2:00 that day
    [InlineData("2026-03-08T05:00:00Z", "2026-03-08")]
    [InlineData("2026-03-09T03:59:59.9999999Z", "2026-03-08")]
    [InlineData("2026-03-09T04:00:00Z", "2026-03-09")]
    [InlineData("2026-11-01T03:59:59.9999999Z", "2026-10-31")] // and back
    [InlineData("2026-11-01T04:00:00Z", "2026-11-01")]
    [InlineData("2026-11-02T04:59:59.9999999Z", "2026-11-01")]
    [InlineData("2026-11-02T05:00:00Z", "2026-11-02")]
    public void An_entry_stands_in_the_file_of_its_date_in_New_York(string at, string date)
    {
        Open().Commit([Entry("a", 1, At(at))]);
        Assert.Equal([$"{date}.db"], Files("2026*.db"));
    }

    [Fact]
    public void A_batch_over_midnight_is_written_to_both_days_and_dates_never_go_back()
    {
        var midnight = At("2026-11-21T05:00:00Z");
        using (var store = Open())
        {
            store.Commit([Entry("a", 1, midnight.AddTicks(-1)), Entry("b", 1, midnight), Entry("a", 2, midnight.AddTicks(-1)), Entry("a", 3, midnight)]);
            store.Commit([Entry("a", 4, midnight.AddHours(-3))]);
            Assert.Equal(["2026-11-20.db", "2026-11-21.db"], Files("2026*.db"));
            Assert.Equal(Range(1, 4), Offsets(store, "a"));
        }

        Assert.Equal(Range(1, 4), Offsets(Open(), "a"));
    }

    [Fact]
    public void Impossible_offsets_are_refused_and_nothing_of_their_batch_is_kept()
    {
        var store = Open();
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Commit([Entry("a", 1, Friday), Entry("b", 0, Friday)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Commit([Entry("c", 1, Friday), Entry("b", 1L << 40, Friday)]));
        Assert.Empty(Offsets(store, "a"));
        store.Commit([Entry("b", (1L << 40) - 1, Friday), Entry("a", 5, Friday)]);
        Assert.Equal([(1L << 40) - 1], Offsets(store, "b"));
        Assert.Equal([5], Offsets(store, "a"));
    }
}
