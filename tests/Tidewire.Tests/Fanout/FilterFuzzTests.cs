using System.Text;
using Tidewire.Fanout.Filtering;

namespace Tidewire.Tests.Fanout;

/// <summary>Whatever a stranger sends as a filter, and whatever a provider sends as a payload: an answer, never an exception.</summary>
public sealed class FilterFuzzTests
{
    private const int Cases = 200_000;
    private const string Json = "{}[]\",:\\u0e-.19atn ";

    private static readonly string[] Pieces =
    [
        "a", "b", "o.a", "and", "or", "not", "!", "in", "contains", "icontains", "is", "exists", "null", "true", "=", "!=", "<", ">=", "(", ")", ",", "5", "500K", "\"x\"", "'", "\"",
        "\\", "\\u00", "\ud800", "\0", "😀", ".", "1e999999999999999999999", " ", "&", "|", "&&", "||", "-", "é",
    ];

    [Fact]
    public void Any_text_is_a_filter_or_an_error_inside_it()
    {
        var random = new Random(1);
        var (taken, refused) = (0, 0);
        for (var i = 0; i < Cases; i++)
        {
            var text = (i % 3) switch
            {
                0 => Encoding.Latin1.GetString(Bytes(random, random.Next(60))),
                1 => string.Join(random.Next(2) == 0 ? " " : "", Enumerable.Range(0, random.Next(20)).Select(_ => Pieces[random.Next(Pieces.Length)])),
                _ => Mutated(random, new FilterWorld(random.Next())),
            };
            if (Filter.TryParse(text, out var filter, out var error))
            {
                taken++;
                Assert.True(Filter.TryParse(filter.ToString(), out var again, out var none), $"{text}\n{filter}\n{none}");
                Assert.Equal(filter, again);
                filter.Matches("""{"a":1,"b":"x","o":{"a":[1,"x"]}}"""u8);
                continue;
            }

            refused++;
            Assert.InRange(error.Column, 1, text.Length + 1);
            Assert.True(error.Message.StartsWith("expected ", StringComparison.Ordinal) && error.Message.Contains(", found ", StringComparison.Ordinal) && error.Message.Length < 160 && !error.Message.Any(char.IsControl), error.Message);
        }

        Assert.True(taken > 20_000 && refused > 100_000, $"{taken} taken, {refused} refused");
    }

    [Fact]
    public void Any_bytes_are_a_payload_that_passes_or_does_not()
    {
        var random = new Random(2);
        Filter[] filters = [.. Enumerable.Range(0, 40).Select(seed => new FilterWorld(seed)).Select(world => world.Filter().Spell(world.Random)).Select(text => Filter.TryParse(text, out var filter, out _) ? filter : throw new InvalidOperationException(text))];
        var passed = 0;
        for (var i = 0; i < Cases; i++)
        {
            byte[] payload;
            if (i % 4 == 0)
            {
                payload = Bytes(random, random.Next(80));
                (i % 8 == 0 ? "{\"a\":\""u8 : "{"u8).CopyTo(payload.Length > 8 ? payload : new byte[8]);
            }
            else
            {
                payload = Encoding.UTF8.GetBytes(new FilterWorld(random.Next()).Payload());
                for (var changes = random.Next(3); changes > 0 && payload.Length > 0; changes--)
                {
                    payload[random.Next(payload.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)Json[random.Next(Json.Length)];
                }
            }

            passed += filters[random.Next(filters.Length)].Matches(payload.AsSpan(0, random.Next(4) == 0 ? random.Next(payload.Length + 1) : payload.Length)) ? 1 : 0;
        }

        Assert.InRange(passed, 10_000, Cases - 10_000);
    }

    private static string Mutated(Random random, FilterWorld world)
    {
        var text = new StringBuilder(world.Filter(2).Spell(world.Random));
        for (var changes = random.Next(3); changes > 0 && text.Length > 0; changes--)
        {
            var at = random.Next(text.Length);
            _ = random.Next(3) switch
            {
                0 => text.Remove(at, Math.Min(random.Next(4), text.Length - at)),
                1 => text.Insert(at, Pieces[random.Next(Pieces.Length)]),
                _ => text.Replace(text[at], (char)random.Next(1, 300), at, 1),
            };
        }

        return text.ToString();
    }

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
