using System.Text.Json;
using Tidewire.Server.Documentation;
using Tidewire.Testing.Clients;
using Tidewire.Testing.Contracts;

namespace Tidewire.Server.Tests.Contract;

/// <summary>One message of the AsyncAPI document.</summary>
/// <param name="Name">Its name.</param>
/// <param name="FromClient">Whether clients send it.</param>
/// <param name="Description">What the document says of it.</param>
internal sealed record DocumentedMessage(string Name, bool FromClient, JsonElement Description)
{
    public JsonElement Payload => Description.GetProperty("payload");

    /// <summary>Its examples by name, with what a test has to know of each.</summary>
    public IEnumerable<(string Name, JsonElement Payload, JsonElement Exchange)> Examples
        => Description.GetProperty("examples").EnumerateArray().Select(example =>
        {
            var name = example.GetProperty("name").GetString()!;
            return (name, example.GetProperty("payload"), Description.TryGetProperty("x-exchanges", out var all) && all.TryGetProperty(name, out var own) ? own : default);
        });
}

/// <summary>The AsyncAPI document, as what messages are held against.</summary>
internal sealed class SocketContract
{
    public SocketContract(JsonElement document)
    {
        Document = document;
        Schemas = new ContractSchema(document);
        var fromClients = document.GetProperty("operations").EnumerateObject()
            .Where(operation => operation.Value.GetProperty("action").GetString() == "receive")
            .SelectMany(operation => operation.Value.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("$ref").GetString()!.Split('/')[^1]))
            .ToHashSet();
        Messages = document.GetProperty("components").GetProperty("messages").EnumerateObject().ToDictionary(
            message => message.Name, message => new DocumentedMessage(message.Name, fromClients.Contains(message.Name), message.Value));
    }

    public static SocketContract Served { get; } = new(new ContractDocuments().AsyncApiRoot);

    public JsonElement Document { get; }

    public ContractSchema Schemas { get; }

    public IReadOnlyDictionary<string, DocumentedMessage> Messages { get; }

    public IEnumerable<string> Channels => Document.GetProperty("channels").EnumerateObject().Select(channel => channel.Name);

    /// <summary>The messages of a channel, in the document's order.</summary>
    public IReadOnlyList<DocumentedMessage> MessagesOf(string channel)
        => [.. Document.GetProperty("channels").GetProperty(channel).GetProperty("messages").EnumerateObject().Select(message => Messages[message.Name])];

    /// <summary>Which message of the server it is. A test fails on one that is not documented.</summary>
    public DocumentedMessage Recognise(string channel, JsonElement payload)
    {
        var known = MessagesOf(channel).Where(message => !message.FromClient).ToArray();
        return Array.Find(known, message => Schemas.Faults(message.Payload, payload).Count == 0)
            ?? throw new InvalidDataException($"{channel} was sent what is not documented: {payload.GetRawText()}\n{string.Join("\n", known.Select(message => $"no {message.Name}: {string.Join("; ", Schemas.Faults(message.Payload, payload))}"))}");
    }

    /// <summary>Which event it is; by its name and its data.</summary>
    public DocumentedMessage Recognise(string channel, ServerSentEvent read)
    {
        var payload = read.Data is null ? JsonSerializer.SerializeToElement<object?>(null) : JsonDocument.Parse(read.Data).RootElement;
        var headers = new Dictionary<string, object>();
        if (read.Id is not null)
        {
            headers["id"] = read.Id;
        }

        if (read.Event != "message")
        {
            headers["event"] = read.Event;
        }

        if (read.Retry is { } retry)
        {
            headers["retry"] = retry;
        }

        var head = JsonSerializer.SerializeToElement(headers);
        IReadOnlyList<string> Faults(DocumentedMessage message) => [.. Schemas.Faults(message.Description.GetProperty("headers"), head, "head"), .. Schemas.Faults(message.Payload, payload)];
        return MessagesOf(channel).FirstOrDefault(message => Faults(message).Count == 0)
            ?? throw new InvalidDataException($"{channel} was sent what is not documented: {read}\n{string.Join("\n", MessagesOf(channel).Select(message => $"no {message.Name}: {string.Join("; ", Faults(message))}"))}");
    }

    /// <summary>How an event differs from the example of it; both have data.</summary>
    public IReadOnlyList<string> EventDifferences(ServerSentEvent example, ServerSentEvent answer)
    {
        var message = Recognise("events", answer);
        return new ExampleComparison(Schemas, []).Differences(message.Payload, JsonDocument.Parse(example.Data!).RootElement, JsonDocument.Parse(answer.Data!).RootElement);
    }
}
