using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace Tidewire.Simulation.Rest;

/// <summary>
/// The REST side of the simulated provider: answers GET in process with what the simulated market holds. Any token or none
/// is taken. What it says agrees with what <see cref="SimulatedUpstream"/> sends over its socket, under REST's spelling.
/// Thread-safe.
/// </summary>
/// <remarks>
/// <para>An answer takes 20 to 80 ms of the clock it was given, and its place among those at work is taken so long. A refused
/// request (429) is answered at once. Host and scheme of a request do not matter.</para>
/// <para>Before the first session there is no market, and there are no rows. The same seed and the same requests at the same
/// times give the same bytes.</para>
/// <para>What it can look back on is bounded: see <c>MarketPast</c> and <c>TickerPast</c>. It holds up to 16 MB
/// for the universe, and another 0.1 MB for a ticker outside of it whose options were followed all day.</para>
/// <para>Disposing does nothing, so that clients around it may come and go.</para>
/// </remarks>
public sealed class SimulatedRest : HttpMessageHandler
{
    private const int LeastMilliseconds = 20;
    private const int MostMilliseconds = 80;

    private readonly SimulatedUpstream _upstream;
    private readonly TimeProvider _time;
    private readonly RestLimits _limits;
    private readonly Lock _gate = new();
    private readonly SeededRandom _latency = new(0);

    /// <summary>Creates it.</summary>
    /// <param name="upstream">Whose market it tells of.</param>
    /// <param name="time">The clock of its limits and of how long it takes.</param>
    /// <param name="options">Its limits.</param>
    public SimulatedRest(SimulatedUpstream upstream, TimeProvider time, IOptions<SimulatedRestOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_upstream, _time) = (upstream, time);
        _limits = new(options.Value, time);
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        var admission = _limits.Arrive();
        if (admission.Refusal is { } refusal)
        {
            return Answer(request, admission, new(HttpStatusCode.TooManyRequests, RestText.Message(refusal)));
        }

        try
        {
            await Task.Delay(Latency(), _time, cancellationToken).ConfigureAwait(false);
            return Answer(request, admission, RestDirectory.Answer(request, _upstream.Market));
        }
        finally
        {
            _limits.Leave();
        }
    }

    private static HttpResponseMessage Answer(HttpRequestMessage request, in RestAdmission admission, RestAnswer answer)
    {
        var response = new HttpResponseMessage(answer.Status)
        {
            RequestMessage = request,
            Version = HttpVersion.Version11,
            Content = new ByteArrayContent(answer.Body),
        };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        admission.WriteTo(response.Headers);
        return response;
    }

    private TimeSpan Latency()
    {
        lock (_gate)
        {
            return TimeSpan.FromMilliseconds(_latency.Whole(LeastMilliseconds, MostMilliseconds));
        }
    }
}
