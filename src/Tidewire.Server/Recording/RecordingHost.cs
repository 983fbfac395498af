using System.Diagnostics.CodeAnalysis;
using Tidewire.Fanout;

namespace Tidewire.Server.Recording;

/// <summary>Looks after the store while the process serves: takes old days away, and closes it in order at the end.</summary>
internal sealed partial class RecordingHost(SqliteLogStore store, Hub hub, TimeProvider time, ILogger<RecordingHost> logger) : BackgroundService
{
    private static readonly TimeSpan PruneInterval = TimeSpan.FromHours(1);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        hub.CloseStore();
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The owner of the loop: a day that cannot be taken away now is taken away in an hour.")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // taking away many files must not hold up the start
        using var timer = new PeriodicTimer(PruneInterval, time);
        try
        {
            do
            {
                try
                {
                    store.Prune(time.GetUtcNow());
                }
                catch (Exception exception)
                {
                    Log.PruneFailed(logger, exception);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(230, LogLevel.Error, "Old days of the recording could not be taken away; it is tried again in an hour.", EventName = "PruneFailed")]
        public static partial void PruneFailed(ILogger logger, Exception exception);
    }
}
