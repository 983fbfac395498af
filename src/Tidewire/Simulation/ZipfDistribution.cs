namespace Tidewire.Simulation;

/// <summary>Popularity by rank: rank k (from 1) is drawn in proportion to 1 / k^exponent.</summary>
internal sealed class ZipfDistribution
{
    private readonly double[] _upTo;

    public ZipfDistribution(int count, double exponent)
    {
        _upTo = new double[count];
        var sum = 0.0;
        for (var index = 0; index < count; index++)
        {
            sum += Math.Pow(index + 1, -exponent);
            _upTo[index] = sum;
        }
    }

    /// <summary>Draws an index, from 0 (the most popular).</summary>
    public int Draw(SeededRandom random)
    {
        var found = Array.BinarySearch(_upTo, random.NextUnit() * _upTo[^1]);
        return Math.Min(found < 0 ? ~found : found + 1, _upTo.Length - 1);
    }
}
