using Tidewire.Testing;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Upstream;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Tests.Upstream;

/// <summary>The provider's socket against a scripted provider, over loopback.</summary>
internal sealed class SocketWorld(FakeUnusualWhales provider, Action<UpstreamOptions>? configure = null) : IAsyncDisposable
{
    /// <summary>One that must be percent-encoded.</summary>
    public const string Token = "se+cr/et tök&en=%20#?";

    private readonly CancellationTokenSource _stop = new();
    private Task<UpstreamEnd>? _running;

    public SocketListener Listener { get; } = new();

    public UnusualWhalesSocket Socket { get; } = new(new UnusualWhalesOptions { SocketUrl = provider.SocketUrl, Token = Token }, Options(configure), TimeProvider.System);

    /// <summary>Runs a session to its end.</summary>
    public Task<UpstreamEnd> EndAsync() => Run().WithinBound("the session to end");

    public async Task OpenAsync()
    {
        _ = Run();
        await Listener.OpenedAsync();
    }

    public async Task JoinAsync(string form)
    {
        var frames = Listener.Frames.Count;
        await Socket.JoinAsync(form, CancellationToken.None);
        await Listener.FramesAsync(frames + 1);
    }

    public async Task<UpstreamEnd> StopAsync()
    {
        await _stop.CancelAsync();
        return await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private static UpstreamOptions Options(Action<UpstreamOptions>? configure)
    {
        var options = new UpstreamOptions { Keep = "" };
        configure?.Invoke(options);
        return options;
    }

    private Task<UpstreamEnd> Run() => _running ??= Socket.RunAsync(Listener, _stop.Token);
}
