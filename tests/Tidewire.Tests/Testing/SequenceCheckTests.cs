using System.Text;
using Tidewire.Testing.Clients;

namespace Tidewire.Tests.Testing;

public sealed class SequenceCheckTests
{
    [Fact]
    public void A_whole_sequence_is_perfect()
    {
        var check = Observed(5, 6, 7, 8);
        Assert.True(check.IsPerfect);
        Assert.Equal((4, 5, 8), (check.Received, check.First, check.Last));
    }

    [Fact]
    public void Missing_doubled_and_late_numbers_are_told_apart()
    {
        var check = Observed(1, 2, 6, 4, 6, 2, 9);
        Assert.Equal((4, 2, 1), (check.Missing, check.Duplicates, check.Reordered));
        Assert.Equal([(3, 3), (5, 5), (7, 8)], check.Holes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_order_is_counted_as_by_a_plain_set(int seed)
    {
        var random = new Random(seed);
        var numbers = Enumerable.Range(0, 500).Select(_ => (long)random.Next(300)).ToArray();
        var (seen, doubled, late, highest) = (new HashSet<long>(), 0, 0, -1L);
        foreach (var number in numbers)
        {
            if (!seen.Add(number))
            {
                doubled++;
            }
            else if (number < highest)
            {
                late++;
            }

            highest = Math.Max(highest, number);
        }

        var check = Observed(numbers);

        Assert.Equal((doubled, late), (check.Duplicates, check.Reordered));
        Assert.Equal(seen.Max() - seen.Min() + 1 - seen.Count, check.Missing);
    }

    [Fact]
    public void Messages_without_a_number_are_counted_apart()
    {
        var check = new SequenceCheck();
        Assert.Equal(-1, check.Observe("""["gex:SPY",{"response":{},"status":"ok"}]"""u8));
        Assert.Equal(7, check.Observe("""{"seq": "7"}"""u8));
        Assert.Equal((1, 1), (check.Unnumbered, check.Received));
    }

    [Fact]
    public void Channels_are_checked_apart_in_both_spellings()
    {
        var channels = new ChannelSequences();
        channels.Observe("""["gex:SPY",{"seq":1}]"""u8);
        channels.Observe("""["gex:QQQ",{"seq":1}]"""u8);
        channels.Observe("""{"type":"message","channel":"gex:SPY","offset":9,"data":{"seq":2}}"""u8);
        channels.Observe("""{"type":"pong"}"""u8);

        Assert.Equal(["gex:SPY", "gex:QQQ"], channels.Channels.Select(channel => channel.Key));
        Assert.Equal((2, 1), (channels["gex:SPY"].Received, channels["gex:QQQ"].Received));
    }

    private static SequenceCheck Observed(params long[] numbers)
    {
        var check = new SequenceCheck();
        foreach (var number in numbers)
        {
            check.Observe(Encoding.UTF8.GetBytes($$"""["gex:SPY",{"ticker":"SPY","seq":{{number}}}]"""));
        }

        return check;
    }
}
