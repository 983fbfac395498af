using Tidewire.Fanout;

namespace Tidewire.Tests.Fanout;

public sealed class FeedCatalogueFileTests : IDisposable
{
    private const string Good = """{"feeds":[{"name":"moon-phase","class":"state","ticker":"none","status":"experimental","upstream":"join"}]}""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tidewire");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_file_adds_a_feed()
    {
        var catalogue = FeedCatalogue.Load(Write(Good));
        Assert.Equal(FeedCatalogue.Load().Feeds.Count + 1, catalogue.Feeds.Count);
        Assert.Null(catalogue.Resolve("moon-phase", null, out var feed, out _));
        Assert.Equal(("moon-phase", "moon-phase", FeedClass.State), (feed!.Title, feed.Route, feed.Class));
    }

    [Fact]
    public void A_file_replaces_a_feed_by_name()
    {
        var catalogue = FeedCatalogue.Load(Write(Good.Replace("moon-phase", "gex", StringComparison.Ordinal)));
        Assert.Equal(TickerUse.None, Assert.Single(catalogue.Feeds, feed => feed.Name == "gex").Ticker);
        Assert.True(catalogue.TryGet("gex", out var feed));
        Assert.Equal(FeedStatus.Experimental, feed.Status);
    }

    [Fact]
    public void A_name_wins_over_an_alias_of_another_feed()
    {
        var catalogue = FeedCatalogue.Load(Write(Good.Replace("\"class\"", "\"aliases\":[\"gex\",\"price\"],\"class\"", StringComparison.Ordinal)));
        Assert.True(catalogue.TryGet("gex", out var feed));
        Assert.Equal("gex", feed.Name);
    }

    [Theory]
    [InlineData("\"class\":\"state\"", "\"class\":\"snapshot\"", "moon-phase", "class", "event, state")]
    [InlineData("\"class\":\"state\",", "", "moon-phase", "class", "event, state")]
    [InlineData("\"ticker\":\"none\"", "\"ticker\":\"maybe\"", "moon-phase", "ticker", "none, optional, required")]
    [InlineData("\"status\":\"experimental\"", "\"status\":\"\"", "moon-phase", "status", "verified, experimental")]
    [InlineData("\"upstream\":\"join\"", "\"upstream\":\"JOIN\"", "moon-phase", "upstream", "join, rest, derived")]
    [InlineData("\"upstream\":\"join\"", "\"upstream\":\"join\",\"title\":5", "moon-phase", "title", "")]
    [InlineData("\"upstream\":\"join\"", "\"upstream\":\"join\",\"aliases\":null", "moon-phase", "aliases", "")]
    [InlineData("moon-phase", "Moon Phase", "Moon Phase", "", "lower-case letters")]
    [InlineData("moon-phase", "moon:SPY", "moon:SPY", "", "lower-case letters")]
    public void A_bad_feed_is_refused_with_the_file_the_feed_and_the_field(string good, string bad, string feed, string field, string allowed)
    {
        var file = Write(Good.Replace(good, bad, StringComparison.Ordinal));
        var exception = Assert.Throws<InvalidDataException>(() => FeedCatalogue.Load(file));
        Assert.All((string[])[file, feed, field, allowed], part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"feeds":5}""")]
    [InlineData("""{"feeds":[5]}""")]
    public void A_file_of_another_shape_is_refused_by_name(string content)
    {
        var file = Write(content);
        Assert.Contains(file, Assert.Throws<InvalidDataException>(() => FeedCatalogue.Load(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_refused_by_name()
    {
        var file = Path.Combine(_folder.FullName, "nothing.json");
        Assert.Contains(file, Assert.Throws<InvalidDataException>(() => FeedCatalogue.Load(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_place_of_a_file_is_refused_by_name()
        => Assert.Contains(_folder.FullName, Assert.Throws<InvalidDataException>(() => FeedCatalogue.Load(_folder.FullName)).Message, StringComparison.Ordinal);

    private string Write(string content)
    {
        var file = Path.Combine(_folder.FullName, "feeds.json");
        File.WriteAllText(file, content);
        return file;
    }
}
