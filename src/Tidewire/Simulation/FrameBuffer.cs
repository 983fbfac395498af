using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Tidewire.Simulation;

/// <summary>
/// Writes JSON text as UTF-8 into one buffer that is used again and again. It writes what it is told, commas and quotes
/// included: all text that passes through is ours and needs no escaping.
/// </summary>
/// <remarks>
/// Written by hand and not with a JSON writer because the encodings of numbers are the provider's (decimals of a fixed
/// place count, as strings, without an exponent), and because a load test asks for more frames than one core has time for.
/// </remarks>
internal sealed class FrameBuffer
{
    private const int SignificantDigits = 16;

    private static readonly long[] Powers = [.. Enumerable.Range(0, 18).Select(power => (long)Math.Pow(10, power))];

    private byte[] _bytes = new byte[4_096];
    private int _length;

    /// <summary>What was written since <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>How often it was begun: how many payloads were written.</summary>
    public long Begun { get; private set; }

    /// <summary>Begins anew, with room for at least so many bytes.</summary>
    public void Clear(int room)
    {
        Begun++;
        _length = 0;
        if (_bytes.Length < room)
        {
            _bytes = new byte[room * 2];
        }
    }

    /// <summary>Writes text as it is.</summary>
    public void Raw(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_bytes.AsSpan(_length));
        _length += text.Length;
    }

    /// <summary>Writes ASCII text as it is.</summary>
    public void Ascii(string text) => _length += Encoding.ASCII.GetBytes(text, _bytes.AsSpan(_length));

    /// <summary>Writes a time as <c>2026-11-18T15:30:00Z</c>.</summary>
    /// <param name="milliseconds">Milliseconds since the Unix epoch; the rest of the second is left out.</param>
    public void Instant(long milliseconds)
    {
        var time = new DateTime(SimulatedClock.FromUnixMilliseconds(milliseconds), DateTimeKind.Utc);
        time.TryFormat(_bytes.AsSpan(_length), out var written, "s", CultureInfo.InvariantCulture);
        _length += written;
        Raw("Z"u8);
    }

    /// <summary>Writes a whole number.</summary>
    public void Whole(long value)
    {
        Utf8Formatter.TryFormat(value, _bytes.AsSpan(_length), out var written);
        _length += written;
    }

    /// <summary>Writes <c>true</c> or <c>false</c>.</summary>
    public void Truth(bool value) => Raw(value ? "true"u8 : "false"u8);

    /// <summary>Writes an id with hyphens.</summary>
    public void Id(Guid id)
    {
        Utf8Formatter.TryFormat(id, _bytes.AsSpan(_length), out var written);
        _length += written;
    }

    /// <summary>Writes a number of units of 10^-<paramref name="places"/>, without trailing zeros.</summary>
    /// <param name="units">The number.</param>
    /// <param name="places">Places after the point.</param>
    /// <param name="least">Places that stay even if they are zeros.</param>
    public void Fixed(long units, int places, int least)
    {
        if (units < 0)
        {
            Raw("-"u8);
            units = -units;
        }

        var (whole, rest) = Math.DivRem(units, Powers[places]);
        Whole(whole);
        while (places > least && rest % 10 == 0)
        {
            rest /= 10;
            places--;
        }

        if (places == 0)
        {
            return;
        }

        _bytes[_length++] = (byte)'.';
        for (var place = places - 1; place >= 0; place--)
        {
            (rest, var digit) = Math.DivRem(rest, 10);
            _bytes[_length + place] = (byte)('0' + digit);
        }

        _length += places;
    }

    /// <summary>Writes a number with up to sixteen digits and never an exponent. It must be finite and below 10^16.</summary>
    public void Digits(double value)
    {
        var places = SignificantDigits;
        var size = Math.Abs(value);
        while (places > 0 && size >= Powers[SignificantDigits - places])
        {
            places--;
        }

        Fixed((long)Math.Round(value * Powers[places]), places, 0);
    }
}
