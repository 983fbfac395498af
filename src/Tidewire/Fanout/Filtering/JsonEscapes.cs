using System.Buffers.Text;
using System.Text;

namespace Tidewire.Fanout.Filtering;

/// <summary>
/// The escapes of JSON strings. The reader's own way throws on half a surrogate pair, which is legal JSON; here it becomes
/// U+FFFD, as it does in a browser that sends it on.
/// </summary>
internal static class JsonEscapes
{
    private const int UnicodeLength = 6; // \u0041

    /// <summary>Writes a string without its escapes, which is never longer. Its escapes must be well formed.</summary>
    /// <returns>The number of bytes written.</returns>
    public static int Remove(ReadOnlySpan<byte> text, Span<byte> into)
    {
        var length = 0;
        while (true)
        {
            var plain = text.IndexOf((byte)'\\');
            var run = plain < 0 ? text : text[..plain];
            run.CopyTo(into[length..]);
            length += run.Length;
            if (plain < 0)
            {
                return length;
            }

            text = text[plain..];
            if (text[1] != 'u')
            {
                into[length++] = text[1] switch
                {
                    (byte)'b' => (byte)'\b',
                    (byte)'f' => (byte)'\f',
                    (byte)'n' => (byte)'\n',
                    (byte)'r' => (byte)'\r',
                    (byte)'t' => (byte)'\t',
                    var itself => itself,
                };
                text = text[2..];
                continue;
            }

            var first = Unit(text);
            text = text[UnicodeLength..];
            if (char.IsHighSurrogate(first) && text is [(byte)'\\', (byte)'u', ..] && Unit(text) is var second && char.IsLowSurrogate(second))
            {
                text = text[UnicodeLength..];
                length += new Rune(first, second).EncodeToUtf8(into[length..]);
            }
            else
            {
                length += (Rune.TryCreate(first, out var rune) ? rune : Rune.ReplacementChar).EncodeToUtf8(into[length..]);
            }
        }
    }

    private static char Unit(ReadOnlySpan<byte> escape)
        => Utf8Parser.TryParse(escape[2..UnicodeLength], out ushort unit, out _, 'x') ? (char)unit : '\uFFFD';
}
