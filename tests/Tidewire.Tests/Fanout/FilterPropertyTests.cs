using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tidewire.Fanout.Filtering;

namespace Tidewire.Tests.Fanout;

/// <summary>The language against a model of it; each case is a seed, which a failure names.</summary>
public sealed class FilterPropertyTests
{
    private static readonly Arbitrary<int> Seeds = Gen.Choose(0, int.MaxValue).ToArbitrary();

    [Fact]
    public void A_filter_passes_what_the_model_passes()
    {
        var (passed, kept) = (0, 0);
        Prop.ForAll(Seeds, seed =>
        {
            var world = new FilterWorld(seed);
            var model = world.Filter();
            var text = model.Spell(world.Random);
            var filter = Parse(text);
            for (var i = 0; i < 8; i++)
            {
                var payload = world.Payload();
                var expected = FilterModel.Evaluate(model, payload);
                Assert.True(expected == filter.Matches(Encoding.UTF8.GetBytes(payload)), $"expected {expected}: {text}\n{filter}\n{payload}");
                (passed, kept) = expected ? (passed + 1, kept) : (passed, kept + 1);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(10_000));
        Assert.True(passed > 10_000 && kept > 10_000, $"{passed} passed, {kept} kept back");
    }

    [Fact]
    public void The_canonical_text_is_an_equal_filter() => Prop.ForAll(Seeds, seed =>
    {
        var world = new FilterWorld(seed);
        var model = world.Filter();
        var text = model.Spell(world.Random);
        var filter = Parse(text);
        var again = Parse(filter.ToString());
        Assert.Equal(filter.ToString(), again.ToString());
        Assert.True(filter.Equals(again) && filter.GetHashCode() == again.GetHashCode());
        for (var i = 0; i < 4; i++)
        {
            var payload = Encoding.UTF8.GetBytes(world.Payload());
            Assert.True(filter.Matches(payload) == again.Matches(payload), $"{text}\n{filter}\n{Encoding.UTF8.GetString(payload)}");
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Fact]
    public void However_it_is_spelled_it_is_the_same_filter() => Prop.ForAll(Seeds, seed =>
    {
        var world = new FilterWorld(seed);
        var model = world.Filter();
        Assert.Equal(Parse(model.Spell(world.Random)), Parse(model.Spell(world.Random)));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Fact]
    public void Numbers_compare_as_the_exact_numbers_they_are() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        var whole = Whole(random);
        // Half of the pairs are equal or one apart in the last place.
        var other = random.Next(4) switch
        {
            0 => Whole(random),
            1 => whole,
            2 => whole + BigInteger.One,
            _ => -whole,
        };
        var power = random.Next(-30, 30);
        var otherPower = random.Next(3) == 0 ? random.Next(-30, 30) : power;
        var (left, right) = (Spell(random, whole, power), Spell(random, other, otherPower));
        var least = Math.Min(power, otherPower);
        var order = (whole * BigInteger.Pow(10, power - least)).CompareTo(other * BigInteger.Pow(10, otherPower - least));
        foreach (var quote in (string[])["", "\""])
        {
            // JSON has no plus, no leading zeros and no bare point.
            if (quote.Length == 0 && !IsJson(left))
            {
                continue;
            }

            var payload = Encoding.UTF8.GetBytes($$"""{"a":{{quote}}{{left}}{{quote}}}""");
            Assert.True((order < 0) == Parse($"a < {right}").Matches(payload), $"{left} < {right}");
            Assert.True((order <= 0) == Parse($"a <= {right}").Matches(payload), $"{left} <= {right}");
            Assert.True((order > 0) == Parse($"a > {right}").Matches(payload), $"{left} > {right}");
            Assert.True((order >= 0) == Parse($"a >= {right}").Matches(payload), $"{left} >= {right}");
            Assert.True((order == 0) == Parse($"a = {right}").Matches(payload), $"{left} = {right}");
            Assert.True((order == 0) == Parse($"a in (word, {right}, 7e99)").Matches(payload), $"{left} in {right}");
            Assert.Equal(order == 0, Parse($"a = {left}").Equals(Parse($"a = {right}")));
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Theory]
    [InlineData("1e400", ">", "1e399", true)]
    [InlineData("1e400", ">", "-1e400", true)]
    [InlineData("-1e400", "<", "1e-400", true)]
    [InlineData("1e-400", ">", "0", true)]
    [InlineData("-1e-400", "<", "0", true)]
    [InlineData("0e400", "=", "-0e-9", true)]
    [InlineData("1e999999999999999999", ">", "1e999999999999999998", true)]
    [InlineData("10e999999999999999999", ">", "1e999999999999999999", true)]
    [InlineData("1e-999999999999999999", "<", "1e-999999999999999998", true)]
    [InlineData("1e0000000000000000000000001", "=", "10", true)]
    [InlineData("9007199254740993", ">", "9007199254740992", true)]
    [InlineData("0.1", "=", "0.10", true)]
    [InlineData("0.1000000000000000055511151231257827", ">", "0.1", true)]
    [InlineData("1e1000000000000000000", ">", "0", false)] // more than 18 digits: no number
    [InlineData("1e1000000000000000000", "=", "1e1000000000000000000", false)]
    public void Sizes_beyond_every_machine_number_are_exact(string left, string by, string right, bool passes)
        => Assert.Equal(passes, Parse($"a {by} {right}").Matches(Encoding.UTF8.GetBytes($$"""{"a":{{left}}}""")));

    [Theory]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("+")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("-.")]
    [InlineData("1.2.3")]
    [InlineData("--1")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("e5")]
    [InlineData(".e5")]
    [InlineData("1e5.0")]
    [InlineData("0x10")]
    [InlineData("1,000")]
    [InlineData("1_000")]
    [InlineData("5K")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("١")]
    public void A_string_that_is_no_number_is_none(string text)
    {
        var payload = Encoding.UTF8.GetBytes($$"""{"a":"{{text}}"}""");
        Assert.False(Parse("a < 1e9 or a >= 1e9").Matches(payload));
        Assert.True(Parse($"a = \"{text}\"").Matches(payload));
    }

    [Theory]
    [InlineData("500K", "500000")]
    [InlineData("500k", "5e5")]
    [InlineData("1.5M", "1500000")]
    [InlineData("-.25m", "-250000")]
    [InlineData("2B", "2000000000")]
    [InlineData("0b", "0")]
    [InlineData("1_000_000.000_1", "1000000.0001")]
    public void Words_may_spell_numbers_as_people_do(string word, string number)
    {
        Assert.Equal(Parse($"a = {number}"), Parse($"a = {word}"));
        Assert.NotEqual(Parse($"a = {number}"), Parse($"a = \"{word}\""));
    }

    [Theory]
    [InlineData("1__0")]
    [InlineData("_1")]
    [InlineData("1_")]
    [InlineData("1_.0")]
    [InlineData("1e3K")]
    [InlineData("K")]
    [InlineData("1KK")]
    [InlineData("1T")]
    public void Other_words_are_text(string word) => Assert.Equal($"a = {word}", Parse($"a = {word}").ToString());

    private static BigInteger Whole(Random random)
    {
        var bytes = new byte[random.Next(1, 20)];
        random.NextBytes(bytes);
        var whole = new BigInteger(bytes);
        return random.Next(4) == 0 ? whole % 20 : random.Next(3) == 0 ? whole * 1_000 : whole;
    }

    private static string Spell(Random random, BigInteger whole, int power)
    {
        var sign = whole.Sign < 0 ? "-" : random.Next(8) == 0 ? "+" : "";
        var digits = BigInteger.Abs(whole).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var shift = random.Next(-5, 25);
        // Moves the point to the left by as many places as the exponent grows.
        digits = shift > 0 ? digits.PadLeft(shift + 1, '0') : digits;
        var text = shift > 0 ? $"{digits[..^shift]}.{digits[^shift..]}" : digits + new string('0', -shift);
        var exponent = power + Math.Max(shift, 0) + Math.Min(shift, 0);
        text = random.Next(8) == 0 ? "00" + text : random.Next(4) == 0 && text.StartsWith("0.", StringComparison.Ordinal) ? text[1..] : text;
        return exponent == 0 ? sign + text : $"{sign}{text}{(random.Next(2) == 0 ? 'e' : 'E')}{(exponent > 0 && random.Next(2) == 0 ? "+" : "")}{exponent}";
    }

    private static bool IsJson(string number)
    {
        try
        {
            using var document = System.Text.Json.JsonDocument.Parse(number);
            return true;
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }

    private static Filter Parse(string text)
    {
        Assert.True(Filter.TryParse(text, out var filter, out var error), $"{text}\n{error}");
        return filter;
    }
}
