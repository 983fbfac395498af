using System.Runtime.InteropServices;
using Tidewire.Testing.UnusualWhales;

// Prints where the socket and its control are, one line each, and serves until SIGTERM or SIGINT.
await using var provider = await FakeUnusualWhales.StartNewAsync();
await using var control = new FakeControl(provider);
var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopped.TrySetResult();
}

using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
Console.WriteLine($"socket {provider.SocketUrl}");
Console.WriteLine($"control {control.Url.GetLeftPart(UriPartial.Authority)}");
await stopped.Task;
