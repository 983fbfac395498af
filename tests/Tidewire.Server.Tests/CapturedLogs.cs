using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Tidewire.Server.Tests;

/// <summary>One line that was logged.</summary>
/// <param name="Level">How grave.</param>
/// <param name="Category">Who logged it.</param>
/// <param name="Text">The message and its exception, as they reached the logger.</param>
/// <param name="Printed">The line as the server's own console would have printed it.</param>
public sealed record LogLine(LogLevel Level, string Category, string Text, string Printed);

/// <summary>Keeps every line that a server logs, raw and as its console formatter writes it.</summary>
internal sealed class CapturedLogs(ConsoleFormatter console) : ILoggerProvider
{
    private readonly ConcurrentQueue<LogLine> _lines = new();
    private readonly ConcurrentBag<string> _expected = [];

    public IReadOnlyCollection<LogLine> Lines => _lines;

    /// <summary>Errors that no test announced.</summary>
    public IReadOnlyList<LogLine> Unexpected =>
        [.. _lines.Where(line => line.Level >= LogLevel.Error && !_expected.Any(part => line.Text.Contains(part, StringComparison.Ordinal)))];

    public void Expect(string part) => _expected.Add(part);

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
        // The lines are read after the server's end.
    }

    private sealed class Logger(CapturedLogs logs, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            using var printed = new StringWriter(CultureInfo.InvariantCulture);
            logs.Console.Write(new LogEntry<TState>(logLevel, category, eventId, state, exception, formatter), scopeProvider: null, printed);
            logs._lines.Enqueue(new LogLine(logLevel, category, $"{formatter(state, exception)} {exception}", printed.ToString()));
        }
    }

    private ConsoleFormatter Console => console;
}
