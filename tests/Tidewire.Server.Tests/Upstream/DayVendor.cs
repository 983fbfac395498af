using System.Net;
using System.Text;
using Tidewire.Testing.UnusualWhales;

namespace Tidewire.Server.Tests.Upstream;

/// <summary>
/// The provider's REST side of a simulated day: counts by its own rules, answers every path with rows, late, lying, refusing,
/// failing, or not at all.
/// </summary>
internal sealed class DayVendor(HostileDay day, VendorLimits limits) : HttpMessageHandler
{
    private readonly Dictionary<string, List<string>> _rows = new(StringComparer.Ordinal);

    /// <summary>Answers by kind.</summary>
    public SortedDictionary<string, int> Answers { get; } = new(StringComparer.Ordinal);

    /// <summary>Rows that were told twice: two equal ones are two.</summary>
    public HashSet<string> Twins { get; } = new(StringComparer.Ordinal);

    /// <summary>Requests by path.</summary>
    public Dictionary<string, int> Asked { get; } = new(StringComparer.Ordinal);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (day.IsKilled)
        {
            return new TaskCompletionSource<HttpResponseMessage>().Task.WaitAsync(cancellationToken); // a dead process sends nothing
        }

        var answer = new TaskCompletionSource<HttpResponseMessage>();
        var given = cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        var path = request.RequestUri!.AbsolutePath;
        day.After(day.Chance(0.01) ? day.Seconds(1, 3) : day.Seconds(0.005, 0.4), () =>
        {
            var count = limits.Arrive();
            Asked[path] = Asked.GetValueOrDefault(path) + 1;
            day.Arrived();
            day.After(day.Chance(0.01) ? day.Seconds(8, 11.5) : day.Seconds(0.05, 0.9), () =>
            {
                limits.Leave();
                day.After(day.Seconds(0.005, 0.2), () =>
                {
                    given.Dispose();
                    Answer(answer, path, count);
                });
            });
        });
        return answer.Task;
    }

    private void Answer(TaskCompletionSource<HttpResponseMessage> answer, string path, VendorCount count)
    {
        var script = count.Exceeded switch
        {
            "day" => RestScript.TooManyInDay,
            "minute" => RestScript.TooManyInMinute,
            "in flight" => RestScript.TooManyInFlight,
            _ => day.Fails || day.Chance(0.005) ? RestScript.Failure
                : day.Chance(0.01) ? day.Chance(0.5) ? RestScript.TooManyInFlight : RestScript.TooManyInMinute
                : day.Chance(0.005) ? RestScript.Ok("<html>maintenance</html>")
                : day.Chance(0.005) ? RestScript.Ok("""{"data":null}""")
                : RestScript.Ok(Rows(path)),
        };
        if (day.Drops || day.Chance(0.005))
        {
            Count("lost");
            answer.TrySetException(new HttpRequestException("the connection was lost"));
            return;
        }

        Count(script.Status == 429 ? $"429 {(script == RestScript.TooManyInFlight ? "in flight" : script == RestScript.TooManyInMinute ? "minute" : "day")}" : $"{script.Status}");
        var response = new HttpResponseMessage((HttpStatusCode)script.Status) { Content = new StringContent(script.Body, Encoding.UTF8, script.ContentType) };
        var headers = RestScript.TruthOf(count, limits);
        if (day.Chance(0.2))
        {
            headers = day.LieOf(headers);
        }

        foreach (var (name, value) in headers)
        {
            if (value is not null)
            {
                response.Headers.TryAddWithoutValidation(name, value);
            }
        }

        answer.TrySetResult(response);
    }

    /// <summary>One or two new rows and the few before them; a twin now and then.</summary>
    private string Rows(string path)
    {
        if (!_rows.TryGetValue(path, out var rows))
        {
            _rows[path] = rows = [];
        }

        for (var more = day.Chance(0.3) ? 2 : 1; more > 0; more--)
        {
            rows.Add(day.NewRow());
            if (day.Chance(0.03))
            {
                rows.Add(rows[^1]);
                Twins.Add(rows[^1]);
            }
        }

        rows.RemoveRange(0, Math.Max(0, rows.Count - 5));
        return path.EndsWith("/stock-state", StringComparison.Ordinal) || path.EndsWith("/movers", StringComparison.Ordinal)
            ? $$"""{"data":{{rows[^1]}}}"""
            : $$"""{"data":[{{string.Join(',', rows)}}]}""";
    }

    private void Count(string kind) => Answers[kind] = Answers.GetValueOrDefault(kind) + 1;
}
