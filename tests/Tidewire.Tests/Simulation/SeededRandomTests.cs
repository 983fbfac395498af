using FsCheck;
using FsCheck.Fluent;
using Tidewire.Simulation;

namespace Tidewire.Tests.Simulation;

public sealed class SeededRandomTests
{
    [Fact]
    public void Whole_numbers_stay_within_their_bounds() => Prop.ForAll<long, int, PositiveInt>((seed, low, span) =>
    {
        var bottom = low / 4;
        var top = bottom + (span.Get % 1_000_000);
        var random = SeededRandom.For(seed, "test");
        return Enumerable.Range(0, 50).All(_ => random.Whole(bottom, top) is var number && number >= bottom && number <= top);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Ids_are_version_4_and_differ()
    {
        var random = SeededRandom.For(3, "ids");
        var ids = Enumerable.Range(0, 10_000).Select(_ => random.Id()).ToList();

        Assert.All(ids, id => Assert.Equal((4, true), (id.Version, id.Variant is >= 8 and <= 11)));
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public void Purposes_have_sequences_of_their_own()
    {
        Assert.NotEqual(SeededRandom.For(1, "a").NextBits(), SeededRandom.For(1, "b").NextBits());
        Assert.NotEqual(SeededRandom.For(1, "a").NextBits(), SeededRandom.For(2, "a").NextBits());
        Assert.Equal(SeededRandom.For(1, "a").NextBits(), SeededRandom.For(1, "a").NextBits());
    }

    [Fact]
    public void Draws_have_the_shape_they_are_named_for()
    {
        var random = SeededRandom.For(5, "shape");
        var normal = Enumerable.Range(0, 50_000).Select(_ => random.Normal()).ToList();
        var pareto = Enumerable.Range(0, 50_000).Select(_ => random.Pareto(10, 2)).ToList();
        var zipf = new ZipfDistribution(60, 1.1);
        var ranks = Enumerable.Range(0, 50_000).Select(_ => zipf.Draw(random)).ToList();

        Assert.Equal(0, normal.Average(), 0.02);
        Assert.Equal(1, normal.Average(value => value * value), 0.03);
        Assert.Equal(0.01, pareto.Count(value => value > 100) / 50_000.0, 0.003);
        Assert.True(pareto.Min() >= 10);
        Assert.Equal(Math.Pow(2, 1.1), ranks.Count(rank => rank == 0) / (double)ranks.Count(rank => rank == 1), 0.15);
        Assert.InRange(ranks.Max(), 55, 59);
    }
}
