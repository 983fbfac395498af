using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tidewire.Simulation.Rest;

/// <summary>
/// Writes the body of an answer, <c>{"data":…}</c>. Numbers are strings unless they count something, as at the provider;
/// those that the socket sends too are spelled by the same hand.
/// </summary>
internal sealed class RestText : IDisposable
{
    private const int Room = 64;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = false };

    private readonly ArrayBufferWriter<byte> _bytes = new(4_096);
    private readonly Utf8JsonWriter _json;
    private readonly FrameBuffer _number = new();

    public RestText()
    {
        _json = new(_bytes, Relaxed);
        _json.WriteStartObject();
        _json.WritePropertyName("data");
    }

    /// <summary>The body of an answer that says one thing.</summary>
    public static byte[] Message(string text) => JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["message"] = text });

    /// <summary>Ends the body.</summary>
    public byte[] End()
    {
        _json.WriteEndObject();
        _json.Flush();
        return _bytes.WrittenSpan.ToArray();
    }

    /// <summary>Writes data as it is.</summary>
    public void Raw(string json) => _json.WriteRawValue(json);

    /// <summary>Writes a list with an object for each row.</summary>
    public void List<T>(IEnumerable<T> rows, Action<RestText, T> write)
    {
        _json.WriteStartArray();
        foreach (var row in rows)
        {
            Object(() => write(this, row));
        }

        _json.WriteEndArray();
    }

    /// <inheritdoc cref="List{T}(IEnumerable{T}, Action{RestText, T})"/>
    public void List<T>(string name, IEnumerable<T> rows, Action<RestText, T> write)
    {
        _json.WritePropertyName(name);
        List(rows, write);
    }

    /// <summary>Writes an object.</summary>
    public void Object(Action write)
    {
        _json.WriteStartObject();
        write();
        _json.WriteEndObject();
    }

    /// <inheritdoc cref="Object(Action)"/>
    public void Object(string name, Action write)
    {
        _json.WritePropertyName(name);
        Object(write);
    }

    public void Text(string name, string? value) => _json.WriteString(name, value);

    public void Text(string name, ReadOnlySpan<byte> ascii) => _json.WriteString(name, ascii);

    public void Texts(string name, IEnumerable<string> values)
    {
        _json.WriteStartArray(name);
        foreach (var value in values)
        {
            _json.WriteStringValue(value);
        }

        _json.WriteEndArray();
    }

    public void Truth(string name, bool value) => _json.WriteBoolean(name, value);

    /// <summary>Writes a count, as a number.</summary>
    public void Count(string name, long value) => _json.WriteNumber(name, value);

    /// <summary>Writes a whole number as a string.</summary>
    public void Whole(string name, long value) => Fixed(name, value, 0, 0);

    /// <summary>Writes units of 10^-<paramref name="places"/> as a string, with at least so many places.</summary>
    public void Fixed(string name, long units, int places, int least)
    {
        _number.Clear(Room);
        _number.Fixed(units, places, least);
        _json.WriteString(name, _number.Written);
    }

    /// <summary>Writes a number with up to sixteen digits as a string.</summary>
    public void Digits(string name, double value)
    {
        _number.Clear(Room);
        _number.Digits(value);
        _json.WriteString(name, _number.Written);
    }

    public void Decimal(string name, decimal value) => _json.WriteString(name, value.ToString(CultureInfo.InvariantCulture));

    public void Id(string name, Guid value) => _json.WriteString(name, value);

    public void Date(string name, DateOnly? value) => _json.WriteString(name, value?.ToString("O", CultureInfo.InvariantCulture));

    /// <summary>Writes a time to the second, as the socket has it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="milliseconds">Milliseconds since the Unix epoch.</param>
    public void Second(string name, long milliseconds)
    {
        _number.Clear(Room);
        _number.Instant(milliseconds);
        _json.WriteString(name, _number.Written);
    }

    /// <summary>Writes a time to the microsecond.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="ticks">Ticks in UTC.</param>
    public void Moment(string name, long ticks) =>
        _json.WriteString(name, new DateTime(ticks, DateTimeKind.Utc).ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();
}
