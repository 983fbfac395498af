using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Tidewire.Testing;

namespace Tidewire.Server.Tests.NothingLost;

/// <summary>A server that a script can end and start again over the same data.</summary>
internal interface IServerHost : IAsyncDisposable
{
    /// <summary>Where it listens; another place after each start.</summary>
    Uri Url { get; }

    /// <summary>The clock it goes by.</summary>
    TimeProvider Time { get; }

    Task StartAsync();

    /// <summary>Ends it: in order, or, where it can be, as by <c>kill -9</c>.</summary>
    Task EndAsync();
}

/// <summary>The server in this process, on a clock that goes faster; ends in order.</summary>
/// <param name="settings">All of its settings.</param>
internal sealed class ServerInProcess(IReadOnlyDictionary<string, string?> settings) : IServerHost
{
    /// <summary>Waits before another attempt take a fraction of their time. A Saturday: nothing is expected of the provider.</summary>
    public const int Pace = 40;

    private ServerUnderTest? _server;

    public Uri Url => _server!.Url;

    public TimeProvider Time { get; } = new PacedTime(new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero), Pace);

    public async Task StartAsync() => _server = await ServerUnderTest.StartAsync(settings, Time);

    public async Task EndAsync()
    {
        if (_server is { } server)
        {
            _server = null;
            await server.DisposeAsync(); // fails where it logged an error
        }
    }

    public async ValueTask DisposeAsync() => await EndAsync();
}

/// <summary>The server as a process of its own, out of the tests' build; ends by SIGKILL.</summary>
/// <param name="settings">All of its settings, as variables of the environment.</param>
internal sealed class ServerProcess(IReadOnlyDictionary<string, string?> settings) : IServerHost
{
    private const string Ready = "Tidewire ready on ";
    private readonly StringBuilder _errors = new();
    private Process? _process;
    private Uri? _url;

    public Uri Url => _url!;

    public TimeProvider Time => TimeProvider.System;

    /// <summary>What it has written to stderr, over all its lives.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    public async Task StartAsync()
    {
        // The runtime that runs this is the one to run it with, wherever it is installed.
        var dotnet = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        var start = new ProcessStartInfo(Path.GetFullPath(dotnet), [Path.Combine(AppContext.BaseDirectory, "Tidewire.Server.dll"), "serve"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("UW_", StringComparison.Ordinal) || name.StartsWith("TIDEWIRE_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        var ready = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith(Ready, StringComparison.Ordinal) == true)
            {
                ready.TrySetResult(new Uri(line.Data[Ready.Length..].Split(' ')[0]));
            }
        };
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                _errors.AppendLine(line.Data);
            }
        };
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"The server ended before it was ready: {Errors}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        _url = await ready.Task.WithinBound("the server's ready line");
    }

    public async Task EndAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill(); // SIGKILL: nothing of it runs any more
            await process.WaitForExitAsync().WithinBound("the killed server to be gone");
            process.Dispose();
        }
    }

    public async ValueTask DisposeAsync() => await EndAsync();
}
