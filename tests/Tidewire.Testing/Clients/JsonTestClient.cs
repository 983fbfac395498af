using System.Text.Json;

namespace Tidewire.Testing.Clients;

/// <summary>A test client of a wire that speaks JSON objects, one or several to a message.</summary>
public abstract class JsonTestClient : TestClient
{
    private const int Remembered = 20;
    private readonly Queue<string> _texts = new();
    private readonly Queue<string> _seen = new();

    private protected JsonTestClient()
    {
    }

    /// <summary>The text of the object that was handed out last, as the server sent it.</summary>
    public string LastText { get; private set; } = "";

    /// <summary>The next object of any type.</summary>
    public Task<JsonElement> NextAsync() => NextAsync(_ => true, "an object");

    /// <summary>The next object of this type; others before it are dropped.</summary>
    public Task<JsonElement> NextOfTypeAsync(string type) => NextAsync(item => TypeOf(item) == type, $"an object of type {type}");

    /// <summary>The next object for which this holds; others before it are dropped.</summary>
    public async Task<JsonElement> NextAsync(Func<JsonElement, bool> wanted, string what)
    {
        string Described() => $"{what} (the last objects were {(_seen.Count == 0 ? "none" : string.Join(" ", _seen))})";
        using var bound = new CancellationTokenSource(TestBound.Value);
        while (true)
        {
            while (_texts.Count == 0)
            {
                var message = await NextMessageAsync(Described, bound.Token)
                    ?? throw new ConnectionEndedException(Described(), CloseStatus, CloseReason);
                foreach (var line in message.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                {
                    _texts.Enqueue(line);
                }
            }

            LastText = _texts.Dequeue();
            _seen.Enqueue(LastText.Length > 300 ? LastText[..300] + "…" : LastText);
            if (_seen.Count > Remembered)
            {
                _seen.Dequeue();
            }

            using var json = JsonDocument.Parse(LastText);
            if (wanted(json.RootElement))
            {
                return json.RootElement.Clone();
            }
        }
    }

    /// <summary>The value of <c>type</c>; null for an object without one.</summary>
    protected static string? TypeOf(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty("type", out var type) ? type.GetString() : null;
}
