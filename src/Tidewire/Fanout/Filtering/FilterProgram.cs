namespace Tidewire.Fanout.Filtering;

/// <summary>
/// A filter made ready to run: the fields to look for, and the condition over at most 64 tests, a bit each. Immutable.
/// </summary>
internal sealed class FilterProgram
{
    private readonly FilterField[] _fields;
    private readonly Condition _condition;

    private FilterProgram(FilterField payload, FilterField[] fields, Condition condition)
    {
        Payload = payload;
        _fields = fields;
        _condition = condition;
    }

    /// <summary>What is read of a payload.</summary>
    public FilterField Payload { get; }

    /// <summary>The program of an expression with at most 64 tests.</summary>
    public static FilterProgram Of(FilterExpression expression)
    {
        var payload = new FilterField("");
        var fields = new List<FilterField>();
        var tests = 0;
        var condition = new Condition(isAll: true);
        Add(expression, isNegated: false, condition);
        return new FilterProgram(payload, [.. fields], condition);

        // Negations move inwards to the tests, so that a condition is only "all of" and "some of".
        void Add(FilterExpression part, bool isNegated, Condition to)
        {
            switch (part)
            {
                case FilterNot not:
                    Add(not.Inner, !isNegated, to);
                    break;
                case FilterJunction junction:
                    var inner = to;
                    if (junction.IsAll != isNegated != to.IsAll)
                    {
                        inner = new Condition(junction.IsAll != isNegated);
                        to.Inner.Add(inner);
                    }

                    foreach (var each in junction.Parts)
                    {
                        Add(each, isNegated, inner);
                    }

                    break;
                case FilterTest test:
                    var check = new FilterCheck(test, 1UL << tests++);
                    payload.Add(test.Field, check, fields);
                    to.Positive |= isNegated ? 0 : check.Bit;
                    to.Negative |= isNegated ? check.Bit : 0;
                    break;
            }
        }
    }

    /// <summary>The outcome as far as it is certain; null when it depends on tests that are not decided yet.</summary>
    /// <param name="decided">The tests whose field was seen.</param>
    /// <param name="passed">Those of them that hold.</param>
    public bool? Outcome(ulong decided, ulong passed) => _condition.Outcome(decided, passed);

    /// <summary>Whether a field that was seen could stand in the rest of a payload once more.</summary>
    /// <param name="rest">The rest.</param>
    /// <param name="decided">The tests whose field was seen.</param>
    public bool MayRepeat(ReadOnlySpan<byte> rest, ulong decided)
    {
        foreach (var field in _fields)
        {
            if ((field.All & decided) != 0 && rest.IndexOf(field.Quoted) >= 0)
            {
                return true;
            }
        }

        return rest.IndexOf("\\u"u8) >= 0;
    }

    /// <summary>All of, or some of: tests, opposites of tests, and conditions of the other kind.</summary>
    private sealed class Condition(bool isAll)
    {
        public bool IsAll { get; } = isAll;

        public ulong Positive { get; set; }

        public ulong Negative { get; set; }

        public List<Condition> Inner { get; } = [];

        public bool? Outcome(ulong decided, ulong passed)
        {
            var holds = (Positive & passed) | (Negative & ~passed);
            var settling = IsAll ? ~holds : holds;
            if ((settling & decided & (Positive | Negative)) != 0)
            {
                return !IsAll;
            }

            var isOpen = ((Positive | Negative) & ~decided) != 0;
            foreach (var inner in Inner)
            {
                var outcome = inner.Outcome(decided, passed);
                if (outcome == !IsAll)
                {
                    return outcome;
                }

                isOpen |= outcome is null;
            }

            return isOpen ? null : IsAll;
        }
    }
}
