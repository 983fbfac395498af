using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tidewire.Server.Tests.Contract;

/// <summary>The checks can fail: what is answered otherwise than documented is found, whatever it is.</summary>
public sealed class CheckerTests : ContractTest
{
    [Theory]
    [InlineData("added", "$.added: is not documented")]
    [InlineData("missing", "$: lacks 'upstream'")]
    [InlineData("type", "$.connections: is \"12\", not integer")]
    [InlineData("status", "the status 418 is not documented")]
    [InlineData("header", "the header Cache-Control is missing")]
    [InlineData("header value", "Cache-Control: is \"public\", not \"no-store\"")]
    [InlineData("content type", "the Content-Type 'text/html' is not documented")]
    [InlineData("no json", "the body is no JSON")]
    [InlineData("nested", "$.status: is \"fine\", not \"ok\"")]
    public async Task An_answer_that_is_not_as_documented_is_found(string change, string found)
    {
        var operation = HttpContract.Served["GET", "/health"];
        var answer = await HealthAsync();
        Assert.Equal([], HttpContract.Served.Faults(operation, answer));
        var body = JsonNode.Parse(answer.Body)!.AsObject();
        var headers = new Dictionary<string, string>(answer.Headers, StringComparer.OrdinalIgnoreCase);
        switch (change)
        {
            case "added": body["added"] = 1; break;
            case "missing": body.Remove("upstream"); break;
            case "type": body["connections"] = "12"; break;
            case "nested": body["status"] = "fine"; break;
            case "header": headers.Remove("Cache-Control"); break;
            case "header value": headers["Cache-Control"] = "public"; break;
            case "content type": headers["Content-Type"] = "text/html"; break;
        }

        var changed = answer with { Status = change == "status" ? 418 : answer.Status, Headers = headers, Body = change == "no json" ? "<html>" : body.ToJsonString() };
        Assert.StartsWith(found, Assert.Single(HttpContract.Served.Faults(operation, changed)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_field_or_a_status_that_the_document_loses_is_found()
    {
        var answer = await HealthAsync();
        var document = JsonNode.Parse(HttpContract.Served.Document.GetRawText())!;
        document["components"]!["schemas"]!["Health"]!["properties"]!.AsObject().Remove("connections");
        var poorer = new HttpContract(JsonSerializer.SerializeToElement(document));
        Assert.Equal(["$.connections: is not documented"], poorer.Faults(poorer["GET", "/health"], answer));
        document["paths"]!["/health"]!["get"]!["responses"]!.AsObject().Remove("200");
        poorer = new HttpContract(JsonSerializer.SerializeToElement(document));
        Assert.StartsWith("the status 200 is not documented", Assert.Single(poorer.Faults(poorer["GET", "/health"], answer)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("message", "is \"Other words.\", the example says")]
    [InlineData("error", "is \"bad_ticker\", the example says \"bad_value\"")]
    [InlineData("field", "is in the example and not in the answer")]
    public async Task An_answer_that_differs_from_its_example_is_found(string field, string found)
    {
        var contract = HttpContract.Served;
        var server = await InStateAsync("none");
        var exchange = contract.Exchanges(contract["GET", "/api/stream/poll/{feed}"]).Single(one => one.Name == "bad_wait");
        using var request = contract.Request(exchange, server.Url, server.Hub.Epoch);
        var answer = await SendAsync(request);
        Assert.Equal([], contract.Differences(exchange, answer));
        var body = JsonNode.Parse(answer.Body)!.AsObject();
        switch (field)
        {
            case "message": body["message"] = "Other words."; break;
            case "error": body["error"] = "bad_ticker"; break;
            default: body.Remove("field"); break;
        }

        Assert.Contains(found, Assert.Single(contract.Differences(exchange, answer with { Body = body.ToJsonString() })), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"pong","timestamp":"2026-11-20T14:30:05.123Z","extra":true}""")]
    [InlineData("""{"type":"pong"}""")]
    [InlineData("""{"type":"pong","timestamp":"yesterday"}""")]
    [InlineData("""{"type":"pung","timestamp":"2026-11-20T14:30:05.123Z"}""")]
    [InlineData("""{"type":"ping"}""")]
    public void A_message_that_is_not_as_documented_is_found(string message)
        => Assert.Throws<InvalidDataException>(() => SocketContract.Served.Recognise("many", JsonDocument.Parse(message).RootElement));

    private async Task<HttpAnswer> HealthAsync()
    {
        var server = await InStateAsync("none");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Url, "/health"));
        return await SendAsync(request);
    }
}
