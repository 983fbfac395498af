using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Tidewire.Protocol;

namespace Tidewire.Fanout;

/// <summary>
/// All feeds by canonical name and alias. The data is <c>feeds.json</c> of this assembly; a file of the same shape adds
/// feeds or replaces them by name, so that a new feed of the provider needs no release.
/// </summary>
public sealed class FeedCatalogue
{
    private readonly FrozenDictionary<string, Feed> _byName;

    private FeedCatalogue(IReadOnlyList<Feed> feeds)
    {
        Feeds = feeds;
        var byName = new Dictionary<string, Feed>(StringComparer.Ordinal);
        foreach (var feed in feeds)
        {
            foreach (var name in feed.Aliases.Append(feed.Route).Append(feed.Name))
            {
                byName[name] = feed;
            }
        }

        // A canonical name always wins over an alias or route of another feed.
        foreach (var feed in feeds)
        {
            byName[feed.Name] = feed;
        }

        _byName = byName.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Every feed, in the order of the data file.</summary>
    public IReadOnlyList<Feed> Feeds { get; }

    /// <summary>Reads the catalogue.</summary>
    /// <param name="additionalFile">A file with further feeds; null for none.</param>
    /// <exception cref="InvalidDataException">A file cannot be read; the message names the file, the feed and the field.</exception>
    public static FeedCatalogue Load(string? additionalFile = null)
    {
        using var own = typeof(FeedCatalogue).Assembly.GetManifestResourceStream("Tidewire.Fanout.feeds.json")
            ?? throw new InvalidDataException("The feed catalogue is not in the assembly.");
        var feeds = Read(own, "feeds.json");
        if (additionalFile is not null)
        {
            try
            {
                using var stream = File.OpenRead(additionalFile);
                var added = Read(stream, additionalFile);
                feeds = [.. feeds.Where(feed => added.TrueForAll(other => other.Name != feed.Name)), .. added];
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new InvalidDataException($"The feed catalogue '{additionalFile}' cannot be read: {exception.Message}", exception);
            }
        }

        return new FeedCatalogue(feeds);
    }

    /// <summary>Finds a feed by canonical name, route or alias.</summary>
    /// <param name="name">The name, lower case.</param>
    /// <param name="feed">The feed when the answer is true.</param>
    public bool TryGet(string name, [NotNullWhen(true)] out Feed? feed) => _byName.TryGetValue(name, out feed);

    /// <summary>
    /// Resolves what a client asked for to a canonical channel: aliases become the feed's own name, and the ticker is
    /// present exactly where the feed takes one.
    /// </summary>
    /// <param name="channel">A channel or feed as written: <c>gex</c>, <c>gex:SPY</c>, <c>dark-pool</c>.</param>
    /// <param name="ticker">A ticker given apart from the name; null or empty when none was.</param>
    /// <param name="feed">The feed when the answer is null.</param>
    /// <param name="name">The canonical channel when the answer is null.</param>
    /// <returns>Null, or what was wrong and what is allowed.</returns>
    public ProtocolError? Resolve(string channel, string? ticker, out Feed? feed, out ChannelName name)
    {
        feed = null;
        name = default;
        if (!ChannelName.TryParse(channel, out var asked) || asked.Session is not null || !TryGet(asked.Feed, out feed))
        {
            if (ChannelName.TryParse(channel.Split(':', 2)[0], out var bare) && bare.Session is null && TryGet(bare.Feed, out feed))
            {
                return BadTicker(feed, channel[(channel.IndexOf(':') + 1)..]);
            }

            return new ProtocolError(ErrorCode.UnknownChannel,
                $"Unknown channel: '{Cut(channel)}'. Allowed: {string.Join(", ", Feeds.Select(static known => known.Name))}.", "channel");
        }

        var symbol = asked.Symbol;
        if (!string.IsNullOrEmpty(ticker))
        {
            if (!ChannelName.TryParseSymbol(ticker, out var given))
            {
                return BadTicker(feed, ticker);
            }

            if (symbol is not null && symbol != given)
            {
                return new ProtocolError(ErrorCode.BadTicker, $"The channel names '{symbol}' and the ticker '{given}': give one of them.", "ticker");
            }

            symbol = given;
        }

        switch (feed.Ticker)
        {
            case TickerUse.Required when symbol is null:
                return new ProtocolError(ErrorCode.BadTicker, $"The channel '{feed.Name}' needs a ticker, such as \"SPY\".", "ticker");
            case TickerUse.None when symbol is not null:
                return new ProtocolError(ErrorCode.BadTicker, $"The channel '{feed.Name}' is market-wide and takes no ticker.", "ticker");
            default:
                name = ChannelName.Of(feed.Name, symbol);
                return null;
        }
    }

    private static ProtocolError BadTicker(Feed feed, string ticker) => new(ErrorCode.BadTicker, feed.Ticker == TickerUse.None
        ? $"The channel '{feed.Name}' is market-wide and takes no ticker."
        : $"Bad ticker: '{Cut(ticker)}'. Allowed: 1 to 24 letters, digits and . - / _ ^, such as SPY or BRK.B.", "ticker");

    private static string Cut(string text) => text.Length > 64 ? text[..64] + "…" : text;

    private static List<Feed> Read(Stream stream, string file)
    {
        try
        {
            using var document = JsonDocument.Parse(stream);
            return [.. document.RootElement.GetProperty("feeds").EnumerateArray().Select(element => ReadFeed(element, file))];
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"The feed catalogue '{file}' must be {{\"feeds\":[…]}}: {exception.Message}", exception);
        }
    }

    private static Feed ReadFeed(JsonElement element, string file)
    {
        var name = "";
        InvalidDataException Bad(string field, string allowed) => new($"{file}: feed '{name}': '{field}' must be {allowed}.");
        string? Text(string field) => !element.TryGetProperty(field, out var value) ? null
            : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Bad(field, "a string");
        IReadOnlyList<string> List(string field) => !element.TryGetProperty(field, out var value) ? []
            : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.String)
                ? [.. value.EnumerateArray().Select(static item => item.GetString()!)] : throw Bad(field, "a list of strings");
        name = Text("name") ?? "";
        T One<T>(string field, params (string Text, T Value)[] allowed)
        {
            var text = Text(field);
            foreach (var (known, value) in allowed)
            {
                if (known == text)
                {
                    return value;
                }
            }

            throw new InvalidDataException($"{file}: feed '{name}': '{field}' is '{text}'; allowed: {string.Join(", ", allowed.Select(static pair => pair.Text))}.");
        }

        if (!ChannelName.TryParse(name, out var parsed) || parsed.ToString() != name || parsed.Symbol is not null || parsed.Session is not null)
        {
            throw new InvalidDataException($"{file}: '{name}' is no feed name; allowed: lower-case letters, digits, - and _.");
        }

        return new Feed
        {
            Name = name,
            Title = Text("title") ?? name,
            Description = Text("description") ?? string.Empty,
            Class = One("class", ("event", FeedClass.Event), ("state", FeedClass.State)),
            Ticker = One("ticker", ("none", TickerUse.None), ("optional", TickerUse.Optional), ("required", TickerUse.Required)),
            Status = One("status", ("verified", FeedStatus.Verified), ("experimental", FeedStatus.Experimental)),
            Origin = One("upstream", ("join", FeedOrigin.Join), ("rest", FeedOrigin.Rest), ("derived", FeedOrigin.Derived)),
            IdField = Text("id"),
            Key = List("key"),
            TimeField = Text("time"),
            Aliases = List("aliases"),
            Route = Text("route") ?? name,
            Poll = ReadPoll(element, field => Bad(field, "as in {\"path\":\"/api/news/headlines\",\"every\":30,\"rows\":\"events\"}")),
            SilentAfter = Seconds(element, "silent_after", () => Bad("silent_after", "a number of seconds from 0.1 to 86400")),
            DerivedFrom = Text("derived_from"),
            MessageType = Text("message_type"),
            OwnerOnly = element.TryGetProperty("owner_only", out var owner) && owner.GetBoolean(),
        };
    }

    private static TimeSpan? Seconds(JsonElement element, string field, Func<InvalidDataException> bad) => !element.TryGetProperty(field, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0.1 and <= 86_400 ? TimeSpan.FromSeconds(seconds) : throw bad();

    private static FeedPoll? ReadPoll(JsonElement feed, Func<string, InvalidDataException> bad)
    {
        if (!feed.TryGetProperty("rest", out var poll))
        {
            return null;
        }

        if (poll.ValueKind != JsonValueKind.Object)
        {
            throw bad("rest");
        }

        string? Text(string field) => !poll.TryGetProperty(field, out var value) ? null
            : value.ValueKind == JsonValueKind.String ? value.GetString() : throw bad($"rest.{field}");
        IReadOnlyList<string> List(string field) => !poll.TryGetProperty(field, out var value) ? []
            : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.String)
                ? [.. value.EnumerateArray().Select(static item => item.GetString()!)] : throw bad($"rest.{field}");
        return new FeedPoll
        {
            Path = Text("path") is { } path && path.StartsWith('/') && !path.StartsWith("//", StringComparison.Ordinal) ? path : throw bad("rest.path"),
            Every = Seconds(poll, "every", () => bad("rest.every")) ?? throw bad("rest.every"),
            Rows = Text("rows") switch
            {
                "events" or null => PollRows.Events,
                "state" => PollRows.State,
                "newest" => PollRows.Newest,
                "whole" => PollRows.Whole,
                "minutes" => PollRows.Minutes,
                "totals" => PollRows.Totals,
                _ => throw bad("rest.rows"),
            },
            Key = List("key"),
            Match = List("match"),
            TimeField = Text("time"),
            Older = Text("older"),
        };
    }
}
