using System.Text;
using System.Text.Json;
using Tidewire.Protocol;

namespace Tidewire.Tests.Protocol;

public sealed class MessageReaderFuzzTests
{
    private static readonly byte[][] Good =
    [
        .. new[]
        {
            """{"type":"subscribe","channel":"flow-alerts","ticker":"SPY","id":"a","since":{"epoch":"e1","offset":42},"history":50,"filter":"premium >= 1","max_rate":2.5}""",
            """{"type":"history","channel":"gex:SPY","before":17,"limit":100,"id":99}""",
            """{"type":"auth","token":"eyJhbGciOi\u0030"}""",
            """{"id":null,"type":"ping","more":[[[{"a":[1,2]}]]]}""",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Random_bytes_are_refused_with_a_reason(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(0, 200)];
            random.NextBytes(bytes);
            Check(bytes);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void A_message_changed_at_random_is_read_or_refused_and_never_thrown_at(int seed)
    {
        var random = new Random(seed);
        var read = 0;
        for (var round = 0; round < 40_000; round++)
        {
            read += Check(Mutated(random)) ? 1 : 0;
        }

        Assert.InRange(read, 100, 39_900); // the changes are neither all harmless nor all fatal
    }

    /// <summary>Cuts, repeats, swaps and overwrites a good message in one to four places.</summary>
    private static byte[] Mutated(Random random)
    {
        var bytes = Good[random.Next(Good.Length)].ToList();
        for (var changes = random.Next(1, 5); changes > 0 && bytes.Count > 1; changes--)
        {
            var at = random.Next(bytes.Count);
            var length = random.Next(1, Math.Min(12, bytes.Count - at + 1));
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] = (byte)"{}[]\",:\\u0d8e.-1tfn "[random.Next(20)];
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(length, bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(length, bytes.Count - at)));
                    break;
                default:
                    bytes.InsertRange(at, "\\ud800"u8.ToArray());
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>Whichever way it goes, the answer is whole: a frame or an error, and the id in it can be echoed.</summary>
    private static bool Check(byte[] bytes)
    {
        var taken = MessageReader.TryRead(bytes, out var frame, out var error);
        Assert.Equal(taken, frame is not null);
        Assert.Equal(taken, error is null);
        var id = taken ? frame!.Id : error!.Id;
        var answer = taken ? MessageWriter.Pong(id, DateTimeOffset.UnixEpoch) : MessageWriter.Error(error!, DateTimeOffset.UnixEpoch);
        using var json = JsonDocument.Parse(answer);
        Assert.Equal(id is not null, json.RootElement.TryGetProperty("id", out _));
        if (taken)
        {
            using var message = JsonDocument.Parse(bytes); // nothing is taken that is not JSON
        }

        return taken;
    }
}
