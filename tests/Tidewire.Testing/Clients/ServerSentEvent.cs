namespace Tidewire.Testing.Clients;

/// <summary>One event as it stood in the stream, also one that a browser would not show its page.</summary>
/// <param name="Id">Its <c>id</c>; null without one.</param>
/// <param name="Event">Its <c>event</c>; <c>message</c> without one.</param>
/// <param name="Data">Its lines of <c>data</c>; null without any.</param>
/// <param name="Retry">Its <c>retry</c>; null without one.</param>
/// <param name="Comments">Its lines that begin with a colon.</param>
public sealed record ServerSentEvent(string? Id, string Event, string? Data, int? Retry, IReadOnlyList<string> Comments)
{
    /// <summary>The offset in its id.</summary>
    public long Offset => long.Parse(Id![(Id!.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Reads the lines of one event, strictly: a field that this server does not send is a fault.</summary>
    public static ServerSentEvent Parse(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var read = new ServerSentEvent(null, "message", null, null, []);
        foreach (var line in lines)
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            var value = colon < 0 ? "" : line[(colon + 2)..];
            read = (colon < 0 ? line : line[..colon]) switch
            {
                "" => read with { Comments = [.. read.Comments, value] },
                "id" when read.Id is null => read with { Id = value },
                "event" when read.Event == "message" => read with { Event = value },
                "data" => read with { Data = read.Data is null ? value : $"{read.Data}\n{value}" },
                "retry" when read.Retry is null => read with { Retry = int.Parse(value, System.Globalization.CultureInfo.InvariantCulture) },
                _ => throw new InvalidDataException($"The stream of events holds the line '{line}'."),
            };
        }

        return read;
    }
}
