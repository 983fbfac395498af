using System.Globalization;
using System.Text.Json;
using Tidewire.Server.Documentation;
using Tidewire.Testing.Clients;
using Tidewire.Testing.Contracts;

namespace Tidewire.Server.Tests.Contract;

/// <summary>One documented example of an answer, and the request that it answers.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Status">The status it is documented under.</param>
/// <param name="Name">Its name; the examples of the request have the same.</param>
/// <param name="Example">The example.</param>
/// <param name="ContentType">The type of the body; null without one.</param>
internal sealed record Exchange(HttpOperation Operation, int Status, string Name, JsonElement Example, string? ContentType)
{
    /// <summary>In what state the server answers so; null for a simulated market that has been running.</summary>
    public string? When => Example.TryGetProperty("x-when", out var when) ? when.GetString() : null;

    public override string ToString() => $"{Operation} {Status} {Name}";
}

/// <summary>One operation of the OpenAPI document.</summary>
/// <param name="Path">Its path with its parameters.</param>
/// <param name="Method">Its method, upper case.</param>
/// <param name="Description">What the document says of it.</param>
internal sealed record HttpOperation(string Path, string Method, JsonElement Description)
{
    /// <summary>Whether it opens a WebSocket.</summary>
    public bool IsSocket => Description.GetProperty("responses").TryGetProperty("101", out _);

    public override string ToString() => $"{Method} {Path}";
}

/// <summary>An answer as it came.</summary>
/// <param name="Status">The status.</param>
/// <param name="Headers">All headers by name, those of several lines joined.</param>
/// <param name="Body">The body; of a stream without end, its beginning.</param>
internal sealed record HttpAnswer(int Status, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>The OpenAPI document, as what answers are held against.</summary>
internal sealed class HttpContract
{
    /// <summary>The epoch that stands in the document's examples.</summary>
    public const string ExampleEpoch = "sim-5f3a09be";

    public HttpContract(JsonElement document)
    {
        Document = document;
        Schemas = new ContractSchema(document);
        Operations = [.. from path in document.GetProperty("paths").EnumerateObject()
                         from method in path.Value.EnumerateObject()
                         select new HttpOperation(path.Name, method.Name.ToUpperInvariant(), method.Value)];
    }

    public static HttpContract Served { get; } = new(new ContractDocuments().OpenApiRoot);

    public JsonElement Document { get; }

    public ContractSchema Schemas { get; }

    public IReadOnlyList<HttpOperation> Operations { get; }

    /// <summary>What every route answers beside what it says of itself.</summary>
    public JsonElement AnyRoute => Document.GetProperty("x-any-route");

    public HttpOperation this[string method, string path] => Operations.Single(operation => operation.Method == method && operation.Path == path);

    /// <summary>All examples of answers of an operation.</summary>
    public IEnumerable<Exchange> Exchanges(HttpOperation operation)
    {
        foreach (var (status, response) in operation.Description.GetProperty("responses").EnumerateObject().Select(answer => (int.Parse(answer.Name, CultureInfo.InvariantCulture), Schemas.Resolved(answer.Value))))
        {
            foreach (var example in response.TryGetProperty("x-examples", out var bare) ? bare.EnumerateObject() : default)
            {
                yield return new Exchange(operation, status, example.Name, example.Value, null);
            }

            foreach (var content in response.TryGetProperty("content", out var contents) ? contents.EnumerateObject() : default)
            {
                foreach (var example in content.Value.GetProperty("examples").EnumerateObject())
                {
                    yield return new Exchange(operation, status, example.Name, example.Value, content.Name);
                }
            }
        }
    }

    /// <summary>The request of an example.</summary>
    /// <param name="exchange">The example.</param>
    /// <param name="server">Where to send it.</param>
    /// <param name="epoch">What takes the place of the epoch in the examples.</param>
    public HttpRequestMessage Request(Exchange exchange, Uri server, string epoch)
    {
        string Now(string text) => text.Replace(ExampleEpoch, epoch, StringComparison.Ordinal);
        var own = exchange.Example.TryGetProperty("x-request", out var said) ? said : default;
        JsonElement Own(string part) => own.ValueKind == JsonValueKind.Object && own.TryGetProperty(part, out var value) ? value : default;
        string? OwnText(string part, string name) => Own(part) is { ValueKind: JsonValueKind.Object } values && values.TryGetProperty(name, out var value) ? value.GetString() : null;

        var path = exchange.Operation.Path;
        var query = new List<string>();
        var headers = new Dictionary<string, string>();
        foreach (var parameter in Parameters(exchange.Operation))
        {
            var name = parameter.GetProperty("name").GetString()!;
            var value = ExampleOf(parameter, exchange.Name);
            switch (parameter.GetProperty("in").GetString())
            {
                case "path":
                    path = path.Replace($"{{{name}}}", OwnText("path", name) ?? value ?? ExampleOf(parameter, null)!, StringComparison.Ordinal);
                    break;
                case "query" when value is not null && OwnText("query", name) is null:
                    query.Add($"{name}={Uri.EscapeDataString(Now(value))}");
                    break;
                case "header" when value is not null:
                    headers[name] = Now(value);
                    break;
            }
        }

        if (Own("query") is { ValueKind: JsonValueKind.Object } further)
        {
            query.AddRange(further.EnumerateObject().Select(pair => $"{pair.Name}={Uri.EscapeDataString(Now(pair.Value.GetString()!))}"));
        }

        if (Own("headers") is { ValueKind: JsonValueKind.Object } given)
        {
            foreach (var header in given.EnumerateObject())
            {
                headers[header.Name] = header.Value.GetString()!;
            }
        }

        var request = new HttpRequestMessage(new HttpMethod(exchange.Operation.Method), new Uri(server, query.Count == 0 ? path : $"{path}?{string.Join('&', query)}"));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (exchange.Operation.Description.TryGetProperty("requestBody", out var body))
        {
            var (type, content) = body.GetProperty("content").EnumerateObject().Select(one => (one.Name, one.Value)).Single();
            var examples = content.GetProperty("examples");
            var text = Own("body") is { ValueKind: JsonValueKind.String } broken ? broken.GetString()!
                : Own("body_bytes") is { ValueKind: JsonValueKind.Number } length ? $"{{\"pad\":\"{new string('x', length.GetInt32() - 10)}\"}}"
                : (examples.TryGetProperty(exchange.Name, out var named) ? named : examples.EnumerateObject().First().Value).GetProperty("value").GetRawText();
            request.Content = new StringContent(text);
            request.Content.Headers.Remove("Content-Type");
            request.Content.Headers.TryAddWithoutValidation("Content-Type", Own("content_type") is { ValueKind: JsonValueKind.String } other ? other.GetString() : type);
        }

        return request;
    }

    /// <summary>What of an answer is not documented: its status, its headers, its body.</summary>
    public IReadOnlyList<string> Faults(HttpOperation operation, HttpAnswer answer)
    {
        var status = answer.Status.ToString(CultureInfo.InvariantCulture);
        var isOfAnyRoute = AnyRoute.GetProperty("responses").TryGetProperty(status, out var response) && answer.Body.Length == 0 && !answer.Headers.ContainsKey("Content-Type");
        if (isOfAnyRoute)
        {
            return HeaderFaults(response, answer);
        }

        if (!operation.Description.GetProperty("responses").TryGetProperty(status, out response))
        {
            return [$"the status {status} is not documented; the body is {answer.Body}"];
        }

        response = Schemas.Resolved(response);
        var faults = new List<string>(HeaderFaults(response, answer));
        faults.AddRange(HeaderFaults(AnyRoute, answer));
        if (!response.TryGetProperty("content", out var contents))
        {
            if (answer.Body.Length > 0)
            {
                faults.Add($"no body is documented, and there is one: {answer.Body}");
            }

            return faults;
        }

        var type = answer.Headers.GetValueOrDefault("Content-Type", "");
        if (!contents.TryGetProperty(type, out var content) && !contents.TryGetProperty(type.Split(';')[0], out content))
        {
            return [.. faults, $"the Content-Type '{type}' is not documented"];
        }

        if (type.StartsWith("application/json", StringComparison.Ordinal))
        {
            try
            {
                using var body = JsonDocument.Parse(answer.Body);
                faults.AddRange(Schemas.Faults(content.GetProperty("schema"), body.RootElement));
            }
            catch (JsonException)
            {
                faults.Add($"the body is no JSON: {answer.Body}");
            }
        }

        return faults;
    }

    /// <summary>How an answer differs from its example.</summary>
    public IReadOnlyList<string> Differences(Exchange exchange, HttpAnswer answer)
    {
        var faults = new List<string>();
        if (answer.Status != exchange.Status)
        {
            return [$"the status is {answer.Status}; the body is {answer.Body}"];
        }

        foreach (var header in exchange.Example.TryGetProperty("x-headers", out var headers) ? headers.EnumerateObject() : default)
        {
            if (answer.Headers.GetValueOrDefault(header.Name) != header.Value.GetString())
            {
                faults.Add($"{header.Name}: is {answer.Headers.GetValueOrDefault(header.Name) ?? "not there"}, the example says {header.Value.GetString()}");
            }
        }

        if (!exchange.Example.TryGetProperty("value", out var value))
        {
            return faults;
        }

        switch (exchange.ContentType)
        {
            case "application/json":
                var schema = Schemas.Resolved(exchange.Operation.Description.GetProperty("responses").GetProperty(answer.Status.ToString(CultureInfo.InvariantCulture)))
                    .GetProperty("content").GetProperty(exchange.ContentType).GetProperty("schema");
                using (var body = JsonDocument.Parse(answer.Body))
                {
                    faults.AddRange(Varying(exchange.Example).Differences(schema, value, body.RootElement));
                }

                break;
            case "text/event-stream":
                faults.AddRange(EventDifferences(Events(value.GetString()!), Events(answer.Body)));
                break;
            default:
                faults.AddRange(value.GetString()!.Split('\n').Where(line => !answer.Body.Split('\n').Contains(line)).Select(line => $"the line '{line}' is not in the answer"));
                break;
        }

        return faults;
    }

    /// <summary>The events in a text; what stands after the last whole one is left out.</summary>
    public static IReadOnlyList<ServerSentEvent> Events(string text)
        => [.. text.Split("\n\n")[..^1].Select(part => ServerSentEvent.Parse(part.Split('\n')))];

    /// <summary>The value of a parameter's example of this name, or of its first; null when there is none.</summary>
    private static string? ExampleOf(JsonElement parameter, string? name)
    {
        if (!parameter.TryGetProperty("examples", out var examples))
        {
            return null;
        }

        var example = name is null ? examples.EnumerateObject().First().Value : examples.TryGetProperty(name, out var named) ? named : default;
        return example.ValueKind == JsonValueKind.Object ? example.GetProperty("value").ToString() : null;
    }

    private static List<string> EventDifferences(IReadOnlyList<ServerSentEvent> example, IReadOnlyList<ServerSentEvent> answer)
    {
        var faults = new List<string>();
        for (var index = 0; index < example.Count; index++)
        {
            var (wanted, found) = (example[index], answer[index]);
            if ((wanted.Event, wanted.Retry, wanted.Id is null, wanted.Data is null) != (found.Event, found.Retry, found.Id is null, found.Data is null)
                || !wanted.Comments.SequenceEqual(found.Comments))
            {
                faults.Add($"event {index} is {found}, the example says {wanted}");
            }
            else if (wanted.Data is not null)
            {
                faults.AddRange(SocketContract.Served.EventDifferences(wanted, found));
            }
        }

        return faults;
    }

    private IEnumerable<JsonElement> Parameters(HttpOperation operation)
        => operation.Description.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray().Select(Schemas.Resolved) : [];

    private ExampleComparison Varying(JsonElement example)
        => new(Schemas, example.TryGetProperty("x-varies", out var names) ? [.. names.EnumerateArray().Select(name => name.GetString()!)] : []);

    private List<string> HeaderFaults(JsonElement of, HttpAnswer answer)
    {
        var faults = new List<string>();
        foreach (var (name, header) in of.TryGetProperty("headers", out var headers) ? headers.EnumerateObject().Select(one => (one.Name, Schemas.Resolved(one.Value))) : [])
        {
            if (!answer.Headers.TryGetValue(name, out var value))
            {
                faults.Add($"the header {name} is missing");
                continue;
            }

            faults.AddRange(Schemas.Faults(header.GetProperty("schema"), JsonSerializer.SerializeToElement(value), name));
        }

        return faults;
    }
}
