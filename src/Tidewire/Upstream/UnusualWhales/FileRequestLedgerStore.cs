using System.Text.Json;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>
/// The ledger as one JSON file, replaced by rename. A file beside it (<c>.lock</c>) is held open while this store lives, so
/// that an old and a new process never spend from the same ledger; the system lets go of it when a process is killed.
/// </summary>
/// <param name="path">The file. Its folder is made when it is missing.</param>
/// <param name="flushToDisk">Whether each write waits for the disk: needed only to survive a power cut, not a kill.</param>
public sealed class FileRequestLedgerStore(string path, bool flushToDisk = false) : IRequestLedgerStore, IDisposable
{
    private const string Format = "tidewire-request-ledger/1";
    private const int LargestFile = 64 << 10;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private FileStream? _lock;
    private bool _foreign;

    /// <inheritdoc/>
    public ValueTask<LedgerReading> ReadAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read());
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(RequestLedger ledger, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_lock is null)
        {
            throw new IOException($"{path} is not held: it was never read, or let go of.");
        }

        if (_foreign)
        {
            File.Move(path, $"{path}.refused", overwrite: true);
            _foreign = false;
        }

        var next = $"{path}.next";
        using (var stream = new FileStream(next, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            JsonSerializer.Serialize(stream, new Document(Format, ledger), Json);
            stream.Flush(flushToDisk);
        }

        File.Move(next, path, overwrite: true);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lock?.Dispose();
        _lock = null;
    }

    private LedgerReading Read()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            _lock ??= new FileStream($"{path}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new(LedgerReadingKind.Busy, Problem: $"The request ledger {path} is in use by another process, or its folder cannot be written: {exception.Message} No REST request is made until it can be.");
        }

        try
        {
            if (!File.Exists(path))
            {
                return new(LedgerReadingKind.None);
            }

            if (new FileInfo(path).Length > LargestFile)
            {
                return Refused("it is far too large");
            }

            var document = JsonSerializer.Deserialize<Document>(File.ReadAllBytes(path), Json);
            return document is not { Format: Format } ? Refused("it is of another kind or version")
                : document.Ledger is { IsPossible: true } ledger ? new(LedgerReadingKind.Found, ledger)
                : Refused("its numbers are impossible");
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            return Refused("it is torn or was written by something else");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new(LedgerReadingKind.Busy, Problem: $"The request ledger {path} cannot be read: {exception.Message} No REST request is made until it can be.");
        }
    }

    private LedgerReading Refused(string why)
    {
        _foreign = true;
        return new(LedgerReadingKind.Unreadable, Problem: $"{path} is no request ledger: {why}. What was spent today is unknown, so that no REST request is made before 20:00 New York. To go on earlier, stop, make sure that no more than a few requests were made today, and remove the file.");
    }

    private sealed record Document(string Format, RequestLedger? Ledger);
}
