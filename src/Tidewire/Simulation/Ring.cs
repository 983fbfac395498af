namespace Tidewire.Simulation;

/// <summary>The newest of what was added, up to a number. Takes room as it is needed. Not thread-safe.</summary>
/// <param name="most">How many are kept.</param>
internal sealed class Ring<T>(int most)
{
    private const int FirstRoom = 8;

    private T[] _items = [];
    private int _next;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Adds one; the oldest makes room for it.</summary>
    public void Add(in T item)
    {
        if (_next == _items.Length)
        {
            Array.Resize(ref _items, Math.Min(most, Math.Max(FirstRoom, _items.Length * 2)));
        }

        _items[_next] = item;
        _next = _next + 1 == most ? 0 : _next + 1;
        Count = Math.Min(Count + 1, most);
    }

    /// <summary>One of them, the newest being 0. It may be changed in place.</summary>
    public ref T this[int back]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)back, (uint)Count, nameof(back));
            var index = _next - 1 - back;
            return ref _items[index < 0 ? index + most : index];
        }
    }

    /// <summary>All of them, the newest first.</summary>
    public IEnumerable<T> NewestFirst()
    {
        for (var back = 0; back < Count; back++)
        {
            yield return this[back];
        }
    }
}
