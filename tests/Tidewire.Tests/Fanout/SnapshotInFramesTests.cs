namespace Tidewire.Tests.Fanout;

/// <summary>Periscope sends a snapshot in several frames of one ticker and one time, whose rows no key tells apart; a reader that lags must not be shown half of one.</summary>
public sealed class SnapshotInFramesTests : IDisposable
{
    private readonly FanoutWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_reader_that_lags_is_given_every_frame_of_the_newest_snapshot()
    {
        var client = _world.Connect();
        client.Subscribe("periscope");
        client.Transport.Hold();
        _world.Publish("periscope", """{"ticker":"SPX","timestamp":0,"total_rows":1,"has_more":false,"rows":[]}""");
        await client.Transport.UntilAsync(transport => transport.IsSending, "the first send");
        for (var frame = 0; frame < 2_000; frame++)
        {
            _world.Publish("periscope", $$"""{"ticker":"SPX","timestamp":{{(frame / 5) + 1}},"total_rows":5,"has_more":{{(frame % 5 < 4 ? "true" : "false")}},"rows":[{"strike":"{{frame % 5}}"}]}""");
        }

        client.Transport.Release();
        await client.ShownAsync("periscope", 2_001);
        Assert.Equal(5, client.Transport.Entries("periscope").Count(entry => entry.Text.Contains("\"timestamp\":400,", StringComparison.Ordinal)));
    }
}
