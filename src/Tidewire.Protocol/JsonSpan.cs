using System.Buffers.Text;

namespace Tidewire.Protocol;

/// <summary>Appends JSON text to a span that is known to be large enough; the one allocation-free writer of the message path.</summary>
/// <remarks>Quoted strings given to it must need no escaping: channel names, epochs and sources are restricted so that they never do.</remarks>
internal ref struct JsonSpan(Span<byte> target)
{
    private readonly Span<byte> _target = target;

    public int Length { get; private set; }

    public void Raw(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_target[Length..]);
        Length += bytes.Length;
    }

    public void Number(long value)
    {
        Utf8Formatter.TryFormat(value, _target[Length..], out var written);
        Length += written;
    }

    /// <summary>A quoted instant in UTC, ISO 8601 with milliseconds.</summary>
    public void Instant(DateTimeOffset at)
    {
        var utc = at.UtcDateTime;
        var to = _target.Slice(Length, 26);
        to[0] = (byte)'"';
        Digits(to[1..], utc.Year, 4);
        to[5] = (byte)'-';
        Digits(to[6..], utc.Month, 2);
        to[8] = (byte)'-';
        Digits(to[9..], utc.Day, 2);
        to[11] = (byte)'T';
        Digits(to[12..], utc.Hour, 2);
        to[14] = (byte)':';
        Digits(to[15..], utc.Minute, 2);
        to[17] = (byte)':';
        Digits(to[18..], utc.Second, 2);
        to[20] = (byte)'.';
        Digits(to[21..], utc.Millisecond, 3);
        to[24] = (byte)'Z';
        to[25] = (byte)'"';
        Length += 26;
    }

    private static void Digits(Span<byte> to, int value, int count)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            to[i] = (byte)('0' + (value % 10));
            value /= 10;
        }
    }
}
