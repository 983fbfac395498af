using System.Net;
using System.Text.Json;

namespace Tidewire.Testing.Clients;

/// <summary>What a poll was answered with.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">The JSON.</param>
/// <param name="RetryAfter">The header <c>Retry-After</c>; null without one.</param>
public sealed record PollAnswer(HttpStatusCode Status, JsonElement Body, string? RetryAfter)
{
    /// <summary>The entries.</summary>
    public JsonElement[] Messages => [.. Body.GetProperty("messages").EnumerateArray()];

    /// <summary>The position to ask with next.</summary>
    public string Position => Body.GetProperty("position_text").GetString()!;

    /// <summary>Whether the position asked with was resumed.</summary>
    public bool Recovered => Body.GetProperty("recovered").GetBoolean();
}

/// <summary>A client of <c>/api/stream/poll/{feed}</c>, over connections of its own. Remembers its position. For one test's thread.</summary>
public sealed class PollClient(Uri server, string feed) : IAsyncDisposable
{
    private readonly HttpClient _http = HttpWire.Client();

    /// <summary>The position of the last answer; null before the first.</summary>
    public string? Position { get; set; }

    /// <summary>Polls from the position on and remembers that of the answer.</summary>
    public async Task<PollAnswer> NextAsync(string query = "", CancellationToken cancellation = default)
    {
        var answer = await AskAsync($"{(Position is null ? "" : $"since={Position}&")}{query}", cancellation);
        if (answer.Status == HttpStatusCode.OK)
        {
            Position = answer.Position;
        }

        return answer;
    }

    /// <summary>Polls with these parameters and no others.</summary>
    public async Task<PollAnswer> AskAsync(string query, CancellationToken cancellation = default)
    {
        using var response = await _http.GetAsync(new Uri(server, $"/api/stream/poll/{feed}{(feed.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{query}"), cancellation).WithinBound($"an answer to a poll of {feed}");
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellation));
        return new PollAnswer(response.StatusCode, json.RootElement.Clone(), response.Headers.TryGetValues("Retry-After", out var values) ? values.First() : null);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }
}
