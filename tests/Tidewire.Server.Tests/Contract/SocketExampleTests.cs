using System.Net.WebSockets;
using System.Text.Json;
using Tidewire.Protocol;
using Tidewire.Testing.Clients;
using Tidewire.Testing.Contracts;

namespace Tidewire.Server.Tests.Contract;

/// <summary>The AsyncAPI document against the running server: every message that a client is shown sending is sent, and what answers it compared.</summary>
public sealed class SocketExampleTests : ContractTest
{
    [Fact]
    public void Its_addresses_are_the_sockets_and_streams_of_the_OpenAPI_document()
    {
        var streams = HttpContract.Served.Operations.Where(operation => operation.IsSocket
            || HttpContract.Served.Schemas.Resolved(operation.Description.GetProperty("responses").GetProperty("200")).GetProperty("content").TryGetProperty("text/event-stream", out _));
        Assert.Equal(streams.Select(operation => operation.Path).Order(), SocketContract.Served.Channels.Select(channel => SocketContract.Served.Document.GetProperty("channels").GetProperty(channel).GetProperty("address").GetString()).Order());
    }

    [Fact]
    public void What_both_documents_describe_they_describe_alike()
    {
        var shared = Schemas(HttpContract.Served.Document).Join(Schemas(SocketContract.Served.Document), one => one.Name, other => other.Name, (one, other) => (one, other)).ToArray();
        Assert.Contains(shared, pair => pair.one.Name == "Envelope");
        Assert.All(shared, pair => Assert.True(JsonElement.DeepEquals(pair.one.Value, pair.other.Value), pair.one.Name));

        static IEnumerable<JsonProperty> Schemas(JsonElement document) => document.GetProperty("components").GetProperty("schemas").EnumerateObject();
    }

    [Fact]
    public void The_error_codes_are_those_there_are()
    {
        var codes = SocketContract.Served.Document.GetProperty("x-error-codes").EnumerateArray()
            .Select(code => new ErrorCode(code.GetProperty("code").GetInt32(), code.GetProperty("error").GetString()!, code.GetProperty("retryable").GetBoolean())).ToArray();
        Assert.Equal(ErrorCode.All, codes);
        Assert.Equal(codes.Select(code => code.Number), Enum("Error", "code").Select(code => code.GetInt32()));
        Assert.Equal(codes.Select(code => code.Name), Enum("Error", "error").Select(code => code.GetString()));
        Assert.Equal(codes.Select(code => code.Name), SocketContract.Served.Messages["error"].Examples.Select(example => example.Payload.GetProperty("error").GetString()));
    }

    [Fact]
    public void The_closing_codes_are_those_there_are()
    {
        var known = typeof(Disconnect).GetFields().Where(field => field.FieldType == typeof(Disconnect)).Select(field => (Disconnect)field.GetValue(null)!).OrderBy(disconnect => disconnect.Code);
        var documented = SocketContract.Served.Document.GetProperty("x-closing-codes").EnumerateArray().Select(code => (code.GetProperty("code").GetInt32(), code.GetProperty("reconnect").GetBoolean()));
        Assert.Equal(known.Select(disconnect => ((int)disconnect.Code, disconnect.Reconnect)), documented);
        Assert.Equal(known.Select(disconnect => (int)disconnect.Code), Enum("Closing", "code").Select(code => code.GetInt32()));
    }

    [Theory]
    [InlineData("many")]
    [InlineData("provider")]
    public async Task Every_documented_message_of_a_client_is_answered_as_it_stands(string channel)
    {
        var contract = SocketContract.Served;
        var sent = 0;
        foreach (var (name, text, exchange) in contract.MessagesOf(channel).SelectMany(Sendings))
        {
            var server = await InStateAsync(Text(exchange, "when"));
            await using var client = await OpenAsync(channel, server.Url);
            foreach (var before in exchange.ValueKind == JsonValueKind.Object && exchange.TryGetProperty("after", out var names) ? names.EnumerateArray() : default)
            {
                await client.SendTextAsync(contract.MessagesOf(channel).Where(message => message.FromClient).SelectMany(message => message.Examples).Single(example => example.Name == before.GetString()).Payload.GetRawText());
                await ExpectAsync(channel, client, before.GetString()!);
            }

            await (text is not null ? client.SendTextAsync(Now(text, server)) : SendBytesAsync(client, exchange.GetProperty("send")));
            await ExpectAsync(channel, client, name);
            sent++;
        }

        Figure($"documented messages of clients sent on {channel}", sent);
    }

    [Fact]
    public void Every_documented_example_is_as_documented()
    {
        foreach (var message in SocketContract.Served.Messages.Values)
        {
            foreach (var (name, payload, _) in message.Examples)
            {
                Assert.True(SocketContract.Served.Schemas.Faults(message.Payload, payload) is { Count: 0 }, $"{message.Name} {name}: {string.Join("; ", SocketContract.Served.Schemas.Faults(message.Payload, payload))}");
            }
        }

        var http = HttpContract.Served;
        foreach (var exchange in http.Operations.SelectMany(http.Exchanges).Where(exchange => exchange.ContentType == "application/json"))
        {
            var schema = http.Schemas.Resolved(exchange.Operation.Description.GetProperty("responses").GetProperty($"{exchange.Status}")).GetProperty("content").GetProperty("application/json").GetProperty("schema");
            Assert.True(http.Schemas.Faults(schema, exchange.Example.GetProperty("value")) is { Count: 0 } none, $"{exchange}: {string.Join("; ", http.Schemas.Faults(schema, exchange.Example.GetProperty("value")))}");
        }
    }

    private static string? Text(JsonElement exchange, string name) => exchange.ValueKind == JsonValueKind.Object && exchange.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static string Now(string text, ServerUnderTest server) => text.Replace(HttpContract.ExampleEpoch, server.Hub.Epoch, StringComparison.Ordinal);

    private static JsonElement.ArrayEnumerator Enum(string schema, string field)
        => SocketContract.Served.Document.GetProperty("components").GetProperty("schemas").GetProperty(schema).GetProperty("properties").GetProperty(field).GetProperty("enum").EnumerateArray();

    /// <summary>What is to be sent: the messages of clients, and what provokes an error.</summary>
    private static IEnumerable<(string Name, string? Text, JsonElement Exchange)> Sendings(DocumentedMessage message)
        => from example in message.Examples
           let provoked = example.Exchange.ValueKind == JsonValueKind.Object && example.Exchange.TryGetProperty("send", out _)
           where message.FromClient || provoked
           select (example.Name, message.FromClient ? example.Payload.GetRawText() : Text(example.Exchange.GetProperty("send"), "text"), example.Exchange);

    private static Task SendBytesAsync(TestClient client, JsonElement send)
        => send.TryGetProperty("binary", out var base64)
            ? client.SendAsync(base64.GetBytesFromBase64(), WebSocketMessageType.Binary)
            : client.SendTextAsync(new string(' ', send.GetProperty("bytes").GetInt32()));

    private static async Task<TestClient> OpenAsync(string channel, Uri url)
    {
        if (channel == "provider")
        {
            return await UnusualWhalesClient.ConnectAsync(url);
        }

        var client = await TidewireClient.ConnectAsync(url);
        await ExpectAsync(channel, client, "connect");
        return client;
    }

    /// <summary>Reads until each documented answer of this name has come. Whatever else comes has to be documented too.</summary>
    private static async Task ExpectAsync(string channel, TestClient client, string name)
    {
        var contract = SocketContract.Served;
        var wanted = contract.MessagesOf(channel).Where(message => !message.FromClient)
            .SelectMany(message => message.Examples.Where(example => example.Name == name).Select(example => (message, example)))
            .ToDictionary(pair => pair.message.Name);
        Assert.True(wanted.Count > 0, $"no message answers the example {name} of {channel}");
        while (wanted.Count > 0)
        {
            using var read = JsonDocument.Parse((await client.NextMessageAsync($"the answer to {name}: {string.Join(", ", wanted.Keys)}")).Text);
            var message = contract.Recognise(channel, read.RootElement);
            if (wanted.Remove(message.Name, out var pair))
            {
                IReadOnlyCollection<string> varying = pair.example.Exchange.ValueKind == JsonValueKind.Object && pair.example.Exchange.TryGetProperty("varies", out var names) ? [.. names.EnumerateArray().Select(one => one.GetString()!)] : [];
                Assert.Equal([], new ExampleComparison(contract.Schemas, varying).Differences(message.Payload, pair.example.Payload, read.RootElement, $"{channel} {name}"));
            }
        }
    }
}
