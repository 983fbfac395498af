using System.Text;

namespace Tidewire.Fanout.Filtering;

/// <summary>A field that a filter reads, or a step on the way to one; the root is the payload itself.</summary>
internal sealed class FilterField
{
    private readonly List<FilterField> _inner = [];
    private readonly List<FilterCheck> _checks = [];
    private readonly byte[] _name;
    private ulong _lengths;

    public FilterField(string name)
    {
        _name = Encoding.UTF8.GetBytes(name);
        Quoted = [(byte)'"', .. _name, (byte)'"'];
    }

    /// <summary>The name as a payload has it that escapes nothing.</summary>
    public byte[] Quoted { get; }

    /// <summary>The tests of the field itself.</summary>
    public ReadOnlySpan<FilterCheck> Checks => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_checks);

    /// <summary>The bits of all tests of the field and of what is inside.</summary>
    public ulong All { get; private set; }

    /// <summary>The bits of tests that being there is enough for.</summary>
    public ulong Existence { get; private set; }

    /// <summary>Whether a test looks into arrays.</summary>
    public bool TakesElements { get; private set; }

    /// <summary>Whether a test must know if a value is a number.</summary>
    public bool WantsNumbers { get; private set; }

    /// <summary>Whether fields inside are read.</summary>
    public bool HasInner => _inner.Count > 0;

    /// <summary>Notes a test; only while the program is made.</summary>
    /// <param name="path">The names that lead to its field from here.</param>
    /// <param name="check">The test.</param>
    /// <param name="known">Where fields that are new are noted.</param>
    public void Add(ReadOnlySpan<string> path, FilterCheck check, List<FilterField> known)
    {
        All |= check.Bit;
        if (path.IsEmpty)
        {
            _checks.Add(check);
            Existence |= check.IsExistence ? check.Bit : 0;
            TakesElements |= check.TakesElements;
            WantsNumbers |= check.WantsNumbers;
            return;
        }

        var inner = Find(Encoding.UTF8.GetBytes(path[0]));
        if (inner is null)
        {
            inner = new FilterField(path[0]);
            _inner.Add(inner);
            known.Add(inner);
            _lengths |= LengthBit(inner._name.Length);
        }

        inner.Add(path[1..], check, known);
    }

    /// <summary>The field inside with this name; null when nobody reads it.</summary>
    public FilterField? Find(ReadOnlySpan<byte> name)
    {
        if ((_lengths & LengthBit(name.Length)) == 0)
        {
            return null;
        }

        foreach (var inner in _inner)
        {
            if (name.SequenceEqual(inner._name))
            {
                return inner;
            }
        }

        return null;
    }

    private static ulong LengthBit(int length) => 1UL << Math.Min(length, 63);
}
