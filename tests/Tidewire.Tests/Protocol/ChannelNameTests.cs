using FsCheck;
using FsCheck.Fluent;
using Tidewire.Protocol;

namespace Tidewire.Tests.Protocol;

public sealed class ChannelNameTests
{
    private const string Lower = "abcdefghijklmnopqrstuvwxyz0123456789-";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-/_^";

    private static readonly Gen<string> Names =
        from session in Optional(Part(Lower, 32))
        from feed in Part(Lower + "_", 64)
        from symbol in Optional(Part(Upper, 24))
        select (session is null ? "" : $"@{session}/") + feed + (symbol is null ? "" : $":{symbol}");

    [Fact]
    public void A_well_formed_name_is_read_and_written_unchanged()
        => Prop.ForAll(Names.ToArbitrary(), text => ChannelName.TryParse(text, out var name) && name.ToString() == text).QuickCheckThrowOnFailure();

    [Fact]
    public void The_case_a_client_writes_does_not_matter()
        => Prop.ForAll(Names.ToArbitrary(), text =>
        {
            Assert.True(ChannelName.TryParse(text, out var name));
            Assert.True(ChannelName.TryParse(text.ToUpperInvariant(), out var upper));
            Assert.True(ChannelName.TryParse(text.ToLowerInvariant(), out var lower));
            return upper == name && lower == name && upper.GetHashCode() == lower.GetHashCode();
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Whatever_is_taken_needs_no_escaping_in_JSON()
        => Prop.ForAll<string>(text => !ChannelName.TryParse(text ?? "", out var name)
            || System.Text.Json.JsonSerializer.Serialize(name.ToString(), Relaxed) == $"\"{name}\"").QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("flow-alerts", null, "flow-alerts", null)]
    [InlineData("gex:SPY", null, "gex", "SPY")]
    [InlineData("GEX:brk.b", null, "gex", "BRK.B")]
    [InlineData("futures:/ESU6", null, "futures", "/ESU6")]
    [InlineData("@replay-7/flow-alerts", "replay-7", "flow-alerts", null)]
    [InlineData("@Replay-7/price:ES/U6", "replay-7", "price", "ES/U6")]
    [InlineData("off_lit_trades", null, "off_lit_trades", null)]
    public void A_name_falls_into_session_feed_and_symbol(string text, string? session, string feed, string? symbol)
    {
        Assert.True(ChannelName.TryParse(text, out var name));
        Assert.Equal((session, feed, symbol), (name.Session, name.Feed, name.Symbol));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(":")]
    [InlineData(":SPY")]
    [InlineData("gex:")]
    [InlineData("gex:SPY:QQQ")]
    [InlineData("gex: SPY")]
    [InlineData("gex:SPY ")]
    [InlineData("gex SPY")]
    [InlineData("gex:SP\"Y")]
    [InlineData("gex:SP\\Y")]
    [InlineData("gex:\0")]
    [InlineData("gex:SPÝ")]
    [InlineData("gèx")]
    [InlineData("gex.strike")]
    [InlineData("gex/SPY")]
    [InlineData("ſpy")] // folds to "spy" in Unicode, and must not here
    [InlineData("gex:ſPY")]
    [InlineData("\u212A")] // the Kelvin sign folds to "k" in Unicode
    [InlineData("@")]
    [InlineData("@/gex")]
    [InlineData("@replay")]
    [InlineData("@replay/")]
    [InlineData("@re_play/gex")]
    [InlineData("@a/@b/gex")]
    [InlineData("@a/b/gex")]
    public void Anything_else_is_refused(string text) => Assert.False(ChannelName.TryParse(text, out _));

    [Theory]
    [InlineData(64, 24, 32, true)]
    [InlineData(65, 24, 32, false)]
    [InlineData(64, 25, 32, false)]
    [InlineData(64, 24, 33, false)]
    [InlineData(100_000, 1, 1, false)]
    public void Each_part_has_its_longest_length(int feed, int symbol, int session, bool taken)
        => Assert.Equal(taken, ChannelName.TryParse($"@{new string('s', session)}/{new string('f', feed)}:{new string('S', symbol)}", out _));

    [Fact]
    public void A_name_made_of_its_parts_is_the_name_that_was_read()
    {
        Assert.True(ChannelName.TryParse("gex:spy", out var read));
        Assert.Equal(read, ChannelName.Of("gex", "SPY"));
        Assert.NotEqual(read, ChannelName.Of("gex"));
        Assert.Throws<ArgumentException>(() => ChannelName.Of("no feed"));
        Assert.Throws<ArgumentException>(() => ChannelName.Of("gex", ""));
    }

    [Fact]
    public void A_name_never_set_is_empty_text() => Assert.Equal("", default(ChannelName).ToString());

    private static readonly System.Text.Json.JsonSerializerOptions Relaxed = new();

    private static Gen<string> Part(string alphabet, int longest) =>
        from length in Gen.Choose(1, longest)
        from letters in Gen.Elements(alphabet.ToCharArray()).ArrayOf(length)
        select new string(letters);

    private static Gen<string?> Optional(Gen<string> part) =>
        from present in Gen.Elements(true, false)
        from text in part
        select present ? text : null;
}
