using Tidewire.Client;

namespace Tidewire.ConformanceDriver;

/// <summary>Reads one subscription; stops taking while it is paused.</summary>
internal sealed class ChannelReader : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Action<Entry> _tell;
    private readonly Action<TidewireException> _failed;
    private readonly Task _reading;
    private volatile TaskCompletionSource? _paused;

    public ChannelReader(string channel, IAsyncEnumerable<Entry> entries, Action<Entry> tell, Action<TidewireException> failed)
    {
        Channel = channel;
        (_tell, _failed) = (tell, failed);
        _reading = ReadAsync(entries);
    }

    public string Channel { get; }

    public void Pause() => _paused ??= new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Resume() => Interlocked.Exchange(ref _paused, null)?.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Resume();
        await _reading;
        _stop.Dispose();
    }

    private async Task ReadAsync(IAsyncEnumerable<Entry> entries)
    {
        try
        {
            await foreach (var entry in entries.WithCancellation(_stop.Token))
            {
                if (_paused is { } paused)
                {
                    await paused.Task;
                }

                if (_stop.IsCancellationRequested)
                {
                    return;
                }

                _tell(entry);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Unsubscribed.
        }
        catch (TidewireException exception)
        {
            _failed(exception);
        }
    }
}
