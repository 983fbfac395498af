using FsCheck;
using FsCheck.Fluent;
using Tidewire.Market;

namespace Tidewire.Tests.Market;

public sealed class OptionSymbolTests
{
    [Fact]
    public void A_symbol_names_root_expiry_type_and_strike()
    {
        Assert.True(OptionSymbol.TryParse("SPXW261218P05987500", out var symbol));

        Assert.Equal(new("SPXW", new(2026, 12, 18), OptionType.Put, 5_987_500), symbol);
        Assert.Equal("SPXW261218P05987500", symbol.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("261218P05987500")]
    [InlineData("SPXW261318P05987500")]
    [InlineData("SPXW261218X05987500")]
    [InlineData("SPXW261218P0598750")]
    [InlineData("SPXW261218P-5987500")]
    [InlineData("spxw261218P05987500")]
    [InlineData("TOOLONG261218P05987500")]
    public void What_is_not_a_symbol_is_refused(string text) => Assert.False(OptionSymbol.TryParse(text, out _));

    [Fact]
    public void Every_symbol_reads_back_as_it_was_written() => Prop.ForAll<NonNegativeInt, NonNegativeInt, bool>((day, strike, call) =>
    {
        var symbol = new OptionSymbol("QQQ", new DateOnly(2020, 1, 1).AddDays(day.Get % 20_000), call ? OptionType.Call : OptionType.Put, strike.Get % 100_000_000);
        return OptionSymbol.TryParse(symbol.ToString(), out var read) && read == symbol;
    }).QuickCheckThrowOnFailure();
}
