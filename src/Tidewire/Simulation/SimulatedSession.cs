using System.Collections.Concurrent;

namespace Tidewire.Simulation;

/// <summary>
/// One session with the simulated provider: what was joined in it, and the joins it has yet to answer. Requests come from
/// any thread; everything else happens on the thread that calls <see cref="Beat"/>.
/// </summary>
internal sealed class SimulatedSession(SimulatedMarket market, TimeProvider time, Action<byte[]> publish)
{
    /// <summary>How far the market is advanced between two looks at the clock.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    // Answers go out with the first beat after they are due, at most a beat late: 24 to 50 ms after the join.
    private const int LeastAnswerMilliseconds = 24;
    private const int MostAnswerMilliseconds = 30;

    private static readonly TimeSpan LongestBeat = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestLag = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan UnseenAfterPause = TimeSpan.FromSeconds(20);

    // Drained at every beat; it holds what the pump asked for in the last 20 ms.
    private readonly ConcurrentQueue<Request> _requests = new();
    private readonly List<(SimulatedForm Form, DateTimeOffset Due)> _unanswered = [];
    private readonly SimulatedFrames _frames = new(publish);
    private readonly SeededRandom _random = new(0);

    /// <summary>Market time left out because there was no time to simulate it.</summary>
    public TimeSpan LeftOut { get; private set; }

    public void Join(string form) => _requests.Enqueue(new(SimulatedForm.Parse(form), Join: true, time.GetUtcNow()));

    public void Leave(string form) => _requests.Enqueue(new(SimulatedForm.Parse(form), Join: false, time.GetUtcNow()));

    /// <summary>Advances the market to now, and answers the joins that are due.</summary>
    public void Beat(CancellationToken stopping)
    {
        var now = time.GetUtcNow();
        CatchUp(now, stopping);
        while (_requests.TryDequeue(out var request))
        {
            Take(request);
        }

        foreach (var (form, _) in _unanswered.Where(join => join.Due <= now))
        {
            _frames.Acknowledge(form);
            if (_frames.Join(form))
            {
                market.Watch(form);
            }
        }

        _unanswered.RemoveAll(join => join.Due <= now);
    }

    /// <summary>Forgets all joins, as the provider does when a session ends.</summary>
    public void End()
    {
        foreach (var form in _frames.Joined)
        {
            market.Unwatch(form);
        }
    }

    private void Take(Request request)
    {
        if (request.Join)
        {
            if (request.Form.Acknowledged)
            {
                var answer = _random.Whole(LeastAnswerMilliseconds, MostAnswerMilliseconds);
                _unanswered.Add((request.Form, request.At + TimeSpan.FromMilliseconds(answer)));
            }

            return;
        }

        _unanswered.RemoveAll(join => join.Form.Text == request.Form.Text);
        if (_frames.Leave(request.Form))
        {
            market.Unwatch(request.Form);
        }
    }

    private void CatchUp(DateTimeOffset now, CancellationToken stopping)
    {
        var lag = now - market.Now;
        if (lag > LongestPause)
        {
            // The machine slept, or the last session is long over: go on as if the market had been followed all along.
            market.SkipTo(now - UnseenAfterPause);
            market.AdvanceUnseen(now);
        }
        else if (lag > LongestLag)
        {
            LeftOut += lag;
            market.SkipTo(now);
        }

        // A rate beyond the machine must not keep joins and the end of the session waiting.
        var began = time.GetTimestamp();
        while (market.Now < now && !stopping.IsCancellationRequested && time.GetElapsedTime(began) < LongestBeat)
        {
            var next = market.Now + Step;
            market.Advance(next < now ? next : now, _frames);
        }
    }

    private readonly record struct Request(SimulatedForm Form, bool Join, DateTimeOffset At);
}
