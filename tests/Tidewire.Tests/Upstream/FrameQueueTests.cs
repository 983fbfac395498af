using Tidewire.Testing;
using Tidewire.Tests.Fanout;
using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

public sealed class FrameQueueTests
{
    private List<ReceivedFrame> _taken = [];

    [Fact]
    public void What_was_added_is_taken_in_order()
    {
        var queue = new FrameQueue(1_000);
        Assert.True(queue.TryAdd(Frame(1)));
        Assert.True(queue.TryAdd(Frame(2)));
        Assert.True(queue.Take(ref _taken));
        Assert.Equal([1, 2], _taken.Select(frame => frame.Bytes.Length));
        _taken.Clear();
        Assert.True(queue.TryAdd(Frame(3)));
        Assert.True(queue.Take(ref _taken));
        Assert.Equal([3], _taken.Select(frame => frame.Bytes.Length));
    }

    [Fact]
    public void No_more_bytes_wait_than_may()
    {
        var queue = new FrameQueue(100_000);
        var added = 0L;
        while (queue.TryAdd(Frame(1_000)) && added < 200_000)
        {
            added += 1_000;
        }

        Assert.InRange(added, 50_000, 100_000);
        Assert.True(queue.Take(ref _taken));
        Assert.False(queue.TryAdd(Frame(1_000))); // what is being decoded is held as well
        queue.Complete();
        Assert.False(queue.Take(ref _taken));
        Assert.True(queue.TryAdd(Frame(1_000)));
    }

    [Fact]
    public void The_next_frame_says_since_when_frames_were_dropped_before_it()
    {
        var queue = new FrameQueue(1_000);
        Assert.True(queue.TryAdd(Frame(500)));
        for (var second = 1; second <= 3; second++)
        {
            Assert.False(queue.TryAdd(Frame(900) with { At = FanoutWorld.Start.AddSeconds(second) }));
        }

        Assert.Equal(FanoutWorld.Start.AddSeconds(1), queue.DroppedSince);
        Assert.True(queue.TryAdd(Frame(1)));
        Assert.True(queue.TryAdd(Frame(1)));
        Assert.True(queue.Take(ref _taken));
        Assert.Equal([null, FanoutWorld.Start.AddSeconds(1), null], _taken.Select(frame => frame.DroppedSince));
        Assert.Null(queue.DroppedSince);
    }

    [Fact]
    public void A_frame_larger_than_the_queue_passes_alone()
    {
        var queue = new FrameQueue(100);
        Assert.True(queue.TryAdd(Frame(10_000)));
        Assert.False(queue.TryAdd(Frame(10_000)));
        Assert.True(queue.Take(ref _taken));
        queue.Complete();
        Assert.False(queue.Take(ref _taken));
        Assert.True(queue.TryAdd(Frame(10_000)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Frames_too_small_to_count_by_their_bytes_are_bounded_all_the_same(int length)
    {
        // Each costs an object and a place in the list, some 64 bytes, whatever it holds.
        var queue = new FrameQueue(1_000_000);
        var added = 0;
        while (added < 1_000_000 && queue.TryAdd(Frame(length)))
        {
            added++;
        }

        Assert.InRange(added, 1, 100_000);
    }

    [Fact]
    public void A_complete_queue_is_emptied_and_then_ends()
    {
        var queue = new FrameQueue(100);
        queue.TryAdd(Frame(1));
        queue.Complete();
        Assert.True(queue.Take(ref _taken));
        _taken.Clear();
        Assert.False(queue.Take(ref _taken));
    }

    [Fact]
    public async Task One_that_waits_is_woken_by_a_frame_and_by_the_end()
    {
        var queue = new FrameQueue(1_000_000_000);
        var count = Task.Run(() =>
        {
            var (frames, seen) = (new List<ReceivedFrame>(), 0);
            while (queue.Take(ref frames))
            {
                seen += frames.Count;
                frames.Clear();
            }

            return seen;
        }, CancellationToken.None);
        for (var i = 0; i < 100_000; i++)
        {
            Assert.True(queue.TryAdd(Frame(1)));
        }

        queue.Complete();
        Assert.Equal(100_000, await count.WithinBound("the consumer to end"));
    }

    private static ReceivedFrame Frame(int length) => new(new byte[length], FanoutWorld.Start);
}
