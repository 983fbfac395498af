using System.Buffers;
using System.Text.Json;

namespace Tidewire.Fanout.Filtering;

/// <summary>One payload read against one filter, from its beginning to where the outcome is certain.</summary>
internal ref struct FilterRun
{
    private readonly FilterProgram _program;
    private readonly ReadOnlySpan<byte> _payload;
    private Utf8JsonReader _reader;
    private ulong _decided;
    private ulong _passed;
    private bool _readsAll;
    private bool _outcome;
    private byte[]? _unescaped;

    public FilterRun(FilterProgram program, ReadOnlySpan<byte> payload)
    {
        _program = program;
        _payload = payload;
        _reader = new Utf8JsonReader(payload);
    }

    /// <summary>Reads the payload; once.</summary>
    public bool Matches()
    {
        try
        {
            if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            if (ReadFields(_program.Payload))
            {
                return _outcome;
            }

            // What was not seen is missing, and fails. Something after the object throws.
            return !_reader.Read() && _program.Outcome(ulong.MaxValue, _passed) == true;
        }
        catch (JsonException)
        {
            return false;
        }
        finally
        {
            if (_unescaped is not null)
            {
                ArrayPool<byte>.Shared.Return(_unescaped);
            }
        }
    }

    /// <summary>Reads the fields of an object. True when the outcome is certain and the rest need not be read.</summary>
    private bool ReadFields(FilterField of)
    {
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = of.Find(Text());
            _reader.Read();
            if (field is not null)
            {
                if (ReadValue(field))
                {
                    return true;
                }
            }
            else if (_reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                _reader.Skip();
            }
        }

        return false;
    }

    private bool ReadValue(FilterField field)
    {
        // The field may have been seen before: the last one counts, with all that is inside.
        _decided &= ~field.All;
        _passed &= ~field.All;
        switch (_reader.TokenType)
        {
            case JsonTokenType.Null:
                break;
            case JsonTokenType.StartObject:
                _passed |= field.Existence;
                if (!field.HasInner)
                {
                    _reader.Skip();
                }
                else if (ReadFields(field))
                {
                    return true;
                }

                break;
            case JsonTokenType.StartArray:
                _passed |= field.Existence;
                ReadElements(field);
                break;
            default:
                var value = new FilterValue(_reader.TokenType, Text(), field.WantsNumbers);
                foreach (var check in field.Checks)
                {
                    _passed |= check.Passes(value) ? check.Bit : 0;
                }

                break;
        }

        _decided |= field.All;
        return IsCertain();
    }

    private void ReadElements(FilterField field)
    {
        if (!field.TakesElements)
        {
            _reader.Skip();
            return;
        }

        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (_reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                _reader.Skip();
                continue;
            }

            if (_reader.TokenType == JsonTokenType.Null)
            {
                continue;
            }

            var value = new FilterValue(_reader.TokenType, Text(), field.WantsNumbers);
            foreach (var check in field.Checks)
            {
                _passed |= check.TakesElements && (_passed & check.Bit) == 0 && check.PassesElement(value) ? check.Bit : 0;
            }
        }
    }

    private bool IsCertain()
    {
        if (_readsAll || _program.Outcome(_decided, _passed) is not { } outcome)
        {
            return false;
        }

        // To look for a name is many times faster than to read what it could stand in.
        _readsAll = _program.MayRepeat(_payload[(int)_reader.BytesConsumed..], _decided);
        _outcome = outcome;
        return !_readsAll;
    }

    /// <summary>The name or scalar the reader stands on, without escapes; good until the next one is asked for.</summary>
    private ReadOnlySpan<byte> Text()
    {
        var text = _reader.ValueSpan;
        if (!_reader.ValueIsEscaped)
        {
            return text;
        }

        if (_unescaped is null || _unescaped.Length < text.Length)
        {
            if (_unescaped is not null)
            {
                ArrayPool<byte>.Shared.Return(_unescaped);
            }

            _unescaped = ArrayPool<byte>.Shared.Rent(text.Length);
        }

        return _unescaped.AsSpan(0, JsonEscapes.Remove(text, _unescaped));
    }
}
