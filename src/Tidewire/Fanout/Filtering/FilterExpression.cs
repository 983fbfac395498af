namespace Tidewire.Fanout.Filtering;

/// <summary>What a test asks of a field's value. Each one's opposite is the test negated.</summary>
internal enum FilterOperator
{
    Exists,

    /// <summary>Equals one of the values.</summary>
    Among,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Contains,
    ContainsIgnoringCase,
}

/// <summary>
/// A filter as a tree in normal form: <c>and</c> in <c>and</c> and <c>or</c> in <c>or</c> are one, nothing is negated twice,
/// lists are sorted and hold no value twice. Its text is the canonical one.
/// </summary>
internal abstract record FilterExpression
{
    /// <summary>All parts hold.</summary>
    public static FilterExpression All(IEnumerable<FilterExpression> parts) => Junction(isAll: true, parts);

    /// <summary>Some part holds.</summary>
    public static FilterExpression Any(IEnumerable<FilterExpression> parts) => Junction(isAll: false, parts);

    /// <summary>The field is there and not null.</summary>
    public static FilterExpression Exists(string[] field) => new FilterTest(field, FilterOperator.Exists, []);

    /// <summary>The field equals a value.</summary>
    public static FilterExpression Equal(string[] field, FilterLiteral value) => In(field, [value]);

    /// <summary>The field equals one of the values.</summary>
    public static FilterExpression In(string[] field, IEnumerable<FilterLiteral> values)
        => new FilterTest(field, FilterOperator.Among, [.. values.DistinctBy(value => value.AsEqual).OrderBy(value => value.AsEqual, StringComparer.Ordinal)]);

    /// <summary>The field stands before or after a value.</summary>
    public static FilterExpression Ordered(string[] field, FilterOperator by, FilterLiteral value) => new FilterTest(field, by, [value]);

    /// <summary>The field holds a value: text in text, or an element.</summary>
    public static FilterExpression Contains(string[] field, FilterOperator how, FilterLiteral value)
        => new FilterTest(field, how, [how == FilterOperator.ContainsIgnoringCase ? value.Lower() : value]);

    /// <summary>The opposite.</summary>
    public FilterExpression Negated() => this is FilterNot not ? not.Inner : new FilterNot(this);

    private static FilterExpression Junction(bool isAll, IEnumerable<FilterExpression> parts)
    {
        FilterExpression[] flat = [.. parts.SelectMany(part => part is FilterJunction inner && inner.IsAll == isAll ? inner.Parts : [part])];
        return flat.Length == 1 ? flat[0] : new FilterJunction(isAll, flat);
    }
}

/// <summary>Several parts joined by <c>and</c> or by <c>or</c>.</summary>
internal sealed record FilterJunction(bool IsAll, FilterExpression[] Parts) : FilterExpression
{
    public override string ToString()
        => IsAll
            ? string.Join(" and ", Parts.Select(part => part is FilterJunction ? $"({part})" : part.ToString()))
            : string.Join(" or ", Parts.Select(part => part.ToString()));
}

/// <summary>The opposite of something that is no opposite itself.</summary>
internal sealed record FilterNot(FilterExpression Inner) : FilterExpression
{
    public override string ToString() => Inner is FilterTest test ? test.Negative : $"not ({Inner})";
}

/// <summary>One test of one field.</summary>
/// <param name="Field">Its name, or the names that lead to it.</param>
/// <param name="Operator">What is asked.</param>
/// <param name="Values">What it is compared with.</param>
internal sealed record FilterTest(string[] Field, FilterOperator Operator, FilterLiteral[] Values) : FilterExpression
{
    private string Name => string.Join('.', Field);

    private bool IsTrue => Values is [{ Truth: true }];

    /// <summary>The text of its opposite.</summary>
    public string Negative => Operator switch
    {
        FilterOperator.Exists => $"{Name} is null",
        FilterOperator.Among when Values.Length > 1 => $"{Name} not in ({List()})",
        FilterOperator.Among when !IsTrue => $"{Name} != {Values[0].AsEqual}",
        FilterOperator.Contains => $"{Name} not contains {Values[0].AsText}",
        FilterOperator.ContainsIgnoringCase => $"{Name} not icontains {Values[0].AsText}",
        _ => $"not {this}",
    };

    public override string ToString() => Operator switch
    {
        FilterOperator.Exists => $"{Name} is not null",
        FilterOperator.Among when Values.Length > 1 => $"{Name} in ({List()})",
        FilterOperator.Among => IsTrue ? Name : $"{Name} = {Values[0].AsEqual}",
        FilterOperator.Less => $"{Name} < {Values[0].AsOrdered}",
        FilterOperator.LessOrEqual => $"{Name} <= {Values[0].AsOrdered}",
        FilterOperator.Greater => $"{Name} > {Values[0].AsOrdered}",
        FilterOperator.GreaterOrEqual => $"{Name} >= {Values[0].AsOrdered}",
        FilterOperator.Contains => $"{Name} contains {Values[0].AsText}",
        _ => $"{Name} icontains {Values[0].AsText}",
    };

    private string List() => string.Join(", ", Values.Select(value => value.AsEqual));
}
