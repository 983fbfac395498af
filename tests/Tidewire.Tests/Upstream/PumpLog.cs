using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Tidewire.Testing;
using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

/// <summary>Notes what the pump logs, and can hold up whoever logs: the decoding thread says each skipped frame.</summary>
internal sealed class PumpLog : ILogger<UpstreamPump>
{
    private readonly Pulse _changed = new();
    private volatile TaskCompletionSource? _held;
    private ImmutableList<(string Event, LogLevel Level, string Text)> _lines = [];

    public IReadOnlyList<(string Event, LogLevel Level, string Text)> Lines => _lines;

    public void Hold() => _held = new();

    public void Release() => _held?.SetResult();

    public Task UntilAsync(string name, int count) => _changed.UntilAsync(() => Count(name) >= count, () => $"{count} {name} in the log; there are {Count(name)}");

    public int Count(string name) => _lines.Count(line => line.Event == name);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        ImmutableInterlocked.Update(ref _lines, lines => lines.Add((eventId.Name ?? "", logLevel, formatter(state, exception))));
        _changed.Beat();
        if (_held is { } held && !held.Task.Wait(TestBound.Value))
        {
            throw new TimeoutException("The log was held and never released.");
        }
    }
}
