using System.Threading.Channels;
using Tidewire.Client;

namespace Tidewire.Server.Verbs;

/// <summary>One run of <c>tidewire tail</c>: reads channels with the client and writes what comes, in one order.</summary>
internal sealed class Tail(TailRequest request, TextWriter output, TextWriter errors, TimeProvider time)
{
    /// <summary>A server that shows nothing for so long at the start counts as not there.</summary>
    private static readonly TimeSpan Reach = TimeSpan.FromSeconds(10);

    private readonly Channel<Entry> _entries = Channel.CreateBounded<Entry>(1000);
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TailSpeed _speed = new(time);
    private long _shown;

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var limit = new CancellationTokenSource(request.For ?? Timeout.InfiniteTimeSpan, time);
        using var ended = limit.Token.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), stop);
        try
        {
            await using var client = new TidewireClient(request.Url, new TidewireClientOptions
            {
                Token = request.TokenFile is { } file ? token => ServerOptions.ReadTokenAsync(file, token) : null,
                Time = time,
            });
            client.StateChanged += Changed;
            var readers = request.Channels.Select(channel => ReadAsync(client, channel, stop.Token)).ToArray();
            try
            {
                return await ShowAsync(client, readers, stop.Token);
            }
            finally
            {
                await stop.CancelAsync();
                await Task.WhenAll(readers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (OperationCanceledException)
        {
            return limit.IsCancellationRequested ? ExitCode.Ended : ExitCode.Interrupted;
        }
        catch (TidewireException exception) when (exception.Code == "unreachable")
        {
            await errors.WriteLineAsync($"tidewire tail: {exception.Message}");
            return ExitCode.Unreachable;
        }
        catch (TidewireException exception)
        {
            await errors.WriteLineAsync($"tidewire tail: {exception.Message}");
            return ExitCode.Refused;
        }
        catch (TimeoutException)
        {
            await errors.WriteLineAsync($"tidewire tail: nothing came from {request.Url} within {Reach.TotalSeconds:0} s. Is the server running, and is the address right? 'tidewire doctor' looks closer.");
            return ExitCode.Unreachable;
        }
        catch (IOException)
        {
            return ExitCode.Ended; // whoever read the output has gone, as `head` does
        }
        finally
        {
            await output.FlushAsync(CancellationToken.None);
        }
    }

    private void Changed(ClientState state)
    {
        if (state.Phase == ClientPhase.Connected)
        {
            _reached.TrySetResult();
        }
    }

    private async Task ReadAsync(TidewireClient client, string channel, CancellationToken cancellation)
    {
        var since = request.Since;
        if (request.Back is { } back)
        {
            since = await client.FindPositionAsync(channel, time.GetUtcNow() - back, cancellation);
            // Nothing yet: from the beginning is from now on.
        }

        var options = new SubscriptionOptions { Since = since, Filter = request.Filter, History = since is null ? request.History : 0 };
        await foreach (var entry in client.SubscribeEntries(channel, options, cancellation))
        {
            await _entries.Writer.WriteAsync(entry, cancellation);
        }
    }

    private async Task<int> ShowAsync(TidewireClient client, Task[] readers, CancellationToken cancellation)
    {
        await Task.WhenAny([_reached.Task, .. readers]).WaitAsync(Reach, time, cancellation);
        var table = request.AsJson ? null : new TailTable(output, request.HasColour, request.Channels.Count > 1);
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        var tick = second.WaitForNextTickAsync(cancellation).AsTask();
        while (true)
        {
            while (_entries.Reader.TryRead(out var entry))
            {
                Show(entry, table);
                if (_shown == request.Count)
                {
                    return ExitCode.Ended;
                }
            }

            await output.FlushAsync(cancellation);
            if (Array.Find(readers, static reader => reader.IsFaulted) is { } failed)
            {
                await failed;
            }

            await Task.WhenAny([_entries.Reader.WaitToReadAsync(cancellation).AsTask(), tick, .. readers.Where(static reader => !reader.IsCompleted)]);
            cancellation.ThrowIfCancellationRequested();
            if (tick.IsCompleted)
            {
                tick = second.WaitForNextTickAsync(cancellation).AsTask();
                if (request.ShowsSpeed)
                {
                    _speed.Write(output, client.GetStatistics(), request.AsJson);
                }
            }
        }
    }

    private void Show(Entry entry, TailTable? table)
    {
        if (entry is Publication publication)
        {
            _shown++;
            _speed.Count(publication);
        }

        if (request.ShowsSpeed)
        {
            return;
        }

        if (table is null)
        {
            TailJson.Write(output, entry);
        }
        else
        {
            table.Write(entry);
        }
    }
}
