using System.Text;
using System.Text.Json;
using Tidewire.Simulation;

namespace Tidewire.Tests.Simulation;

/// <summary>Opens a market, joins forms, advances it, and keeps the frames with the market time at which each came.</summary>
internal sealed class MarketRecorder
{
    public static readonly DateTimeOffset Start = new(2026, 11, 18, 15, 30, 0, TimeSpan.Zero);

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    private readonly SimulatedFrames _frames;

    public MarketRecorder(SimulationOptions? options = null, params string[] forms)
    {
        Market = SimulatedMarket.Open(options ?? new(), Start);
        _frames = new(frame => Frames.Add(new(Market.Now, frame)));
        foreach (var form in forms)
        {
            Join(form);
        }
    }

    public SimulatedMarket Market { get; }

    public List<RecordedFrame> Frames { get; } = [];

    public void Join(string text)
    {
        var form = SimulatedForm.Parse(text);
        if (_frames.Join(form))
        {
            Market.Watch(form);
        }
    }

    public void Leave(string text)
    {
        var form = SimulatedForm.Parse(text);
        if (_frames.Leave(form))
        {
            Market.Unwatch(form);
        }
    }

    public MarketRecorder Advance(TimeSpan span, TimeSpan? step = null)
    {
        var end = Market.Now + span;
        while (Market.Now < end)
        {
            var next = Market.Now + (step ?? Step);
            Market.Advance(next < end ? next : end, _frames);
        }

        return this;
    }

    public IEnumerable<RecordedFrame> Of(string form) => Frames.Where(frame => frame.Form == form);

    public string AllText() => string.Join('\n', Frames.Select(frame => Encoding.UTF8.GetString(frame.Bytes)));
}

/// <summary>A frame and when it came, in market time.</summary>
internal sealed class RecordedFrame(DateTimeOffset at, byte[] bytes)
{
    private readonly Lazy<JsonElement> _json = new(() => JsonDocument.Parse(bytes).RootElement);

    public DateTimeOffset At => at;

    public byte[] Bytes => bytes;

    public JsonElement Json => _json.Value;

    public string Form => Json[0].GetString()!;

    public JsonElement Payload => Json[1];
}
