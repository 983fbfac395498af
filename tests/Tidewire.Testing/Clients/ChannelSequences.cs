namespace Tidewire.Testing.Clients;

/// <summary>
/// One <see cref="SequenceCheck"/> per channel of one client. The channel is found by byte search, in Tidewire's objects
/// (<c>"channel":"…"</c>) and in the provider's pairs (<c>["…",</c>). Meant for few channels. Not thread-safe.
/// </summary>
public sealed class ChannelSequences(string field = "seq")
{
    private readonly List<(byte[] Channel, SequenceCheck Check)> _channels = [];

    /// <summary>The check of each channel seen, in order of first sight.</summary>
    public IEnumerable<KeyValuePair<string, SequenceCheck>> Channels =>
        _channels.Select(entry => KeyValuePair.Create(System.Text.Encoding.UTF8.GetString(entry.Channel), entry.Check));

    /// <summary>The check of this channel; an empty one when it was never seen.</summary>
    public SequenceCheck this[string channel] => CheckOf(System.Text.Encoding.UTF8.GetBytes(channel));

    /// <summary>Takes note of one message. Messages without a channel are left out.</summary>
    public void Observe(ReadOnlySpan<byte> message)
    {
        var start = 2;
        if (!message.StartsWith("[\""u8))
        {
            var at = message.IndexOf("\"channel\":\""u8);
            if (at < 0)
            {
                return;
            }

            start = at + "\"channel\":\"".Length;
        }

        var name = message[start..];
        var end = name.IndexOf((byte)'"');
        if (end >= 0)
        {
            CheckOf(name[..end]).Observe(message);
        }
    }

    private SequenceCheck CheckOf(ReadOnlySpan<byte> channel)
    {
        foreach (var (known, check) in _channels)
        {
            if (channel.SequenceEqual(known))
            {
                return check;
            }
        }

        var added = new SequenceCheck(field);
        _channels.Add((channel.ToArray(), added));
        return added;
    }
}
