using System.Text.Json.Serialization;

namespace Tidewire.Server;

/// <summary>What a refused HTTP request is answered with.</summary>
/// <param name="Error">A stable name.</param>
/// <param name="Message">What was wrong and what to do.</param>
internal sealed record RefusedAnswer(string Error, string Message);

/// <summary>JSON of the HTTP answers, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RefusedAnswer))]
internal sealed partial class AnswerJson : JsonSerializerContext;
