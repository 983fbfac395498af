using Tidewire.Fanout;

namespace Tidewire.Server.Tests.Recording;

/// <summary>Who publishes and asks for the position is answered once the entry is shown, with the position under which it is.</summary>
public sealed class ShownPositionTests : LogFaultTest
{
    [Fact]
    public async Task It_is_told_once_the_entry_is_kept_and_shown()
    {
        Start();
        Store.Blocks();
        var entry = Publication.OfPayload("{}"u8.ToArray(), Time.GetUtcNow(), PublicationSource.Derived);
        var position = Hub.PublishShownAsync(Log(First), entry);
        await Store.BlockedAsync();
        Assert.False(position.IsCompleted);
        Assert.Empty(Log(First).Recent(10));
        Store.Goes();
        Assert.Equal(new(Hub.Epoch, 1), await position.WaitAsync(Bound, TestContext.Current.CancellationToken));
        Assert.Same(entry, Assert.Single(Log(First).Recent(10)));
    }

    [Fact]
    public async Task When_the_disk_refuses_it_is_that_under_which_the_entry_is_shown()
    {
        Start();
        Store.Refuses = true;
        var position = await Hub.PublishShownAsync(Log(First), Publication.OfPayload("{}"u8.ToArray(), Time.GetUtcNow(), PublicationSource.Derived)).WaitAsync(Bound, TestContext.Current.CancellationToken);
        Assert.NotEqual(Hub.Epoch, position!.Value.Epoch);
        Assert.Equal((Log(First).Epoch, 1), (position.Value.Epoch, position.Value.Offset));
    }

    [Fact]
    public async Task After_the_end_there_is_none()
    {
        Start();
        Hub.CloseStore();
        Assert.Null(await Hub.PublishShownAsync(Log(First), Publication.OfPayload("{}"u8.ToArray(), Time.GetUtcNow(), PublicationSource.Derived)));
    }
}
