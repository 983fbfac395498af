using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Tidewire.Upstream;

namespace Tidewire.Server;

/// <summary>Writes one line per log message, with secrets masked whoever logged them.</summary>
internal sealed class RedactingConsole(TimeProvider time, Settings settings) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "tidewire";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var text = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (logEntry.Exception is { } exception)
        {
            text = $"{text}{Environment.NewLine}{exception}";
        }

        var level = logEntry.LogLevel switch
        {
            LogLevel.Trace => "trace",
            LogLevel.Debug => "debug",
            LogLevel.Information => "info ",
            LogLevel.Warning => "warn ",
            LogLevel.Error => "error",
            _ => "fatal",
        };
        var category = logEntry.Category[(logEntry.Category.LastIndexOf('.') + 1)..];
        var at = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        textWriter.WriteLine(Secrets.Redact($"{at} {level} {category}: {text}", settings.UnusualWhales.Token));
    }
}
