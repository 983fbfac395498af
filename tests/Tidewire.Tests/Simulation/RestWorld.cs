using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Tidewire.Simulation;
using Tidewire.Simulation.Rest;
using Tidewire.Testing;
using Tidewire.Upstream;

namespace Tidewire.Tests.Simulation;

/// <summary>A simulated provider with both its sides, on a clock that the test moves.</summary>
internal sealed class RestWorld : IUpstreamListener, IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly HttpMessageInvoker _invoker;
    private Task _running = Task.CompletedTask;

    public RestWorld(SimulationOptions? options = null, SimulatedRestOptions? limits = null, bool opens = true, params string[] forms)
    {
        Upstream = new(Options.Create(options ?? new()), Time, NullLogger<SimulatedUpstream>.Instance);
        Rest = new(Upstream, Time, Options.Create(limits ?? new() { MinuteLimit = 1_000_000, DailyLimit = 1_000_000 }));
        _invoker = new(Rest, disposeHandler: false);
        if (opens)
        {
            Open();
        }

        foreach (var form in forms)
        {
            Upstream.JoinAsync(form, CancellationToken.None).AsTask().Wait();
        }

        if (forms.Length > 0)
        {
            Pass(TimeSpan.FromMilliseconds(60));
        }
    }

    public FakeTimeProvider Time { get; } = new(MarketRecorder.Start);

    public SimulatedUpstream Upstream { get; }

    public SimulatedRest Rest { get; }

    public List<RecordedFrame> Frames { get; } = [];

    public void Open() => _running = Upstream.RunAsync(this, _stop.Token);

    public IEnumerable<JsonElement> Of(string form) =>
        Frames.Where(frame => frame.Form == form && !frame.Payload.TryGetProperty("response", out _)).Select(frame => frame.Payload);

    public void Pass(TimeSpan span)
    {
        for (var passed = TimeSpan.Zero; passed < span; passed += Step)
        {
            Time.Advance(Step);
        }
    }

    /// <summary>
    /// Lets time pass until a task is done whose continuations run on the pool: a little at a time, so that what waits for
    /// a real thread does not see hours go by.
    /// </summary>
    public async Task<T> PassUntilAsync<T>(Task<T> task)
    {
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        var began = TimeProvider.System.GetTimestamp();
        while (!task.IsCompleted && TimeProvider.System.GetElapsedTime(began) < TestBound.Value)
        {
            Time.Advance(TimeSpan.FromMilliseconds(5));
            await beat.WaitForNextTickAsync();
        }

        return await task.WithinBound("the answers");
    }

    public Task<HttpResponseMessage> SendAsync(string path, HttpMethod? method = null) =>
        _invoker.SendAsync(new HttpRequestMessage(method ?? HttpMethod.Get, "https://simulated.invalid" + path), CancellationToken.None);

    /// <summary>Asks, lets time pass until the answer is there, and returns it with its status.</summary>
    public async Task<(int Status, string Body)> AskAsync(string path)
    {
        // Half a millisecond beside the market's beats, and in small steps: nothing happens between the answer and the return.
        var beside = Time.GetUtcNow().Ticks % TimeSpan.TicksPerMillisecond;
        Time.Advance(beside == 0 ? TimeSpan.FromMicroseconds(500) : TimeSpan.Zero);
        var answer = SendAsync(path);
        while (!answer.IsCompleted)
        {
            Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        using var response = await answer;
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>The data of an answer that must be a good one.</summary>
    public async Task<JsonElement> DataAsync(string path)
    {
        var (status, body) = await AskAsync(path);
        Assert.True(status == 200, $"{path}: {status} {body}");
        return JsonDocument.Parse(body).RootElement.GetProperty("data");
    }

    public async Task<List<JsonElement>> RowsAsync(string path) => [.. (await DataAsync(path)).EnumerateArray()];

    public static decimal Number(JsonElement row, string name)
    {
        var value = row.GetProperty(name);
        return value.ValueKind == JsonValueKind.Number ? value.GetDecimal() : decimal.Parse(value.GetString()!, NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    public void Opened()
    {
    }

    public void Frame(byte[] frame) => Frames.Add(new(Time.GetUtcNow(), frame));

    public void Skipped(FrameFault fault) => Assert.Fail($"the simulated upstream sends no {fault}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _invoker.Dispose();
        _stop.Dispose();
    }
}
