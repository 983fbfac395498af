using System.Text;
using System.Text.Json;

namespace Tidewire.Server.Tests.Sockets;

/// <summary>How HTTP answers are written.</summary>
public sealed class AnswerTests : ServerTest
{
    [Theory]
    [InlineData("GET", "/api/stream/sse/nosuch", "'nosuch'")]
    [InlineData("GET", "/api/stream/poll/flow?wait=x", "'wait'")]
    [InlineData("GET", "/api/stream/poll/%22%5C%3Cb%3E%0A%E2%80%A8%F0%9F%90%8B", "'")]
    [InlineData("POST", "/api/ws/broadcast/price", "'ticker'")]
    public async Task A_message_for_people_has_its_quotation_marks_and_is_sound_JSON(string method, string path, string quoted)
    {
        await StartWithoutUpstreamAsync();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Server.Url, path));
        request.Content = method == "POST" ? new StringContent("{}", Encoding.UTF8, "application/json") : null;
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();

        Assert.InRange((int)answer.StatusCode, 400, 499);
        Assert.Equal("application/json; charset=utf-8", answer.Content.Headers.ContentType?.ToString()); // what makes it safe to escape no more than JSON needs
        Assert.DoesNotContain("\\u0027", text, StringComparison.OrdinalIgnoreCase);
        using var json = JsonDocument.Parse(text);
        Assert.Contains(quoted, json.RootElement.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(json.RootElement.GetProperty("error").GetString()!);
        Assert.All(json.RootElement.EnumerateObject(), field => Assert.NotEqual(JsonValueKind.Null, field.Value.ValueKind));
    }
}
