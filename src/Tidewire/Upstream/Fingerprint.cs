using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Tidewire.Upstream;

/// <summary>
/// What stands for some bytes without keeping them: 128 bits and their length. Keyed anew by each process, so that no one
/// can make two byte strings that are taken for one; two that differ are with a chance of 1 in 2^127 or so.
/// </summary>
/// <remarks>Not for anything that is stored or sent: the key is not kept. Takes about 40 ns for 300 bytes and 100 ns for 1 kB.</remarks>
internal readonly record struct Fingerprint(ulong High, ulong Low, int Length)
{
    private const int BlockLength = 32;

    private static readonly ulong[] Key = MemoryMarshal.Cast<byte, ulong>(RandomNumberGenerator.GetBytes(16 * sizeof(ulong))).ToArray();

    /// <summary>Of some bytes.</summary>
    public static Fingerprint Of(ReadOnlySpan<byte> bytes)
    {
        var key = Key.AsSpan(0, 16);
        var (a, b, c, d) = (key[0], key[1], key[2], key[3] ^ (ulong)bytes.Length);
        var (k, l, m, n) = (key[4], key[5], key[6], key[7]);
        var blocks = MemoryMarshal.Cast<byte, Block>(bytes);
        for (var i = 0; i < blocks.Length; i++)
        {
            // Each word goes into two of four chains, which do not wait for one another, so that both halves depend on every bit.
            ref readonly var block = ref blocks[i];
            a = Mixed(block.W ^ k, block.X ^ a);
            b = Mixed(block.Y ^ l, block.Z ^ b);
            c = Mixed(block.W ^ m, block.Z ^ c);
            d = Mixed(block.X ^ n, block.Y ^ d);
        }

        if (bytes.Length % BlockLength is > 0 and var rest)
        {
            // Zeros behind the end cannot be taken for bytes of their own: the length counts.
            var last = default(Block);
            bytes[^rest..].CopyTo(MemoryMarshal.AsBytes(new Span<Block>(ref last)));
            a = Mixed(last.W ^ k, last.X ^ a);
            b = Mixed(last.Y ^ l, last.Z ^ b);
            c = Mixed(last.W ^ m, last.Z ^ c);
            d = Mixed(last.X ^ n, last.Y ^ d);
        }

        return new Fingerprint(Mixed(a ^ key[8], b ^ key[9] ^ d) ^ Mixed(b ^ key[10], a ^ key[11]), Mixed(c ^ key[12], d ^ key[13] ^ b) ^ Mixed(d ^ key[14], c ^ key[15]), bytes.Length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mixed(ulong one, ulong other)
    {
        var high = Math.BigMul(one, other, out var low);
        return high ^ low;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Block
    {
        public ulong W;
        public ulong X;
        public ulong Y;
        public ulong Z;
    }
}
