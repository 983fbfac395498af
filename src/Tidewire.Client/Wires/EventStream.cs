using System.Text;

namespace Tidewire.Client.Wires;

/// <summary>One server-sent event.</summary>
/// <param name="Id">Its id; null for none.</param>
/// <param name="Name">Its name; empty for none.</param>
/// <param name="Data">Its data; null for none.</param>
internal sealed record ServerEvent(string? Id, string Name, byte[]? Data);

/// <summary>Reads server-sent events off a stream of bytes.</summary>
internal sealed class EventStream(Stream stream)
{
    private const int MaxLine = 64 << 20;

    private byte[] _buffer = new byte[16 << 10];
    private int _start;
    private int _end;

    /// <summary>The next event that has an id or data; null at the end of the stream.</summary>
    /// <param name="heard">Told whenever bytes came.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async ValueTask<ServerEvent?> NextAsync(Action heard, CancellationToken cancellation)
    {
        string? id = null;
        var name = "";
        MemoryStream? data = null;
        while (true)
        {
            int length;
            while ((length = _buffer.AsSpan(_start.._end).IndexOf((byte)'\n')) < 0)
            {
                if (!await FillAsync(cancellation).ConfigureAwait(false))
                {
                    return null; // an event without its empty line is none
                }

                heard();
            }

            var line = _buffer.AsMemory(_start, length);
            _start += length + 1;
            if (line.Span is [.., (byte)'\r'])
            {
                line = line[..^1];
            }

            if (line.IsEmpty)
            {
                if (id is not null || data is not null)
                {
                    return new ServerEvent(id, name, data?.ToArray());
                }

                name = "";
                continue;
            }

            if (TryField(line, "id:"u8, out var value))
            {
                id = Encoding.UTF8.GetString(value.Span);
            }
            else if (TryField(line, "event:"u8, out value))
            {
                name = Encoding.UTF8.GetString(value.Span);
            }
            else if (TryField(line, "data:"u8, out value))
            {
                if (data is null)
                {
                    data = new MemoryStream(value.Length);
                }
                else
                {
                    data.WriteByte((byte)'\n');
                }

                if (data.Length + value.Length > MaxLine)
                {
                    throw new IOException("The server sent an event without end.");
                }

                data.Write(value.Span);
            }
        }
    }

    private static bool TryField(ReadOnlyMemory<byte> line, ReadOnlySpan<byte> field, out ReadOnlyMemory<byte> value)
    {
        value = default;
        if (!line.Span.StartsWith(field))
        {
            return false;
        }

        value = line[field.Length..];
        value = value.Span is [(byte)' ', ..] ? value[1..] : value;
        return true;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            if (_end >= MaxLine)
            {
                throw new IOException("The server sent a line without end.");
            }

            Array.Resize(ref _buffer, _end * 2);
        }

        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellation).ConfigureAwait(false);
        _end += read;
        return read > 0;
    }
}
