using System.ComponentModel.DataAnnotations;
using Tidewire.Fanout;

namespace Tidewire.Tests.Fanout;

/// <summary>What comes within a window goes out in one write at its end; what was asked for does not wait.</summary>
public sealed class GatherWindowTests : IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(20);

    private readonly FanoutWorld _world = new(static options => options.Batch = Window);

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task What_comes_within_a_window_is_one_write_at_its_end()
    {
        var client = _world.Connect();
        client.Subscribe(FanoutWorld.Event);
        client.Subscribe("news");
        var before = client.Transport.Sends.Count;

        _world.PublishMany(FanoutWorld.Event, 3);
        _world.Time.Advance(Window - TimeSpan.FromMilliseconds(1));
        _world.Publish("news");
        Assert.Equal(before, client.Transport.Sends.Count); // only the clock lets anything out

        _world.Time.Advance(TimeSpan.FromMilliseconds(1));
        await client.ShownAsync("news", 1);
        Assert.Equal(before + 1, client.Transport.Sends.Count);
        Assert.Equal([1, 2, 3], client.Transport.Offsets(FanoutWorld.Event));
    }

    [Fact]
    public async Task After_a_window_the_next_begins_with_the_next_news()
    {
        var client = _world.Connect();
        client.Subscribe(FanoutWorld.Event);
        _world.Publish(FanoutWorld.Event);
        _world.Time.Advance(Window);
        await client.ShownAsync(FanoutWorld.Event, 1);

        _world.Time.Advance(10 * Window);
        _world.Publish(FanoutWorld.Event);
        Assert.Equal([1], client.Transport.Offsets(FanoutWorld.Event));
        _world.Time.Advance(Window);
        await client.ShownAsync(FanoutWorld.Event, 2);
    }

    [Fact]
    public async Task Answers_and_history_do_not_wait()
    {
        _world.PublishMany(FanoutWorld.Event, 5);
        var client = _world.Connect();
        client.Subscribe(FanoutWorld.Event, history: 5);
        client.Reply("pong");

        await client.Transport.UntilAsync(static transport => transport.Entries().Count == 5, "the history");
        await client.Transport.UntilAsync(static transport => transport.Shown.Any(static line => line.Text == "pong"), "the answer");
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(10, true)]
    [InlineData(50, true)]
    [InlineData(9, false)]
    [InlineData(51, false)]
    [InlineData(-10, false)]
    public void A_window_is_zero_or_between_10_and_50_ms(int milliseconds, bool isValid)
    {
        var options = new FanoutOptions { Batch = TimeSpan.FromMilliseconds(milliseconds) };
        var faults = new List<ValidationResult>();
        Assert.Equal(isValid, Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true));
        Assert.Equal(isValid ? 0 : 1, faults.Count(static fault => fault.ErrorMessage!.Contains("Batch", StringComparison.Ordinal)));
    }
}
