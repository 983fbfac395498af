using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Tidewire.Fanout;
using Tidewire.Market;
using Tidewire.Recording;
using Tidewire.Server.Recording;

namespace Tidewire.Server.Tests.Recording;

/// <summary>A test of stores in a folder of its own. What it opened is let go of after it.</summary>
public abstract class StoreTest : IDisposable
{
    /// <summary>10:00 in New York on Friday the 20th.</summary>
    protected static readonly DateTimeOffset Friday = At("2026-11-20T15:00:00Z");

    private static readonly MarketCalendar Calendar = MarketCalendar.Load();

    private readonly List<ILogStore> _stores = [];

    protected string Folder { get; set; } = Path.Combine(Path.GetTempPath(), "tidewire-test-" + Path.GetRandomFileName());

    /// <summary>What the stores logged.</summary>
    protected ConcurrentQueue<string> Logged { get; } = new();

    public virtual void Dispose()
    {
        _stores.ForEach(static store => store.Dispose());
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }

        GC.SuppressFinalize(this);
    }

    internal SqliteLogStore Open(string? folder = null, bool simulated = false, RecordingOptions? options = null)
    {
        var store = new SqliteLogStore(folder ?? Folder, simulated, options ?? new RecordingOptions(), Calendar, new Log(Logged));
        _stores.Add(store);
        return store;
    }

    protected static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);

    protected static LoggedEntry Entry(string channel, long offset, DateTimeOffset at, int length = 100) => new(channel, Payload(offset, at, length));

    protected static Publication Payload(long offset, DateTimeOffset at, int length = 100)
    {
        var bytes = Bytes(offset, length);
        return Publication.OfStored(offset, bytes, ..bytes.Length, isFrame: false, at, PublicationSource.Rest, gap: null, replaces: 0);
    }

    protected static byte[] Bytes(long offset, int length)
        => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"n":{{offset}},"p":"{{new string((char)('a' + (offset % 26)), length)}}"}"""));

    protected static IEnumerable<LoggedEntry> Entries(string channel, long from, int count, DateTimeOffset at, int length = 100)
        => Enumerable.Range(0, count).Select(i => Entry(channel, from + i, at, length));

    protected static long[] Offsets(ILogStore store, string channel, long from = 0)
        => [.. store.Read(channel, from, long.MaxValue, int.MaxValue, int.MaxValue).Select(static entry => entry.Offset)];

    protected static long[] Range(long from, long to) => [.. Enumerable.Range((int)from, (int)(to - from + 1)).Select(static offset => (long)offset)];

    protected string[] Files(string pattern) => [.. Directory.GetFiles(Folder, pattern).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];

    /// <summary>The files as a process that was killed now would leave them.</summary>
    protected string CopyOfFolder()
    {
        var copy = Path.Combine(Folder, "copy-" + Path.GetRandomFileName());
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.GetFiles(Folder).Where(static file => !file.EndsWith("-shm", StringComparison.Ordinal) && !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }

    protected static void Figure(string name, object value) =>
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"figure: {name}: {value}"));

    private sealed class Log(ConcurrentQueue<string> lines) : ILogger<SqliteLogStore>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => lines.Enqueue(formatter(state, exception));
    }
}
