namespace Tidewire.Simulation.Rest;

/// <summary>One value of a screener's row, by which rows can be bounded and ordered.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its place in an order; NaN for what has none.</param>
/// <param name="Write">Writes it.</param>
internal readonly record struct ScreenField(string Name, double Value, Action<RestText> Write)
{
    /// <summary>What is counted, a number on the wire.</summary>
    public static ScreenField Count(string name, long value) => new(name, value, to => to.Count(name, value));

    /// <summary>A number that is a string on the wire.</summary>
    public static ScreenField Digits(string name, double value) => new(name, value, to => to.Digits(name, value));

    /// <summary>Units of 10^-places, a string on the wire.</summary>
    public static ScreenField Fixed(string name, long units, int places, int least) =>
        new(name, units / Math.Pow(10, places), to => to.Fixed(name, units, places, least));

    /// <summary>A date or null; ordered by day.</summary>
    public static ScreenField Date(string name, DateOnly? value) => new(name, value?.DayNumber ?? double.NaN, to => to.Date(name, value));

    /// <summary>Text, which has no order here.</summary>
    public static ScreenField Text(string name, string? value) => new(name, double.NaN, to => to.Text(name, value));

    /// <summary>True or false.</summary>
    public static ScreenField Truth(string name, bool value) => new(name, value ? 1 : 0, to => to.Truth(name, value));
}

/// <summary>What is asked of a screener: bounds, an order, a page.</summary>
internal sealed class Screen
{
    private readonly List<(string Field, double Least, double Most)> _bounds = [];
    private readonly string _order;
    private readonly bool _ascending;
    private readonly int _limit;
    private readonly int _page;

    /// <param name="query">The query.</param>
    /// <param name="bounds">What can be bounded by <c>min_</c> and <c>max_</c>, and the field that is meant.</param>
    /// <param name="orders">What can be ordered by; the first is the order when none is asked for.</param>
    /// <param name="most">The most rows of a page.</param>
    /// <param name="standard">The rows of a page when nothing is asked for.</param>
    public Screen(RestQuery query, IEnumerable<(string Name, string Field)> bounds, IReadOnlyCollection<string> orders, int most, int standard)
    {
        foreach (var (name, field) in bounds)
        {
            var (least, highest) = (query.Real("min_" + name), query.Real("max_" + name));
            if (least is not null || highest is not null)
            {
                _bounds.Add((field, least ?? double.NegativeInfinity, highest ?? double.PositiveInfinity));
            }
        }

        _order = query.Choice("order", orders) ?? orders.First();
        _ascending = query.Choice("order_direction", ["desc", "asc"]) == "asc";
        (_limit, _page) = (query.Limit(most, standard), query.Page());
    }

    /// <summary>Writes the rows that match.</summary>
    public void Write(RestText to, IEnumerable<ScreenField[]> rows)
    {
        var matching = rows.Where(row => _bounds.All(bound => ValueOf(row, bound.Field) is var value && value >= bound.Least && value <= bound.Most));
        var ordered = _ascending
            ? matching.OrderBy(row => double.IsNaN(ValueOf(row, _order))).ThenBy(row => ValueOf(row, _order))
            : matching.OrderBy(row => double.IsNaN(ValueOf(row, _order))).ThenByDescending(row => ValueOf(row, _order));
        to.List(ordered.Skip(_page * _limit).Take(_limit), (text, row) =>
        {
            foreach (var field in row)
            {
                field.Write(text);
            }
        });
    }

    private static double ValueOf(ScreenField[] row, string name) => Array.Find(row, field => field.Name == name).Value;
}
