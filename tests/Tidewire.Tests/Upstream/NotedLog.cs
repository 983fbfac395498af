using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Tidewire.Tests.Upstream;

/// <summary>Notes what is logged.</summary>
internal sealed class NotedLog<T> : ILogger<T>
{
    private ImmutableList<(string Event, LogLevel Level, string Text)> _lines = [];

    public IReadOnlyList<(string Event, LogLevel Level, string Text)> Lines => _lines;

    public int Count(string name) => _lines.Count(line => line.Event == name);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => ImmutableInterlocked.Update(ref _lines, lines => lines.Add((eventId.Name ?? "", logLevel, $"{formatter(state, exception)} {exception}")));
}
