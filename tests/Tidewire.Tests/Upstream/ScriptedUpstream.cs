using System.Collections.Immutable;
using System.Text;
using Tidewire.Fanout;
using Tidewire.Testing;
using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

/// <summary>An upstream whose sessions the test opens, feeds and ends.</summary>
internal sealed class ScriptedUpstream : IUpstream
{
    private readonly Lock _gate = new();
    private readonly Pulse _changed = new();
    private ImmutableList<string> _steps = [];
    private ImmutableHashSet<string> _joined = [];
    private IUpstreamListener? _listener;
    private TaskCompletionSource<UpstreamEnd> _end = new();

    public string Name => "scripted";

    public PublicationSource Source => PublicationSource.Socket;

    /// <summary>How session n ends before it opens; null lets it open.</summary>
    public Func<int, UpstreamEnd?> EndsAtOnce { get; set; } = static _ => null;

    /// <summary>What answers a join; by default an acknowledgement. Null answers nothing.</summary>
    public Func<string, string?> Answer { get; set; } = Ack;

    public int Runs { get; private set; }

    /// <summary>Most channels joined at one time.</summary>
    public int MostJoined { get; private set; }

    /// <summary><c>open</c>, <c>+form</c> for a join, <c>-form</c> for a leave.</summary>
    public IReadOnlyList<string> Steps => _steps;

    public IReadOnlyCollection<string> Joined => _joined;

    public static string Ack(string form) => $$"""["{{form}}",{"response":{},"status":"ok"}]""";

    public int JoinsOf(string form) => _steps.Count(step => step == $"+{form}");

    public async Task<UpstreamEnd> RunAsync(IUpstreamListener listener, CancellationToken stopping)
    {
        Runs++;
        _changed.Beat();
        if (EndsAtOnce(Runs) is { } end)
        {
            return end;
        }

        lock (_gate)
        {
            _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _joined = [];
            _listener = listener;
        }

        listener.Opened();
        Note("open");
        await using (stopping.Register(() => End(UpstreamEndKind.Stopped)))
        {
            return await _end.Task;
        }
    }

    public ValueTask JoinAsync(string form, CancellationToken cancellation)
    {
        lock (_gate)
        {
            _joined = _joined.Add(form);
            MostJoined = Math.Max(MostJoined, _joined.Count);
        }

        if (Answer(form) is { } answer)
        {
            Frame(answer);
        }

        Note($"+{form}");
        return default;
    }

    public ValueTask LeaveAsync(string form, CancellationToken cancellation)
    {
        lock (_gate)
        {
            _joined = _joined.Remove(form);
        }

        Note($"-{form}");
        return default;
    }

    public void Frame(string text)
    {
        lock (_gate)
        {
            _listener!.Frame(Encoding.UTF8.GetBytes(text));
        }
    }

    public void End(UpstreamEndKind kind, string reason = "scripted") => _end.TrySetResult(new UpstreamEnd(kind, reason));

    public Task UntilAsync(Func<ScriptedUpstream, bool> holds, string what)
        => _changed.UntilAsync(() => holds(this), () => $"{what}; there were {Runs} runs and {string.Join(" ", _steps)}");

    public Task OpenedAsync(int n = 1) => UntilAsync(upstream => upstream._steps.Count(step => step == "open") >= n, $"session {n}");

    public Task JoinedAsync(string form, int n = 1) => UntilAsync(upstream => upstream.JoinsOf(form) >= n, $"join {n} of {form}");

    public Task LeftAsync(string form) => UntilAsync(upstream => upstream._steps.Contains($"-{form}"), $"the leave of {form}");

    private void Note(string step)
    {
        ImmutableInterlocked.Update(ref _steps, steps => steps.Add(step));
        _changed.Beat();
    }
}
