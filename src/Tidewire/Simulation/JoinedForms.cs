using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tidewire.Simulation;

/// <summary>The forms joined in a session, and how the frames of each begin: <c>["form",</c>.</summary>
internal sealed class JoinedForms
{
    private static readonly int Feeds = Enum.GetValues<SimulatedFeed>().Length;

    private readonly Dictionary<string, SimulatedForm> _joined = new(StringComparer.Ordinal);
    private readonly int[] _counts = new int[Feeds];
    private readonly byte[]?[] _wholes = new byte[]?[Feeds];
    private readonly Dictionary<string, byte[]>[] _bySymbol =
        [.. Enumerable.Range(0, Feeds).Select(_ => new Dictionary<string, byte[]>(StringComparer.Ordinal))];

    public IReadOnlyCollection<SimulatedForm> All => _joined.Values;

    /// <summary>Adds a form. False when it was joined already.</summary>
    public bool Add(SimulatedForm form)
    {
        if (!_joined.TryAdd(form.Text, form))
        {
            return false;
        }

        _counts[(int)form.Feed]++;
        if (form.Symbol is { } symbol)
        {
            _bySymbol[(int)form.Feed][symbol] = Head(form.Text);
        }
        else if (form.Feed != SimulatedFeed.Silent)
        {
            _wholes[(int)form.Feed] = Head(form.Text);
        }

        return true;
    }

    /// <summary>Takes a form out. False when it was not joined.</summary>
    public bool Remove(SimulatedForm form)
    {
        if (!_joined.Remove(form.Text))
        {
            return false;
        }

        _counts[(int)form.Feed]--;
        if (form.Symbol is { } symbol)
        {
            _bySymbol[(int)form.Feed].Remove(symbol);
        }
        else
        {
            _wholes[(int)form.Feed] = null;
        }

        return true;
    }

    /// <summary>Whether any form of a feed is joined. Asked for every trade.</summary>
    public bool Any(SimulatedFeed feed) => _counts[(int)feed] > 0;

    /// <summary>How the frames of a market-wide feed begin; null when it is not joined.</summary>
    public byte[]? Whole(SimulatedFeed feed) => _wholes[(int)feed];

    /// <summary>How the frames of a feed of one ticker begin; null when it is not joined.</summary>
    public byte[]? Of(SimulatedFeed feed, string symbol) => _bySymbol[(int)feed].GetValueOrDefault(symbol);

    /// <summary>How the frames of a form begin. A form is a stranger's text as far as we know, and is escaped.</summary>
    public static byte[] Head(string form) =>
        [.. "[\""u8, .. JsonEncodedText.Encode(form, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, .. "\","u8];
}
