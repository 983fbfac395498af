using System.Globalization;

namespace Tidewire.Protocol;

/// <summary>
/// A place in a channel's log. Offsets rise by one per entry; the epoch changes only when the log's past was lost, so a
/// position of another epoch says nothing about this log.
/// </summary>
/// <param name="Epoch">Opaque, up to 64 characters of <c>A-Z a-z 0-9 - _ .</c>; compare for equality only.</param>
/// <param name="Offset">The offset of the last entry seen; 0 before the first.</param>
public readonly record struct StreamPosition(string Epoch, long Offset)
{
    /// <summary>Parses <c>epoch:offset</c>, as in <c>?since=</c> and <c>Last-Event-ID</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="position">The position when the answer is true.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out StreamPosition position)
    {
        position = default;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !IsEpoch(text[..colon])
            || !long.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
        {
            return false;
        }

        position = new StreamPosition(text[..colon].ToString(), offset);
        return true;
    }

    /// <summary>Whether a text can be an epoch.</summary>
    /// <param name="text">The text.</param>
    public static bool IsEpoch(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.Length > 64)
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}:{Offset}");
}
