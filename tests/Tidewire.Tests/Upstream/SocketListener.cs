using System.Collections.Immutable;
using System.Text;
using Tidewire.Testing;
using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

/// <summary>Notes what an upstream tells.</summary>
internal sealed class SocketListener : IUpstreamListener
{
    private readonly Pulse _changed = new();
    private ImmutableList<string> _frames = [];
    private ImmutableList<FrameFault> _skipped = [];

    public int Opens { get; private set; }

    public IReadOnlyList<string> Frames => _frames;

    public IReadOnlyList<FrameFault> Skips => _skipped;

    public void Opened()
    {
        Opens++;
        _changed.Beat();
    }

    public void Frame(byte[] frame)
    {
        _frames = _frames.Add(Encoding.UTF8.GetString(frame));
        _changed.Beat();
    }

    public void Skipped(FrameFault fault)
    {
        _skipped = _skipped.Add(fault);
        _changed.Beat();
    }

    public Task OpenedAsync() => _changed.UntilAsync(() => Opens > 0, () => "the session to open");

    public Task FramesAsync(int count) => _changed.UntilAsync(() => _frames.Count >= count, () => $"{count} frames; there are {_frames.Count} and {_skipped.Count} skipped");
}
