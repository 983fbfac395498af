using System.Text;
using Tidewire.Server.Sockets.Direct;

namespace Tidewire.Server.Tests.Sockets.Direct;

public sealed class ClientFrameReaderTests
{
    private const int MaxMessage = 300;

    /// <summary>Whatever pieces the bytes arrive in, the same messages and control frames come out, in order.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Frames_are_read_the_same_in_whatever_pieces_they_arrive(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var expected = new List<string>();
            var bytes = new List<byte>();
            for (var i = random.Next(1, 8); i > 0; i--)
            {
                Add(random, bytes, expected);
            }

            Assert.Equal(expected, ReadAll([.. bytes], random));
            Assert.Equal(expected, ReadAll([.. bytes], null));
        }
    }

    [Fact]
    public void Random_bytes_never_throw_and_never_yield_more_than_the_bound()
    {
        var random = new Random(7);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(1, 600)];
            random.NextBytes(bytes);
            if (round % 2 == 0)
            {
                bytes[0] = (byte)(0x80 | random.Next(0, 11));
                bytes[^1] |= 0x80;
            }

            using var reader = new ClientFrameReader(MaxMessage);
            for (var at = 0; ;)
            {
                var kind = reader.Read(bytes, ref at, out var payload);
                Assert.InRange(payload.Length, 0, MaxMessage);
                if (kind is ClientFrameKind.None or ClientFrameKind.Violation or ClientFrameKind.Close)
                {
                    break;
                }
            }
        }
    }

    [Fact]
    public void A_message_that_never_ends_is_told_once()
    {
        using var reader = new ClientFrameReader(MaxMessage);
        var told = 0;
        for (var i = 0; i < 100; i++)
        {
            var frame = RawSocket.Frame(i == 0 ? RawSocket.Text : RawSocket.Continuation, new byte[200], fin: false);
            for (var at = 0; reader.Read(frame, ref at, out _) is var kind and not ClientFrameKind.None;)
            {
                Assert.Equal(ClientFrameKind.Endless, kind);
                told++;
            }
        }

        Assert.Equal(1, told);
    }

    private static byte[] Masked(Random random, int opcode, byte[] payload, bool fin = true)
    {
        var frame = RawSocket.Frame(opcode, payload, fin);
        var mask = new byte[4];
        random.NextBytes(mask);
        mask.CopyTo(frame, frame.Length - payload.Length - 4);
        for (var i = 0; i < payload.Length; i++)
        {
            frame[frame.Length - payload.Length + i] ^= mask[i % 4];
        }

        return frame;
    }

    private static void Add(Random random, List<byte> bytes, List<string> expected)
    {
        var text = new string((char)('a' + random.Next(26)), random.Next(3) == 0 ? random.Next(250, 400) : random.Next(0, 140)) + "é";
        var payload = Encoding.UTF8.GetBytes(text);
        switch (random.Next(4))
        {
            case 0:
                var control = payload[..Math.Min(payload.Length, 125)];
                bytes.AddRange(Masked(random, RawSocket.Ping, control));
                expected.Add($"Ping {Convert.ToHexString(control)}");
                break;
            case 1:
                bytes.AddRange(Masked(random, RawSocket.Binary, payload));
                expected.Add(payload.Length > MaxMessage ? "TooLarge " : $"Binary {Convert.ToHexString(payload)}");
                break;
            default:
                var parts = random.Next(1, 4);
                for (var part = 0; part < parts; part++)
                {
                    var from = payload.Length * part / parts;
                    var to = payload.Length * (part + 1) / parts;
                    bytes.AddRange(Masked(random, part == 0 ? RawSocket.Text : RawSocket.Continuation, payload[from..to], fin: part == parts - 1));
                    if (part < parts - 1 && random.Next(2) == 0)
                    {
                        bytes.AddRange(Masked(random, RawSocket.Pong, [(byte)part]));
                        expected.Add($"Pong {part:X2}");
                    }
                }

                expected.Add(payload.Length > MaxMessage ? "TooLarge " : $"Text {Convert.ToHexString(payload)}");
                break;
        }
    }

    private static List<string> ReadAll(byte[] bytes, Random? random)
    {
        using var reader = new ClientFrameReader(MaxMessage);
        var seen = new List<string>();
        for (var from = 0; from < bytes.Length;)
        {
            var piece = bytes[from..Math.Min(bytes.Length, from + (random?.Next(1, 40) ?? bytes.Length))];
            from += piece.Length;
            for (var at = 0; reader.Read(piece, ref at, out var payload) is var kind and not ClientFrameKind.None;)
            {
                seen.Add($"{kind} {Convert.ToHexString(payload)}");
            }
        }

        return seen;
    }
}
