using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tidewire.Server.Status;

namespace Tidewire.Server.Documentation;

/// <summary>The contract as data: <c>openapi.json</c> and <c>asyncapi.json</c> of this room, under the version that runs.</summary>
internal sealed class ContractDocuments
{
    /// <summary>Stands where the server's own address belongs: AsyncAPI knows no relative ones.</summary>
    private const string Host = "127.0.0.1:8000";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _asyncApi;

    public ContractDocuments()
    {
        var openApi = Read("openapi.json");
        var asyncApi = Read("asyncapi.json");
        OpenApi = Encoding.UTF8.GetBytes(openApi.ToJsonString(Plain));
        _asyncApi = asyncApi.ToJsonString(Plain);
        OpenApiRoot = JsonSerializer.SerializeToElement(openApi);
        AsyncApiRoot = JsonSerializer.SerializeToElement(asyncApi);
    }

    /// <summary>The OpenAPI document, UTF-8; its one server is relative.</summary>
    public ReadOnlyMemory<byte> OpenApi { get; }

    /// <summary>The OpenAPI document.</summary>
    public JsonElement OpenApiRoot { get; }

    /// <summary>The AsyncAPI document, with an address that stands for any.</summary>
    public JsonElement AsyncApiRoot { get; }

    /// <summary>The AsyncAPI document as a client should see it, UTF-8.</summary>
    /// <param name="host">The host and port that the client used.</param>
    public byte[] AsyncApi(HostString host)
        => Encoding.UTF8.GetBytes(_asyncApi.Replace($"\"host\":\"{Host}\"", $"\"host\":\"{JsonEncodedText.Encode(host.Value ?? Host)}\"", StringComparison.Ordinal));

    private static JsonNode Read(string name)
    {
        using var stream = OwnPages.Open(name);
        var document = JsonNode.Parse(stream)!;
        document["info"]!["version"] = StatusReport.Version;
        return document;
    }
}
