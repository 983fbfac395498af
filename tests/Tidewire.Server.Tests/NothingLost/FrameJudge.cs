namespace Tidewire.Server.Tests.NothingLost;

/// <summary>
/// Compares what a reader of the provider's own wire was given with what readers with positions were: the exact frames,
/// in the order of the log, and while it was connected all of those of an event channel.
/// </summary>
/// <param name="model">What the provider said.</param>
/// <param name="judge">Has put the logs together.</param>
internal sealed class FrameJudge(ProviderModel model, Judge judge)
{
    private readonly Dictionary<string, List<(SeenLog Log, int Place)>> _places = PlacesOf(judge.Logs);

    public void Check(ProviderWireReader reader)
    {
        foreach (var connection in reader.Connections)
        {
            foreach (var channel in ScriptedChannel.All)
            {
                Check(reader.Name, channel, connection);
            }
        }
    }

    private void Check(string reader, ScriptedChannel channel, IReadOnlyList<string> frames)
    {
        var head = $"[\"{channel.Name}\",";
        List<(SeenLog Log, int Place)>? at = null; // a frame that was said twice may be either
        var number = 0L;
        foreach (var frame in frames.Where(frame => frame.StartsWith(head, StringComparison.Ordinal)))
        {
            if (!frame.EndsWith(']') || model.Find(channel.Name, frame[head.Length..^1]) is not { } said)
            {
                judge.Break("frames", $"{reader} was given {frame}, which is not what the provider sent");
                return;
            }

            if (channel.IsState)
            {
                if (said.Number <= number) // it may have been merged for everyone else
                {
                    judge.Break("frames", $"{reader} was given {said} after frame {number}");
                    return;
                }

                number = said.Number;
                continue;
            }

            var places = _places.GetValueOrDefault(said.Payload, []);
            var next = at is null ? places : [.. places.Where(place => at.Exists(last => last.Log == place.Log && place.Place == last.Place + 1))];
            if (next.Count == 0)
            {
                judge.Break("frames", $"{reader} was given {said} {(places.Count == 0 ? "and no reader with positions was" : "not right after the frame before it in the log")}");
                return;
            }

            at = next;
        }
    }

    private static Dictionary<string, List<(SeenLog Log, int Place)>> PlacesOf(IEnumerable<SeenLog> logs)
    {
        var places = new Dictionary<string, List<(SeenLog Log, int Place)>>(StringComparer.Ordinal);
        foreach (var log in logs)
        {
            var place = 0;
            foreach (var entry in log.Entries.Where(entry => entry.Payload is not null))
            {
                if (!places.TryGetValue(entry.Payload!, out var known))
                {
                    places[entry.Payload!] = known = [];
                }

                known.Add((log, place++));
            }
        }

        return places;
    }
}
