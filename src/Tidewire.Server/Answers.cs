using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tidewire.Server;

/// <summary>What a refused HTTP request is answered with.</summary>
/// <param name="Error">A stable name.</param>
/// <param name="Message">What was wrong and what to do.</param>
/// <param name="Field">The field or parameter at fault, when it is one.</param>
internal sealed record RefusedAnswer(string Error, string Message, string? Field = null);

/// <summary>What a broadcast is answered with.</summary>
/// <param name="Status">Always <c>ok</c>.</param>
/// <param name="Channel">The channel it was published on.</param>
/// <param name="Epoch">The epoch of its offset.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="Subscribers">How many subscriptions the channel has.</param>
internal sealed record BroadcastAnswer(string Status, string Channel, string Epoch, long Offset, int Subscribers);

/// <summary>JSON of the HTTP answers, without reflection, and with its quotation marks as people read them.</summary>
internal static class AnswerJson
{
    /// <summary>Escapes what JSON needs escaped and no more: an answer is always of the type application/json, never part of a page.</summary>
    public static AnswerJsonContext Default { get; } = new(new JsonSerializerOptions(AnswerJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>What <see cref="AnswerJson"/> can write.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RefusedAnswer))]
[JsonSerializable(typeof(BroadcastAnswer))]
internal sealed partial class AnswerJsonContext : JsonSerializerContext;
