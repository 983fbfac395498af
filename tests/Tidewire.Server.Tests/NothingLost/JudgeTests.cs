using Tidewire.Protocol;
using Tidewire.Testing;

namespace Tidewire.Server.Tests.NothingLost;

/// <summary>The judge is itself judged: each way in which a server could be wrong, in the smallest story that shows it.</summary>
[Trait("Promise", "nothing-lost")]
public sealed class JudgeTests
{
    private const string Epoch = "e1";
    private static readonly ScriptedChannel Events = ScriptedChannel.All[0];
    private static readonly ScriptedChannel States = ScriptedChannel.All[3];

    private readonly FakeTimeProvider _time = new(new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    private readonly Random _random = new(1);
    private readonly List<Journal> _journals = [];
    private readonly ProviderModel _model;

    public JudgeTests() => _model = new ProviderModel(_time);

    [Fact]
    public void All_is_well_when_every_frame_was_shown_once()
    {
        var frames = Say(Events, 3);
        Read(Events, Show(1, frames[0]), Show(2, frames[1]), Show(3, frames[2]));
        Assert.Empty(Verdict());
    }

    [Fact]
    public void All_is_well_when_what_was_missed_is_in_a_gap()
    {
        var frames = Say(Events, 2);
        var (from, missed) = Outage(Events, 2);
        var next = Say(Events, 1);
        Read(Events, Show(1, frames[0]), Show(2, frames[1]), Gap(3, from), Show(4, next[0]));
        Assert.Empty(Verdict());
        Assert.Equal(2, missed.Count);
    }

    [Fact]
    public void All_is_well_when_lost_offsets_of_a_state_channel_stand_in_a_gap()
    {
        var frames = Say(States, 3);
        var (from, _) = Outage(States, 1);
        var next = Say(States, 1);
        Read(States, Show(1, frames[0]), Show(2, frames[1]), Show(3, frames[2]), Gap(65, from, merged: 61), Show(66, next[0]));
        Read(States, Show(1, frames[0]), Gap(65, from, merged: 63), Show(66, next[0]));
        Assert.Empty(Verdict());
    }

    [Fact]
    public void An_entry_left_out_at_the_seam_breaks_the_rule_of_offsets()
    {
        var frames = Say(Events, 3);
        Read(Events, Show(1, frames[0]), Show(2, frames[1]), Show(3, frames[2]));
        Read(Events, Show(1, frames[0]), new Note.Began(At(1), At(1), true), Show(3, frames[2]));
        Broken("offsets", "e1:3 follows e1:1");
    }

    [Fact]
    public void An_entry_shown_twice_at_the_seam_breaks_the_rule_of_offsets()
    {
        var frames = Say(Events, 2);
        Read(Events, Show(1, frames[0]), Show(2, frames[1]), new Note.Began(At(2), At(2), true), Show(2, frames[1]));
        Broken("offsets", "e1:2 follows e1:2");
    }

    [Fact]
    public void A_count_that_is_lost_breaks_the_rule_of_offsets()
    {
        var frames = Say(Events, 3);
        Read(Events, Show(1, frames[0]), Show(2, frames[1]), Show(3, frames[2]));
        Read(Events, ReaderFilter.All[0], Show(1, frames[0]), Show(3, frames[2], filtered: 0));
        Broken("offsets", "e1:3 follows e1:1 with merged 0 and filtered 0");
    }

    [Fact]
    public void A_filter_that_keeps_back_what_it_should_let_through_is_seen()
    {
        var frames = Say(Events, 3);
        Read(Events, Show(1, frames[0]), Show(2, frames[1]), Show(3, frames[2]));
        Read(Events, ReaderFilter.All[0], Show(1, frames[0]), Show(3, frames[2], filtered: 1));
        Broken("filter", "though nothing replaces or rejects it");
    }

    [Fact]
    public void An_offset_given_out_twice_is_seen()
    {
        var frames = Say(States, 2);
        Outage(States, 0);
        Read(States, Show(1, frames[0]), Show(2, frames[1]));
        Read(States, Show(1, frames[0]), Show(2, Say(States, 1)[0]));
        Broken("content", "the offset was given out twice");
    }

    [Fact]
    public void An_event_that_was_shown_and_then_forgotten_is_seen()
    {
        var frames = Say(Events, 3);
        var (from, _) = Outage(Events, 0);
        var next = Say(Events, 1);
        Read(Events, Show(1, frames[0]), Show(2, frames[1]), Show(3, frames[2]), Gap(65, from, merged: 61), Show(66, next[0]));
        Read(Events, Show(1, frames[0]), Gap(65, from, merged: 63), Show(66, next[0]));
        Broken("forgotten", "that e1:2 is lost");
    }

    [Fact]
    public void A_frame_that_was_read_and_is_nowhere_is_seen()
    {
        var frames = Say(Events, 3);
        Read(Events, Show(1, frames[0]), Show(2, frames[2]));
        Broken("lost", "frame 2 of flow-alerts");
    }

    [Fact]
    public void A_frame_that_was_missed_without_a_gap_is_seen()
    {
        var frames = Say(Events, 1);
        var (_, missed) = Outage(Events, 1);
        var next = Say(Events, 1);
        Read(Events, Show(1, frames[0]), Show(2, next[0]));
        Broken("lost", $"frame {missed[0].Number} of flow-alerts");
    }

    [Fact]
    public void A_gap_that_ends_before_what_it_should_cover_is_seen()
    {
        var frames = Say(Events, 1);
        var (from, _) = Outage(Events, 1);
        var next = Say(Events, 1);
        Read(Events, Show(1, frames[0]), new Note.Shown(At(2), 0, 0, Payload: null, new SeenGap(from, from, "upstream_down")), Show(3, next[0]));
        Broken("lost", "the gap e1:2 is only");
    }

    [Fact]
    public void A_gap_without_a_cause_is_seen()
    {
        var frames = Say(Events, 2);
        Read(Events, Show(1, frames[0]), Gap(2, _time.GetUtcNow()), Show(3, frames[1]));
        Broken("gap", "when nothing can be missing");
    }

    [Fact]
    public void A_frame_that_was_certainly_read_is_not_excused_by_an_outage()
    {
        var frames = Say(Events, 1);
        var certain = _model.Make(Events, _random);
        _model.Say(certain, session: 1);
        _model.Certain(1);
        var (from, _) = Outage(Events, 0);
        var next = Say(Events, 1);
        Read(Events, Show(1, frames[0]), Gap(2, from), Show(3, next[0]));
        Broken("lost", "was certainly read");
    }

    [Fact]
    public void A_frame_published_twice_or_out_of_order_or_never_said_is_seen()
    {
        var frames = Say(Events, 2);
        Read(Events, Show(1, frames[0]), Show(2, frames[0]), Show(3, frames[1]));
        Broken("twice", "once more than the provider said it");

        _journals.Clear();
        Read(Events, Show(1, frames[1]), Show(2, frames[0]));
        Broken("order", "after a later one");

        _journals.Clear();
        Read(Events, new Note.Shown(At(1), 0, 0, "{\"id\":\"invented\"}", Gap: null));
        Broken("ghost", "never said");
    }

    [Fact]
    public void A_repeated_frame_may_be_published_once_or_twice_but_only_once_where_that_is_promised()
    {
        var frames = Say(Events, 1);
        _model.Say(frames[0], session: 1);
        Read(Events, Show(1, frames[0]), Show(2, frames[0]));
        Assert.Empty(Verdict());
        Assert.Contains(Verdict(suppresses: true), violation => violation.Rule == "twice");
    }

    [Fact]
    public void An_event_that_was_merged_is_seen()
    {
        var frames = Say(Events, 3);
        Read(Events, Show(1, frames[0]), Show(2, frames[1]), Show(3, frames[2]));
        Read(Events, Show(1, frames[0]), Show(3, frames[2], merged: 1));
        Broken("merged", "events are never merged");
    }

    [Fact]
    public void A_position_that_is_refused_though_the_log_goes_back_is_seen()
    {
        var frames = Say(Events, 2);
        Read(Events, Show(1, frames[0]), Show(2, frames[1]));
        Read(Events, Show(1, frames[0]), new Note.Began(At(1), At(1), false, "the offset is older"), Show(2, frames[1]));
        Broken("recovered", "could not go on after e1:1");
    }

    [Fact]
    public void An_epoch_may_change_only_where_the_log_does_not_last()
    {
        var frames = Say(Events, 1);
        var (_, _) = Outage(Events, 0);
        var next = Say(Events, 1);
        Read(Events, Show(1, frames[0]), new Note.Began(At(1), new StreamPosition("e2", 0), false, "the epoch has changed"), new Note.Shown(new("e2", 1), 0, 0, next[0].Payload, Gap: null));
        Assert.Empty(Verdict());
        Assert.Contains(Verdict(durable: true), violation => violation.Rule == "recovered");
    }

    [Fact]
    public void Readers_that_end_differently_are_seen()
    {
        var frames = Say(Events, 2);
        Read(Events, Show(1, frames[0]), Show(2, frames[1]));
        Read(Events, Show(1, frames[0]));
        Broken("end", "ends differently");
    }

    private static StreamPosition At(long offset) => new(Epoch, offset);

    private static Note.Shown Show(long offset, Frame frame, long merged = 0, long filtered = 0) => new(At(offset), merged, filtered, frame.Payload, Gap: null);

    private Note.Shown Gap(long offset, DateTimeOffset from, long merged = 0) => new(At(offset), merged, 0, Payload: null, new SeenGap(from, _model.Troubles is [.., var last] ? last.To : from, "upstream_down"));

    private List<Frame> Say(ScriptedChannel channel, int count) => [.. Enumerable.Range(0, count).Select(_ =>
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        var frame = _model.Make(channel, _random, ReaderFilter.SizeForAll);
        _model.Say(frame, session: 2);
        return frame;
    })];

    /// <summary>Some frames that are said to no one. When it began, and what they are.</summary>
    private (DateTimeOffset From, List<Frame> Missed) Outage(ScriptedChannel channel, int count)
    {
        _model.Begin("an outage");
        var from = _time.GetUtcNow();
        var missed = Say(channel, count);
        _time.Advance(TimeSpan.FromSeconds(1));
        _model.End();
        _time.Advance(TimeSpan.FromSeconds(1));
        return (from, missed);
    }

    private void Read(ScriptedChannel channel, params Note[] notes) => Read(channel, filter: null, notes);

    private void Read(ScriptedChannel channel, ReaderFilter? filter, params Note[] notes)
    {
        var journal = new Journal($"reader {_journals.Count + 1}", channel, filter);
        foreach (var note in notes)
        {
            journal.Add(note);
        }

        _journals.Add(journal);
    }

    private IReadOnlyList<Violation> Verdict(bool durable = false, bool suppresses = false)
    {
        var judge = new Judge(_model, _journals, new Rules(durable, suppresses, Slack: TimeSpan.Zero));
        judge.Run();
        return judge.Violations;
    }

    private void Broken(string rule, string words)
    {
        var violations = Verdict();
        Assert.True(violations.Any(violation => violation.Rule == rule && violation.Text.Contains(words, StringComparison.Ordinal)),
            $"[{rule}] {words} is not among: {string.Join('\n', violations)}");
    }
}
