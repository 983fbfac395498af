using System.Buffers.Binary;
using System.Numerics;

namespace Tidewire.Simulation;

/// <summary>
/// A random sequence that is the same on every machine and version for the same seed, which <see cref="Random"/> does not
/// promise: xoshiro256** by D. Blackman and S. Vigna, seeded by SplitMix64. Not thread-safe.
/// </summary>
internal sealed class SeededRandom
{
    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;
    private double _spareNormal = double.NaN;

    public SeededRandom(ulong seed)
    {
        _a = SplitMix(ref seed);
        _b = SplitMix(ref seed);
        _c = SplitMix(ref seed);
        _d = SplitMix(ref seed);
    }

    /// <summary>A sequence of its own for one purpose, so that drawing from it disturbs no other.</summary>
    public static SeededRandom For(long seed, string purpose)
    {
        var state = (ulong)seed;
        return new(SplitMix(ref state) ^ StableHash(purpose));
    }

    /// <summary>A hash that, unlike <see cref="string.GetHashCode()"/>, is the same in every process: FNV-1a over the UTF-16 units.</summary>
    public static ulong StableHash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var unit in text)
        {
            hash = (hash ^ unit) * 1099511628211UL;
        }

        return hash;
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        var result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        var shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>At least 0 and below 1.</summary>
    public double NextUnit() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>True with the given probability.</summary>
    public bool Chance(double probability) => NextUnit() < probability;

    /// <summary>Uniform over an interval.</summary>
    public double Between(double low, double high) => low + ((high - low) * NextUnit());

    /// <summary>Uniform over the whole numbers from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public int Whole(int low, int high) => low + (int)(((NextBits() >> 32) * (ulong)(high - low + 1)) >> 32);

    /// <summary>Normal with mean 0 and deviation 1 (Marsaglia's polar method).</summary>
    public double Normal()
    {
        if (!double.IsNaN(_spareNormal))
        {
            var spare = _spareNormal;
            _spareNormal = double.NaN;
            return spare;
        }

        while (true)
        {
            var x = Between(-1, 1);
            var y = Between(-1, 1);
            var square = (x * x) + (y * y);
            if (square is > 0 and < 1)
            {
                var factor = Math.Sqrt(-2 * Math.Log(square) / square);
                _spareNormal = y * factor;
                return x * factor;
            }
        }
    }

    /// <summary>Exponential with the given mean.</summary>
    public double Exponential(double mean) => -mean * Math.Log(1 - NextUnit());

    /// <summary>Log-normal: half of the values are below the median.</summary>
    public double LogNormal(double median, double deviation) => median * Math.Exp(deviation * Normal());

    /// <summary>Pareto: never below the scale, and above it with a tail that falls as x^-exponent.</summary>
    public double Pareto(double scale, double exponent) => scale * Math.Pow(1 - NextUnit(), -1 / exponent);

    /// <summary>An id in the form of a version 4 UUID.</summary>
    public Guid Id()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, NextBits());
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], NextBits());
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    private static ulong SplitMix(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15UL;
        var mixed = state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
        return mixed ^ (mixed >> 31);
    }
}
