using System.Buffers;
using System.Runtime.InteropServices;

namespace Tidewire.Fanout;

/// <summary>
/// What one write hands to a transport: a single array goes as it stands, several are copied side by side, since one
/// write of 64 KiB costs far less than thirty of 2 KiB, or joined where the wire does that. Guarded by its connection while it fills.
/// </summary>
/// <param name="capacity">Bytes at which it is full; the last array may go beyond.</param>
/// <param name="wire">Whose bytes they are.</param>
internal sealed class WriteBatch(int capacity, WireFormat wire)
{
    private readonly List<byte[]> _parts = [];
    private byte[]? _rented;
    private int _size;

    public bool IsFull => _size >= capacity;

    public void Add(byte[] part)
    {
        _parts.Add(part);
        _size += part.Length;
    }

    /// <summary>Empties the batch into one piece of memory, valid until the next call or <see cref="Release"/>.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        var size = wire.Joins ? _size + _parts.Count : _size;
        _size = 0;
        if (_parts.Count <= 1)
        {
            ReadOnlyMemory<byte> only = _parts.Count == 0 ? default : _parts[0];
            _parts.Clear();
            return only;
        }

        if (_rented is null || _rented.Length < size)
        {
            Release();
            _rented = ArrayPool<byte>.Shared.Rent(size);
        }

        if (wire.Joins)
        {
            size = wire.Join(CollectionsMarshal.AsSpan(_parts), _rented);
            _parts.Clear();
            return _rented.AsMemory(0, size);
        }

        var at = 0;
        foreach (var part in _parts)
        {
            part.CopyTo(_rented, at);
            at += part.Length;
        }

        _parts.Clear();
        return _rented.AsMemory(0, size);
    }

    /// <summary>Gives the memory of the last <see cref="Take"/> back: a connection at rest holds none.</summary>
    public void Release()
    {
        if (_rented is { } rented)
        {
            _rented = null;
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
