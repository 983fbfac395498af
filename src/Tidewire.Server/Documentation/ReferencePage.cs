using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tidewire.Server.Documentation;

/// <summary>
/// Renders both documents as one page to read: HTTP, sockets and streams of events, shapes and codes. It is complete
/// without a script, a network or a build.
/// </summary>
/// <param name="openApi">The OpenAPI document.</param>
/// <param name="asyncApi">The AsyncAPI document.</param>
internal sealed class ReferencePage(JsonElement openApi, JsonElement asyncApi)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions OnOneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly StringBuilder _page = new(256 << 10);

    /// <summary>The page, UTF-8.</summary>
    public byte[] Render()
    {
        _page.Append("""
            <!doctype html>
            <html lang="en" data-theme="dark">
              <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>Tidewire: API reference</title>
                <link rel="icon" type="image/svg+xml" href="/docs/mark.svg">
                <link rel="stylesheet" href="/docs/tokens.css">
                <link rel="stylesheet" href="/docs/frame.css">
                <link rel="stylesheet" href="/docs/redoc.css">
                <script src="/docs/theme.js"></script>
              </head>
              <body>
                <a class="skip" href="#reference">To the reference</a>
                <header class="top">
                  <a class="brand" href="/"><svg viewBox="0 0 22 16" aria-hidden="true"><path d="M1 8h4.2C7.6 8 7.4 2.6 9.6 2.6S12 13.4 14.2 13.4 15 8 17 8h4"/></svg>Tidewire</a>
                  <nav aria-label="Pages"><a href="/docs">Try it</a><a href="/redoc" aria-current="page">Reference</a><a href="/openapi/v1.json">OpenAPI</a><a href="/asyncapi.json">AsyncAPI</a></nav>
                </header>
                <div class="columns">

            """);
        Contents();
        _page.Append("<main id=\"reference\">\n");
        var info = openApi.GetProperty("info");
        _page.Append($"<h1>{Text(info, "title")} API <small>{Text(info, "version")}</small></h1>\n");
        Prose(info, "description");
        foreach (var tag in openApi.GetProperty("tags").EnumerateArray())
        {
            var name = tag.GetProperty("name").GetString()!;
            _page.Append($"<section id=\"{Anchor(name)}\"><h2>{Title(name)}</h2>\n");
            Prose(tag, "description");
            foreach (var (path, method, operation) in Operations(name))
            {
                Operation(path, method, operation);
            }

            _page.Append("</section>\n");
        }

        AnyRoute(openApi.GetProperty("x-any-route"));
        Messages();
        Codes("error-codes", "Error codes", asyncApi.GetProperty("x-error-codes"), "code", "error", "meaning", "retryable");
        Codes("closing-codes", "Closing codes", asyncApi.GetProperty("x-closing-codes"), "code", "meaning", "reconnect");
        Shapes();
        _page.Append("</main></div></body></html>\n");
        return Encoding.UTF8.GetBytes(_page.ToString());
    }

    private static string Encode(string? text) => WebUtility.HtmlEncode(text ?? "");

    private static string Text(JsonElement of, string name) => of.TryGetProperty(name, out var value) ? Encode(value.GetString()) : "";

    private static string Title(string word) => word == "websocket" ? "WebSocket" : string.Concat(word[..1].ToUpperInvariant(), word.AsSpan(1));

    private static string Anchor(string text) => string.Concat(text.Select(static c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-')).Trim('-');

    /// <summary>Text with `code` in it, as HTML.</summary>
    private static string Marked(string text)
    {
        var parts = Encode(text).Split('`');
        return string.Concat(parts.Select(static (part, index) => index % 2 == 0 ? part : $"<code>{part}</code>"));
    }

    private static string LastOf(JsonElement reference) => reference.GetString()![(reference.GetString()!.LastIndexOf('/') + 1)..];

    private static string Link(JsonElement reference) => $"<a href=\"#shape-{Anchor(LastOf(reference))}\">{Encode(LastOf(reference))}</a>";

    /// <summary>What a schema allows, in a few words.</summary>
    private static string Kind(JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            return Link(reference);
        }

        if (schema.TryGetProperty("const", out var only))
        {
            return $"<code>{Encode(only.GetRawText())}</code>";
        }

        if (schema.TryGetProperty("oneOf", out var choices) || schema.TryGetProperty("anyOf", out choices))
        {
            return string.Join(" or ", choices.EnumerateArray().Select(Kind));
        }

        if (schema.TryGetProperty("enum", out var values))
        {
            return string.Join(" ", values.EnumerateArray().Select(static value => $"<code>{Encode(value.GetRawText())}</code>"));
        }

        var type = schema.TryGetProperty("type", out var named)
            ? named.ValueKind == JsonValueKind.Array ? string.Join(" or ", named.EnumerateArray().Select(static one => one.GetString())) : named.GetString()!
            : "any";
        var kind = Encode(type);
        if (schema.TryGetProperty("items", out var items))
        {
            kind += " of " + (items.ValueKind == JsonValueKind.Array ? string.Join(", ", items.EnumerateArray().Select(Kind)) : Kind(items));
        }
        else if (schema.TryGetProperty("additionalProperties", out var rest) && rest.ValueKind == JsonValueKind.Object)
        {
            kind += " of " + Kind(rest) + " by name";
        }

        return kind + Bounds(schema);
    }

    private static string Bounds(JsonElement schema)
    {
        var least = schema.TryGetProperty("minimum", out var minimum) ? minimum.GetRawText() : null;
        var most = schema.TryGetProperty("maximum", out var maximum) ? maximum.GetRawText() : null;
        return (least, most) switch
        {
            ("0", null) => "",
            (not null, not null) => $", {least} to {most}",
            (not null, null) => $", at least {least}",
            _ => schema.TryGetProperty("maxLength", out var longest) ? $", up to {longest.GetRawText()} characters" : "",
        };
    }

    private static string Example(JsonElement value)
        => Encode(value.ValueKind == JsonValueKind.String ? value.GetString() : JsonSerializer.Serialize(value, Indented));

    private IEnumerable<(string Path, string Method, JsonElement Operation)> Operations(string tag)
        => from path in openApi.GetProperty("paths").EnumerateObject()
           from method in path.Value.EnumerateObject()
           where method.Value.GetProperty("tags")[0].GetString() == tag
           select (path.Name, method.Name, method.Value);

    /// <summary>A document's part behind a reference, or the part itself.</summary>
    private JsonElement Resolved(JsonElement part)
        => part.TryGetProperty("$ref", out var reference)
            ? reference.GetString()!.Split('/').Skip(1).Aggregate(openApi, static (at, name) => at.GetProperty(name))
            : part;

    private void Prose(JsonElement of, string name)
    {
        if (of.TryGetProperty(name, out var text))
        {
            foreach (var paragraph in text.GetString()!.Split("\n\n"))
            {
                _page.Append($"<p>{Marked(paragraph)}</p>\n");
            }
        }
    }

    private void Contents()
    {
        _page.Append("<nav class=\"contents\" aria-label=\"Contents\">\n");
        foreach (var tag in openApi.GetProperty("tags").EnumerateArray())
        {
            var name = tag.GetProperty("name").GetString()!;
            Group(name, Title(name), Operations(name).Select(static operation => (Anchor(operation.Operation.GetProperty("operationId").GetString()!), operation.Path)));
        }

        Group("any-route", "Every route", []);
        Group("messages", "Messages", asyncApi.GetProperty("channels").EnumerateObject().Select(static channel => ($"channel-{Anchor(channel.Name)}", channel.Value.GetProperty("address").GetString()!)));
        Group("error-codes", "Error codes", []);
        Group("closing-codes", "Closing codes", []);
        Group("shapes", "Shapes", []);
        _page.Append("</nav>\n");
    }

    private void Group(string anchor, string title, IEnumerable<(string Anchor, string Text)> entries)
    {
        _page.Append($"<h2><a href=\"#{Anchor(anchor)}\">{Encode(title)}</a></h2>\n<ul>\n");
        foreach (var (to, text) in entries)
        {
            _page.Append($"<li><a href=\"#{to}\">{Encode(text)}</a></li>\n");
        }

        _page.Append("</ul>\n");
    }

    private void Operation(string path, string method, JsonElement operation)
    {
        _page.Append($"<article id=\"{Anchor(operation.GetProperty("operationId").GetString()!)}\">\n<h3><b class=\"method\">{method.ToUpperInvariant()}</b> <code>{Encode(path)}</code></h3>\n");
        _page.Append($"<p class=\"lead\">{Marked(operation.GetProperty("summary").GetString()!)}</p>\n");
        Prose(operation, "description");
        if (operation.TryGetProperty("parameters", out var parameters))
        {
            Open("Parameter", "Value", "Meaning");
            foreach (var parameter in parameters.EnumerateArray().Select(Resolved))
            {
                var required = parameter.TryGetProperty("required", out var must) && must.GetBoolean();
                Row($"<code>{Text(parameter, "name")}</code><span class=\"note\">{Text(parameter, "in")}{(required ? ", required" : "")}</span>", Kind(parameter.GetProperty("schema")), Marked(parameter.GetProperty("description").GetString()!));
            }

            Close();
        }

        if (operation.TryGetProperty("requestBody", out var body))
        {
            foreach (var content in body.GetProperty("content").EnumerateObject())
            {
                _page.Append($"<h4>Body <span class=\"note\">{Encode(content.Name)}</span></h4>\n<p>{Kind(content.Value.GetProperty("schema"))}</p>\n");
                Examples(content.Value);
            }
        }

        Responses(operation.GetProperty("responses"));
        _page.Append("</article>\n");
    }

    private void Responses(JsonElement responses)
    {
        Open(statuses: true, "Status", "Body", "Meaning");
        foreach (var (status, response) in responses.EnumerateObject().Select(answer => (answer.Name, Resolved(answer.Value))))
        {
            var bodies = response.TryGetProperty("content", out var contents)
                ? string.Join("<br>", contents.EnumerateObject().Select(static content => content.Name.StartsWith("application/json", StringComparison.Ordinal) ? Kind(content.Value.GetProperty("schema")) : $"<code>{Encode(content.Name)}</code>"))
                : "none";
            var headers = response.TryGetProperty("headers", out var names)
                ? $"<span class=\"note\">{string.Join(", ", names.EnumerateObject().Select(static header => Encode(header.Name)))}</span>"
                : "";
            Row($"<b class=\"status s{status[0]}\">{status}</b>", bodies, Marked(response.GetProperty("description").GetString()!) + headers);
        }

        Close();
        foreach (var response in responses.EnumerateObject().Where(static answer => answer.Name[0] == '2').Select(answer => Resolved(answer.Value)))
        {
            foreach (var content in response.GetProperty("content").EnumerateObject())
            {
                Examples(content.Value);
            }
        }

        Refusals(responses.EnumerateObject().Where(static answer => answer.Name[0] is '4' or '5'));
    }

    private void Refusals(IEnumerable<JsonProperty> refusals)
    {
        _page.Append("<details class=\"example\"><summary>Refusals</summary>\n");
        foreach (var refusal in refusals)
        {
            foreach (var example in Resolved(refusal.Value).GetProperty("content").GetProperty("application/json").GetProperty("examples").EnumerateObject())
            {
                _page.Append($"<p><b class=\"status s{refusal.Name[0]}\">{refusal.Name}</b> {Marked(example.Value.GetProperty("summary").GetString()!)}</p><pre>{Encode(JsonSerializer.Serialize(example.Value.GetProperty("value"), OnOneLine))}</pre>\n");
            }
        }

        _page.Append("</details>\n");
    }

    private void Examples(JsonElement content)
    {
        if (!content.TryGetProperty("examples", out var examples))
        {
            return;
        }

        foreach (var example in examples.EnumerateObject())
        {
            var summary = example.Value.TryGetProperty("summary", out var said) ? said.GetString()! : example.Name;
            _page.Append($"<details class=\"example\"><summary>{Marked(summary)}</summary><pre>{Example(example.Value.GetProperty("value"))}</pre></details>\n");
        }
    }

    private void AnyRoute(JsonElement any)
    {
        _page.Append("<section id=\"any-route\"><h2>Every route</h2>\n");
        Prose(any, "description");
        Open(statuses: true, "Status", "Meaning");
        foreach (var answer in any.GetProperty("responses").EnumerateObject())
        {
            Row($"<b class=\"status s{answer.Name[0]}\">{answer.Name}</b>", Marked(answer.Value.GetProperty("description").GetString()!));
        }

        Close();
        _page.Append("</section>\n");
    }

    private void Messages()
    {
        _page.Append("<section id=\"messages\"><h2>Messages</h2>\n");
        Prose(asyncApi.GetProperty("info"), "description");
        var sentByClients = asyncApi.GetProperty("operations").EnumerateObject()
            .Where(static operation => operation.Value.GetProperty("action").GetString() == "receive")
            .SelectMany(static operation => operation.Value.GetProperty("messages").EnumerateArray().Select(static message => LastOf(message.GetProperty("$ref"))))
            .ToHashSet(StringComparer.Ordinal);
        var shown = new HashSet<string>(StringComparer.Ordinal);
        foreach (var channel in asyncApi.GetProperty("channels").EnumerateObject())
        {
            _page.Append($"<article id=\"channel-{Anchor(channel.Name)}\">\n<h3><code>{Text(channel.Value, "address")}</code></h3>\n<p class=\"lead\">{Text(channel.Value, "title")}</p>\n");
            Prose(channel.Value, "description");
            Open("Message", "From", "Shape", "Meaning");
            var messages = channel.Value.GetProperty("messages").EnumerateObject().Select(static message => message.Name).ToArray();
            foreach (var name in messages)
            {
                var message = asyncApi.GetProperty("components").GetProperty("messages").GetProperty(name);
                Row($"<a href=\"#message-{Anchor(name)}\">{Text(message, "title")}</a>", sentByClients.Contains(name) ? "client" : "server", Kind(message.GetProperty("payload")), Marked(message.GetProperty("summary").GetString()!));
            }

            Close();
            foreach (var name in messages.Where(shown.Add))
            {
                Message(name, asyncApi.GetProperty("components").GetProperty("messages").GetProperty(name));
            }

            _page.Append("</article>\n");
        }

        _page.Append("</section>\n");
    }

    private void Message(string name, JsonElement message)
    {
        _page.Append($"<details class=\"example\" id=\"message-{Anchor(name)}\"><summary>{Text(message, "title")}</summary>\n");
        foreach (var example in message.GetProperty("examples").EnumerateArray())
        {
            _page.Append($"<p>{Marked(example.GetProperty("summary").GetString()!)}</p>\n<pre>");
            if (example.TryGetProperty("headers", out var headers))
            {
                foreach (var header in headers.EnumerateObject())
                {
                    _page.Append($"{Encode(header.Name)}: {Encode(header.Value.ToString())}\n");
                }
            }

            var payload = example.GetProperty("payload");
            _page.Append(payload.ValueKind == JsonValueKind.Null ? "" : Example(payload)).Append("</pre>\n");
        }

        _page.Append("</details>\n");
    }

    private void Codes(string anchor, string title, JsonElement codes, params string[] columns)
    {
        _page.Append($"<section id=\"{anchor}\"><h2>{title}</h2>\n");
        Open([.. columns.Select(static column => column switch { "error" => "Name", "retryable" => "Can succeed later", "reconnect" => "Connect again", _ => Title(column) })]);
        foreach (var code in codes.EnumerateArray())
        {
            Row([.. columns.Select(column => code.GetProperty(column) switch
            {
                { ValueKind: JsonValueKind.True } => "yes",
                { ValueKind: JsonValueKind.False } => "no",
                { ValueKind: JsonValueKind.Number } number => $"<code>{number.GetRawText()}</code>",
                var text when column == "error" => $"<code>{Encode(text.GetString())}</code>",
                var text => Marked(text.GetString()!),
            })]);
        }

        Close();
        _page.Append("</section>\n");
    }

    private void Shapes()
    {
        _page.Append("<section id=\"shapes\"><h2>Shapes</h2>\n<p>What stands in bodies and messages. A field without a mark is always there.</p>\n");
        var shapes = new[] { openApi, asyncApi }
            .SelectMany(static document => document.GetProperty("components").GetProperty("schemas").EnumerateObject())
            .DistinctBy(static shape => shape.Name)
            .OrderBy(static shape => shape.Name, StringComparer.Ordinal);
        foreach (var shape in shapes)
        {
            _page.Append($"<article class=\"shape\" id=\"shape-{Anchor(shape.Name)}\">\n<h3>{Encode(shape.Name)}</h3>\n");
            Prose(shape.Value, "description");
            if (shape.Value.TryGetProperty("properties", out _))
            {
                Open("Field", "Value", "Meaning");
                Fields(shape.Value, "");
                Close();
            }
            else
            {
                _page.Append($"<p>{Kind(shape.Value)}</p>\n");
            }

            _page.Append("</article>\n");
        }

        _page.Append("</section>\n");
    }

    private void Fields(JsonElement schema, string inside)
    {
        var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(static name => name.GetString()).ToHashSet() : [];
        foreach (var field in schema.GetProperty("properties").EnumerateObject())
        {
            var meaning = field.Value.TryGetProperty("description", out var said) ? Marked(said.GetString()!) : "";
            Row($"<code>{Encode(inside + field.Name)}</code>{(required.Contains(field.Name) ? "" : "<span class=\"note\">may be left out</span>")}", Kind(field.Value), meaning);
            if (field.Value.TryGetProperty("properties", out _))
            {
                Fields(field.Value, $"{inside}{field.Name}.");
            }
        }
    }

    private void Open(params ReadOnlySpan<string> heads) => Open(statuses: false, heads);

    private void Open(bool statuses, params ReadOnlySpan<string> heads)
    {
        _page.Append($"<div class=\"table{(statuses ? " statuses" : "")}\"><table><thead><tr>");
        foreach (var head in heads)
        {
            _page.Append($"<th scope=\"col\">{head}</th>");
        }

        _page.Append("</tr></thead><tbody>\n");
    }

    private void Row(params ReadOnlySpan<string> cells)
    {
        _page.Append("<tr>");
        foreach (var cell in cells)
        {
            _page.Append($"<td>{cell}</td>");
        }

        _page.Append("</tr>\n");
    }

    private void Close() => _page.Append("</tbody></table></div>\n");
}
