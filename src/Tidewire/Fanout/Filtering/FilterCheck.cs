using System.Text;

namespace Tidewire.Fanout.Filtering;

/// <summary>A test made ready to be applied to values: its literals sorted by what they are, in UTF-8.</summary>
internal sealed class FilterCheck
{
    private readonly FilterOperator _operator;
    private readonly FilterNumber[] _numbers;
    private readonly byte[][] _texts;
    private readonly bool _holdsTrue;
    private readonly bool _holdsFalse;
    private readonly byte[] _part;

    public FilterCheck(FilterTest test, ulong bit)
    {
        Bit = bit;
        _operator = test.Operator;
        // "true" has no place among texts that equal, and one among texts in order.
        var equals = test.Operator is FilterOperator.Among or FilterOperator.Contains or FilterOperator.ContainsIgnoringCase;
        _numbers = [.. test.Values.Select(value => value.Number).OfType<FilterNumber>()];
        Array.Sort(_numbers, (left, right) => left.Value.CompareTo(right.Value));
        _texts = [.. test.Values.Where(value => value.Number is null && !(equals && value.Truth is not null)).Select(value => Encoding.UTF8.GetBytes(value.Text))];
        Array.Sort(_texts, (left, right) => left.AsSpan().SequenceCompareTo(right));
        _holdsTrue = equals && test.Values.Any(value => value.Truth == true);
        _holdsFalse = equals && test.Values.Any(value => value.Truth == false);
        _part = test.Values is [var only] ? Encoding.UTF8.GetBytes(only.Text) : [];
    }

    /// <summary>Its place in the outcome of a run.</summary>
    public ulong Bit { get; }

    /// <summary>Whether being there is enough.</summary>
    public bool IsExistence => _operator == FilterOperator.Exists;

    /// <summary>Whether it looks into arrays.</summary>
    public bool TakesElements => _operator is FilterOperator.Contains or FilterOperator.ContainsIgnoringCase;

    /// <summary>Whether it must know if a value is a number.</summary>
    public bool WantsNumbers => _numbers.Length > 0 || _operator is >= FilterOperator.Less and <= FilterOperator.GreaterOrEqual;

    /// <summary>Whether a value of the field passes.</summary>
    public bool Passes(in FilterValue value) => _operator switch
    {
        FilterOperator.Exists => true,
        FilterOperator.Among => Equals(value),
        FilterOperator.Less => TryCompare(value, out var order) && order < 0,
        FilterOperator.LessOrEqual => TryCompare(value, out var order) && order <= 0,
        FilterOperator.Greater => TryCompare(value, out var order) && order > 0,
        FilterOperator.GreaterOrEqual => TryCompare(value, out var order) && order >= 0,
        FilterOperator.Contains => value.IsString && value.Text.IndexOf(_part) >= 0,
        _ => value.IsString && IndexIgnoringCase(value.Text, _part) >= 0,
    };

    /// <summary>Whether an element of the field's array passes.</summary>
    public bool PassesElement(in FilterValue value)
        => _operator == FilterOperator.Contains
            ? Equals(value)
            : Equals(value) || (_texts.Length > 0 && value.IsString && value.Text.Length == _part.Length && StartsIgnoringCase(value.Text, _part));

    private bool Equals(in FilterValue value)
    {
        if (value.Truth is { } truth && (truth ? _holdsTrue : _holdsFalse))
        {
            return true;
        }

        return value.IsNumber ? Holds(value.Number) : value.IsString && Holds(value.Text);
    }

    private bool Holds(in DecimalText number)
    {
        int low = 0, high = _numbers.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = _numbers[middle].Value.CompareTo(number);
            if (order == 0)
            {
                return true;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return false;
    }

    private bool Holds(ReadOnlySpan<byte> text)
    {
        int low = 0, high = _texts.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = _texts[middle].AsSpan().SequenceCompareTo(text);
            if (order == 0)
            {
                return true;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return false;
    }

    /// <summary>How a value stands to the literal; false when one is a number and the other is not, or the value is empty text.</summary>
    private bool TryCompare(in FilterValue value, out int order)
    {
        order = 0;
        if (_numbers.Length > 0)
        {
            order = value.IsNumber ? value.Number.CompareTo(_numbers[0].Value) : 0;
            return value.IsNumber;
        }

        if (value.IsNumber || !value.IsString || value.Text.IsEmpty)
        {
            return false;
        }

        order = value.Text.SequenceCompareTo(_part);
        return true;
    }

    /// <summary>Where a part begins; A to Z of the text count as a to z.</summary>
    private static int IndexIgnoringCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> part)
    {
        for (var i = 0; i <= text.Length - part.Length; i++)
        {
            if (StartsIgnoringCase(text[i..], part))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool StartsIgnoringCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> part)
    {
        for (var i = 0; i < part.Length; i++)
        {
            var c = text[i];
            if ((c is >= (byte)'A' and <= (byte)'Z' ? c | 0x20 : c) != part[i])
            {
                return false;
            }
        }

        return true;
    }
}
