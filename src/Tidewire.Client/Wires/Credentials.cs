using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Tidewire.Client.Wires;

/// <summary>The token in use, and when the next one is due. What it holds is never printed.</summary>
internal sealed class Credentials(TidewireClientOptions options) : IDisposable
{
    /// <summary>How long before its end a token is renewed.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _one = new(1);
    private string? _token;
    private bool _isDue = true;

    /// <summary>Asks for a new one at the next use.</summary>
    public void Renew() => Volatile.Write(ref _isDue, true);

    /// <summary>The token to use now; null when none is used. A callback has as long as opening a connection has.</summary>
    /// <exception cref="TidewireException">The callback failed, or did not answer: that is its owner's to mend, and no wire's fault.</exception>
    public async ValueTask<string?> GetAsync(CancellationToken cancellation)
    {
        if (options.Token is not { } ask)
        {
            return null;
        }

        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (Volatile.Read(ref _isDue) || UntilRenewal() <= TimeSpan.Zero)
            {
                using var limit = new Deadline(options.ConnectTimeout, options.Time, cancellation);
                try
                {
                    // It may not heed the cancellation: it is not waited for then.
                    _token = await ask(limit.Token).AsTask().WaitAsync(limit.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
                {
                    throw new TidewireException(limit.HasPassed ? "The token callback did not answer in time." : "The token callback failed.", exception);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    // Its owner's code: whatever it throws, the connection is tried again later.
                    throw new TidewireException("The token callback failed.", exception);
                }

                Volatile.Write(ref _isDue, false);
            }

            return _token;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>How long until the token must be renewed; null when it tells no end.</summary>
    public TimeSpan? UntilRenewal() => ExpiryOf(_token) is { } end ? end - Ahead - options.Time.GetUtcNow() : null;

    public void Dispose() => _one.Dispose();

    /// <summary>The <c>exp</c> of a JWT; null when the text is none or has none.</summary>
    internal static DateTimeOffset? ExpiryOf(string? token)
    {
        if (token?.Split('.') is not [_, var claims, _])
        {
            return null;
        }

        try
        {
            var reader = new Utf8JsonReader(Base64Url.DecodeFromChars(claims));
            using var json = JsonDocument.ParseValue(ref reader);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("exp", out var end) && end.TryGetInt64(out var seconds)
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException or ArgumentOutOfRangeException or DecoderFallbackException or InvalidOperationException)
        {
            return null;
        }
    }
}
