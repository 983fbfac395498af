using FsCheck;
using FsCheck.Fluent;
using Tidewire.Protocol;

namespace Tidewire.Tests.Protocol;

public sealed class StreamPositionTests
{
    [Fact]
    public void A_position_is_read_as_it_was_written()
        => Prop.ForAll(
            Gen.Elements("ABCabc019-_.".ToCharArray()).NonEmptyListOf().Where(letters => letters.Count <= 64).ToArbitrary(),
            Gen.Choose(0, int.MaxValue).ToArbitrary(),
            (letters, offset) =>
            {
                var position = new StreamPosition(new string([.. letters]), (long)offset * 4_000_000_000L);
                return StreamPosition.TryParse(position.ToString(), out var read) && read == position;
            }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("e:0", "e", 0)]
    [InlineData("sim-0a1b:42", "sim-0a1b", 42)]
    [InlineData("e:9223372036854775807", "e", long.MaxValue)]
    [InlineData("e:007", "e", 7)]
    public void A_position_is_an_epoch_and_an_offset(string text, string epoch, long offset)
    {
        Assert.True(StreamPosition.TryParse(text, out var position));
        Assert.Equal(new StreamPosition(epoch, offset), position);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData(":1")]
    [InlineData("e:")]
    [InlineData("e")]
    [InlineData("42")]
    [InlineData("e:-1")]
    [InlineData("e:+1")]
    [InlineData("e: 1")]
    [InlineData("e:1 ")]
    [InlineData("e:1,000")]
    [InlineData("e:1.0")]
    [InlineData("e:1e3")]
    [InlineData("e:0x10")]
    [InlineData("e:٤٢")]
    [InlineData("e:9223372036854775808")]
    [InlineData("a:b:1")]
    [InlineData("é:1")]
    [InlineData("e\n:1")]
    [InlineData("a b:1")]
    public void Anything_else_is_refused(string text) => Assert.False(StreamPosition.TryParse(text, out _));

    [Fact]
    public void An_epoch_has_a_longest_length()
    {
        Assert.True(StreamPosition.IsEpoch(new string('e', 64)));
        Assert.False(StreamPosition.IsEpoch(new string('e', 65)));
        Assert.False(StreamPosition.IsEpoch(""));
    }
}
