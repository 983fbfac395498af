using FsCheck;
using FsCheck.Fluent;

namespace Tidewire.Tests.Market;

/// <summary>Instants of 2003 to 2060 for properties: half of them anywhere, half at or one tick beside a quarter of an hour.</summary>
internal static class Instants
{
    private const int Quarters = 58 * 366 * 24 * 4;
    private static readonly DateTimeOffset First = new(2003, 1, 2, 0, 0, 0, TimeSpan.Zero);

    public static Arbitrary<DateTimeOffset> Any { get; } = Gen.OneOf(
        from quarter in Gen.Choose(0, Quarters)
        from second in Gen.Choose(0, 899)
        select First.AddMinutes(15L * quarter).AddSeconds(second),
        from quarter in Gen.Choose(0, Quarters)
        from tick in Gen.Choose(-1, 1)
        select First.AddMinutes(15L * quarter).AddTicks(tick)).ToArbitrary();

    public static Arbitrary<DateOnly> Days { get; } =
        (from day in Gen.Choose(0, 58 * 365) select DateOnly.FromDateTime(First.DateTime).AddDays(day)).ToArbitrary();
}
