using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tidewire.Simulation;

namespace Tidewire.Tests.Simulation;

public sealed class FrameBufferTests
{
    [Theory]
    [InlineData(700, 2, 2, "7.00")]
    [InlineData(700, 2, 1, "7.0")]
    [InlineData(5, 2, 2, "0.05")]
    [InlineData(352_500, 3, 0, "352.5")]
    [InlineData(355_000, 3, 0, "355")]
    [InlineData(3_471_735, 4, 2, "347.1735")]
    [InlineData(-50, 4, 2, "-0.005")]
    [InlineData(0, 2, 0, "0")]
    public void A_fixed_number_keeps_the_places_it_needs(long units, int places, int least, string expected) =>
        Assert.Equal(expected, Written(buffer => buffer.Fixed(units, places, least)));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1e-9, "0.000000001")]
    [InlineData(-0.5, "-0.5")]
    [InlineData(0.1234567890123456, "0.1234567890123456")]
    [InlineData(-483920117652.318, "-483920117652.318")]
    public void Digits_are_written_without_an_exponent(double value, string expected) =>
        Assert.Equal(expected, Written(buffer => buffer.Digits(value)));

    [Fact]
    public void Any_number_reads_back_to_sixteen_digits() => Prop.ForAll<int, NormalFloat>((whole, part) =>
    {
        var value = whole + Math.IEEERemainder(part.Get, 1);
        var text = Written(buffer => buffer.Digits(value));
        return Math.Abs(double.Parse(text, CultureInfo.InvariantCulture) - value) <= Math.Max(1e-16, Math.Abs(value) * 1e-15)
            && text.Count(char.IsAsciiDigit) <= 17;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_cents_read_back_exactly() => Prop.ForAll<long>(units =>
    {
        var value = units % 1_000_000_000_000;
        return decimal.Parse(Written(buffer => buffer.Fixed(value, 4, 2)), CultureInfo.InvariantCulture) == value / 10_000m;
    }).QuickCheckThrowOnFailure();

    private static string Written(Action<FrameBuffer> write)
    {
        var buffer = new FrameBuffer();
        buffer.Clear(0);
        write(buffer);
        return Encoding.UTF8.GetString(buffer.Written);
    }
}
