using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace Tidewire.Server.Sockets.Direct;

/// <summary>What stands next in the bytes of a client.</summary>
internal enum ClientFrameKind
{
    /// <summary>Nothing whole: more bytes are needed.</summary>
    None,

    /// <summary>A text message.</summary>
    Text,

    /// <summary>A binary message.</summary>
    Binary,

    /// <summary>The end of a message that was larger than is read; what of it was beyond is gone.</summary>
    TooLarge,

    /// <summary>A message so large that it is not waited for its end.</summary>
    Endless,

    /// <summary>A ping; its payload is to be sent back.</summary>
    Ping,

    /// <summary>A pong.</summary>
    Pong,

    /// <summary>The client closes; the payload is the code to close with in turn, two bytes or none.</summary>
    Close,

    /// <summary>It breaks RFC 6455: the payload is the code to close with, two bytes.</summary>
    Violation,
}

/// <summary>
/// Reads the frames of one client (RFC 6455 section 5) out of whatever pieces they arrive in. Control frames may stand between
/// the fragments of a message. Holds memory only while a message is incomplete.
/// </summary>
/// <param name="maxMessage">Bytes of a message that are read; a larger one is read to its end and thrown away.</param>
internal sealed class ClientFrameReader(int maxMessage) : IDisposable
{
    private const int Continuation = 0, TextCode = 1, BinaryCode = 2, CloseCode = 8, PingCode = 9, PongCode = 10;
    private const int MaxControl = 125;

    /// <summary>A message beyond so many times the bound is not waited for.</summary>
    private const int EndlessTimes = 16;

    private readonly byte[] _head = new byte[14];
    private byte[] _control = [];
    private byte[]? _message;
    private int _headLength;
    private int _headWanted = 2;
    private ulong _remaining;
    private uint _mask;
    private bool _inPayload;
    private int _opcode;
    private bool _isFinal;
    private int _messageCode;
    private int _length;
    private int _controlLength;
    private long _thrownAway;
    private bool _isRead;

    /// <summary>Reads on from <paramref name="at"/>; call it again until it answers <see cref="ClientFrameKind.None"/>.</summary>
    /// <param name="bytes">What has arrived. Changed: payloads are unmasked in place.</param>
    /// <param name="at">Where to read; moved on.</param>
    /// <param name="payload">What belongs to the answer; valid until the next call.</param>
    public ClientFrameKind Read(Span<byte> bytes, ref int at, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        if (_isRead)
        {
            Release();
        }

        while (true)
        {
            if (!_inPayload)
            {
                if (!TakeHead(bytes, ref at))
                {
                    return ClientFrameKind.None;
                }

                if (BeginFrame() is { } code)
                {
                    return Violation(code, out payload);
                }
            }

            var piece = bytes.Slice(at, (int)Math.Min(_remaining, (ulong)(bytes.Length - at)));
            Unmask(piece);
            at += piece.Length;
            _remaining -= (ulong)piece.Length;
            var isWhole = _remaining == 0;
            var kind = _opcode >= CloseCode ? TakeControl(piece, isWhole, out payload) : TakeData(piece, isWhole, out payload);
            _inPayload = !isWhole;
            if (kind != ClientFrameKind.None)
            {
                return kind;
            }

            if (!isWhole)
            {
                return ClientFrameKind.None;
            }
        }
    }

    public void Dispose() => Release();

    private bool TakeHead(ReadOnlySpan<byte> bytes, ref int at)
    {
        while (_headLength < _headWanted && at < bytes.Length)
        {
            _head[_headLength++] = bytes[at++];
            if (_headLength == 2)
            {
                _headWanted = 2 + ((_head[1] & 0x7F) switch { 126 => 2, 127 => 8, _ => 0 }) + ((_head[1] & 0x80) != 0 ? 4 : 0);
            }
        }

        return _headLength == _headWanted;
    }

    /// <summary>Begins the frame whose head is whole. The code to close with when it may not stand there.</summary>
    private int? BeginFrame()
    {
        var (first, second) = (_head[0], _head[1]);
        var short7 = second & 0x7F;
        _isFinal = (first & 0x80) != 0;
        _opcode = first & 0x0F;
        _remaining = short7 switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(_head.AsSpan(2)),
            127 => BinaryPrimitives.ReadUInt64BigEndian(_head.AsSpan(2)),
            _ => (ulong)short7,
        };
        var isMasked = (second & 0x80) != 0;
        _mask = isMasked ? MemoryMarshal.Read<uint>(_head.AsSpan(_headWanted - 4)) : 0;
        _headLength = 0;
        _headWanted = 2;
        _inPayload = true;
        var isControl = _opcode >= CloseCode;
        var isAllowed = (first & 0x70) == 0 && isMasked && _remaining <= long.MaxValue && _opcode switch
        {
            CloseCode or PingCode or PongCode => _isFinal && _remaining <= MaxControl,
            Continuation => _messageCode != 0,
            TextCode or BinaryCode => _messageCode == 0,
            _ => false,
        };
        if (!isAllowed)
        {
            return 1002;
        }

        if (isControl)
        {
            _controlLength = 0;
        }
        else if (_opcode != Continuation)
        {
            _messageCode = _opcode;
            _length = 0;
            _thrownAway = 0;
        }

        return null;
    }

    private ClientFrameKind TakeControl(ReadOnlySpan<byte> piece, bool isWhole, out ReadOnlySpan<byte> payload)
    {
        if (_control.Length == 0 && !piece.IsEmpty)
        {
            _control = new byte[MaxControl];
        }

        piece.CopyTo(_control.AsSpan(_controlLength));
        _controlLength += piece.Length;
        payload = _control.AsSpan(0, _controlLength);
        return !isWhole ? ClientFrameKind.None
            : _opcode == PingCode ? ClientFrameKind.Ping
            : _opcode == PongCode ? ClientFrameKind.Pong
            : TakeClose(ref payload);
    }

    private static ClientFrameKind TakeClose(ref ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
        {
            return ClientFrameKind.Close;
        }

        var code = payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload) : 0;
        if (code is not ((>= 1000 and <= 1003) or (>= 1007 and <= 1011) or (>= 3000 and <= 4999)))
        {
            return Violation(1002, out payload);
        }

        if (!Utf8.IsValid(payload[2..]))
        {
            return Violation(1007, out payload);
        }

        payload = payload[..2];
        return ClientFrameKind.Close;
    }

    private ClientFrameKind TakeData(ReadOnlySpan<byte> piece, bool isWhole, out ReadOnlySpan<byte> payload)
    {
        var ends = isWhole && _isFinal;
        if (ends && _length == 0 && _thrownAway == 0 && piece.Length <= maxMessage)
        {
            return EndMessage(piece, out payload); // whole in what has arrived: nothing is copied
        }

        payload = default;
        var taken = Math.Min(piece.Length, maxMessage - _length);
        if (taken > 0)
        {
            _message ??= ArrayPool<byte>.Shared.Rent(maxMessage);
            piece[..taken].CopyTo(_message.AsSpan(_length));
            _length += taken;
        }

        var before = _thrownAway;
        _thrownAway += piece.Length - taken;
        if (ends)
        {
            return EndMessage(_message.AsSpan(0, _length), out payload);
        }

        var bound = (long)maxMessage * EndlessTimes;
        return before <= bound && _thrownAway > bound ? ClientFrameKind.Endless : ClientFrameKind.None;
    }

    private ClientFrameKind EndMessage(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> payload)
    {
        var isText = _messageCode == TextCode;
        _messageCode = 0;
        payload = message;
        if (_thrownAway > 0)
        {
            payload = default;
            Release();
            return ClientFrameKind.TooLarge;
        }

        _isRead = _message is not null;
        return !isText ? ClientFrameKind.Binary : Utf8.IsValid(message) ? ClientFrameKind.Text : Violation(1007, out payload);
    }

    private static ClientFrameKind Violation(int code, out ReadOnlySpan<byte> payload)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)code);
        payload = bytes;
        return ClientFrameKind.Violation;
    }

    /// <summary>Gives the memory of a message back.</summary>
    private void Release()
    {
        _isRead = false;
        if (_message is { } message)
        {
            _message = null;
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    /// <summary>Removes the mask, which goes on where the last piece of the frame ended.</summary>
    private void Unmask(Span<byte> piece)
    {
        if (_mask == 0)
        {
            return;
        }

        var wide = ((ulong)_mask << 32) | _mask;
        var words = MemoryMarshal.Cast<byte, ulong>(piece);
        for (var i = 0; i < words.Length; i++)
        {
            words[i] ^= wide;
        }

        var mask = _mask;
        for (var i = words.Length * sizeof(ulong); i < piece.Length; i++)
        {
            piece[i] ^= (byte)mask;
            mask = BitOperations.RotateRight(mask, 8);
        }

        _mask = BitOperations.RotateRight(_mask, 8 * (piece.Length & 3));
    }
}
