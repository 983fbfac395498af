using System.Text.Json;
using Tidewire.Protocol;

namespace Tidewire.Server.Tests.NothingLost;

/// <summary>A client of one wire, over all its connections: it reads on by itself, notes what it is given, and comes back with its position.</summary>
/// <param name="name">Its name in what is reported.</param>
internal abstract class Reader(string name) : IAsyncDisposable
{
    public string Name => name;

    /// <summary>What it was given, by channel; empty for a wire without positions.</summary>
    public abstract IReadOnlyList<Journal> Journals { get; }

    /// <summary>Whether it has a connection that has not ended.</summary>
    public abstract bool IsConnected { get; }

    /// <summary>Connects, and goes on after the position of each channel.</summary>
    /// <param name="server">The server's address.</param>
    /// <param name="since">Where to go on in a channel; its own position by default.</param>
    public abstract Task ConnectAsync(Uri server, Func<Journal, StreamPosition?>? since = null);

    /// <summary>Breaks the connection without a word; on return nothing more is noted.</summary>
    public abstract Task CutAsync();

    /// <summary>Waits until its connection has ended, because the server has.</summary>
    public abstract Task EndedAsync();

    /// <summary>Stops reading: a slow reader, as the server sees it.</summary>
    public virtual void Pause()
    {
    }

    /// <summary>Reads again.</summary>
    public virtual void Resume()
    {
    }

    /// <summary>Waits until it has been shown a frame on its channel, where it reads that channel.</summary>
    public virtual Task ShownAsync(Frame frame) => Task.WhenAll(Journals.Where(journal => journal.Channel.Name == frame.Channel).Select(journal => journal.ShownAsync(frame)));

    public virtual async ValueTask DisposeAsync()
    {
        await CutAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Notes a message, envelope, gap or position as it stands on the wires that speak JSON.</summary>
    /// <param name="journal">Where.</param>
    /// <param name="item">The object.</param>
    /// <param name="epoch">The epoch where the object has none.</param>
    protected static void Read(Journal journal, JsonElement item, string? epoch)
    {
        var at = new StreamPosition(item.TryGetProperty("epoch", out var told) ? told.GetString()! : epoch!, item.GetProperty("offset").GetInt64());
        var merged = Count(item, "merged");
        var filtered = Count(item, "filtered");
        if (item.GetProperty("channel").GetString() != journal.Channel.Name)
        {
            throw new InvalidDataException($"{journal} was given {item}.");
        }

        if (item.TryGetProperty("data", out var data))
        {
            journal.Add(new Note.Shown(at, merged, filtered, data.GetRawText(), Gap: null));
        }
        else if (item.GetProperty("type").GetString() == "gap")
        {
            var gap = new SeenGap(item.GetProperty("from_time").GetDateTimeOffset(), item.GetProperty("to_time").GetDateTimeOffset(), item.GetProperty("reason").GetString()!);
            journal.Add(new Note.Shown(at, merged, filtered, Payload: null, gap));
        }
        else
        {
            journal.Add(new Note.Told(at, merged, filtered));
        }
    }

    protected static Note.Began Confirmed(JsonElement item, StreamPosition? asked) => new(
        asked,
        new StreamPosition(item.GetProperty("epoch").GetString()!, item.GetProperty("offset").GetInt64()),
        asked is null ? null : item.GetProperty("recovered").GetBoolean(),
        item.TryGetProperty("reason", out var reason) ? reason.GetString() : null);

    private static long Count(JsonElement item, string name) => item.TryGetProperty(name, out var count) ? count.GetInt64() : 0;
}
