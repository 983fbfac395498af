using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tidewire.Fanout;
using Tidewire.Tests.Fanout;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Tests.Upstream;

/// <summary>For all rows: which are the same, and which are new.</summary>
public sealed class RestRowTests
{
    private static readonly Feed Prints = FanoutWorld.Resolve("off_lit_trades").Feed;

    [Fact]
    public void A_time_is_the_same_millisecond_in_every_spelling()
        => Prop.ForAll(Gen.Choose(0, int.MaxValue).Zip(Gen.Choose(0, 999)).ToArbitrary(), pair =>
        {
            var at = DateTimeOffset.UnixEpoch.AddSeconds(100 + pair.Item1).AddMilliseconds(pair.Item2);
            string[] spellings =
            [
                at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture) is var text && text.Length > 11 ? text : at.ToString("O", CultureInfo.InvariantCulture),
                (at.ToUnixTimeMilliseconds() / 1000m).ToString(CultureInfo.InvariantCulture),
                at.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
                at.ToString("yyyy-MM-dd HH:mm:ss.ffffff+00:00", CultureInfo.InvariantCulture),
                at.ToOffset(TimeSpan.FromHours(-4)).ToString("O", CultureInfo.InvariantCulture),
            ];
            return Array.TrueForAll(spellings, spelling => VendorTime.Read(spelling) == at);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("")]
    [InlineData("10:30")]
    [InlineData("-5")]
    [InlineData("0")]
    [InlineData("NaN")]
    [InlineData("1e400")]
    [InlineData("99999999999999999999999999999999")]
    [InlineData("yesterday")]
    [InlineData("2026-13-01")]
    public void What_is_no_time_is_none(string text) => Assert.Null(VendorTime.Read(text));

    /// <summary>Answers that grow by any number of rows, newest or oldest first, with any twins, bring each row as often as it was told.</summary>
    [Fact]
    public void Answers_that_grow_bring_each_row_as_often_as_it_was_told()
        => Prop.ForAll(Gen.ListOf(Gen.Choose(0, 2)).Zip(Gen.Choose(1, 5)).Zip(Gen.Choose(0, 1)).ToArbitrary(), each =>
        {
            var ((steps, perPage), isReversed) = each;
            var prints = new List<string>();
            var at = 1;
            foreach (var step in steps)
            {
                at += step; // none is a twin of the one before
                prints.Add(FormattableString.Invariant($$"""{"ticker":"SPY","executed_at":{{1_789_738_200_000 + at}},"price":1,"size":1}"""));
            }

            var published = new PublishedRows(Prints);
            var got = new List<string>();
            for (var end = 0; end < prints.Count;)
            {
                end = Math.Min(prints.Count, end + perPage);
                var page = prints[..end];
                if (isReversed == 1)
                {
                    page.Reverse();
                }

                var rows = RestRow.ReadAnswer(Encoding.UTF8.GetBytes($$"""{"data":[{{string.Join(',', page)}}]}"""), Prints);
                got.AddRange(published.Select(rows, until: null).ConvertAll(static row => Encoding.UTF8.GetString(row.Payload)));
            }

            return got.SequenceEqual(prints);
        }).QuickCheckThrowOnFailure();
}
