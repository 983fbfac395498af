using System.Buffers.Text;

namespace Tidewire.Testing.Clients;

/// <summary>
/// Checks the numbers of one stream as one client sees it: finds <c>"seq":N</c> in each message without parsing JSON and
/// keeps exact count of what is missing, doubled or out of order. The first number seen is taken for the beginning. Not thread-safe.
/// </summary>
public sealed class SequenceCheck
{
    private readonly byte[] _marker;
    private readonly List<(long From, long To)> _holes = [];

    /// <summary>Looks for the field of this name.</summary>
    public SequenceCheck(string field = "seq") => _marker = System.Text.Encoding.UTF8.GetBytes($"\"{field}\":");

    /// <summary>Messages that carried a number.</summary>
    public long Received { get; private set; }

    /// <summary>Numbers between the first and the highest that were never seen.</summary>
    public long Missing { get; private set; }

    /// <summary>Numbers seen again.</summary>
    public long Duplicates { get; private set; }

    /// <summary>Numbers that came after a higher one, for the first time.</summary>
    public long Reordered { get; private set; }

    /// <summary>Messages without a number, such as acknowledgements.</summary>
    public long Unnumbered { get; private set; }

    /// <summary>The first number seen; -1 before.</summary>
    public long First { get; private set; } = -1;

    /// <summary>The highest number seen; -1 before.</summary>
    public long Last { get; private set; } = -1;

    /// <summary>Whether every number from the first to the highest came once and in order.</summary>
    public bool IsPerfect => Missing == 0 && Duplicates == 0 && Reordered == 0;

    /// <summary>The ranges that are missing, both ends included, in order.</summary>
    public IReadOnlyList<(long From, long To)> Holes => _holes;

    /// <summary>Takes note of one message. Returns its number; -1 without one.</summary>
    public long Observe(ReadOnlySpan<byte> message)
    {
        var at = message.IndexOf(_marker);
        if (at < 0)
        {
            Unnumbered++;
            return -1;
        }

        var digits = message[(at + _marker.Length)..];
        while (digits.Length > 0 && digits[0] is (byte)' ' or (byte)'"')
        {
            digits = digits[1..];
        }

        if (!Utf8Parser.TryParse(digits, out long number, out _))
        {
            Unnumbered++;
            return -1;
        }

        Received++;
        Place(number);
        return number;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Received} received ({First} to {Last}), {Missing} missing, {Duplicates} duplicates, {Reordered} reordered, {Unnumbered} without a number";

    private void Place(long number)
    {
        if (Last < 0)
        {
            (First, Last) = (number, number);
        }
        else if (number > Last)
        {
            AddHole(_holes.Count, Last + 1, number - 1);
            Last = number;
        }
        else if (number < First)
        {
            Reordered++;
            AddHole(0, number + 1, First - 1);
            First = number;
        }
        else
        {
            Fill(number);
        }
    }

    private void AddHole(int index, long from, long to)
    {
        if (from <= to)
        {
            _holes.Insert(index, (from, to));
            Missing += to - from + 1;
        }
    }

    private void Fill(long number)
    {
        var index = _holes.FindIndex(hole => hole.From <= number && number <= hole.To);
        if (index < 0)
        {
            Duplicates++;
            return;
        }

        var (from, to) = _holes[index];
        _holes.RemoveAt(index);
        Missing -= to - from + 1;
        Reordered++;
        AddHole(index, number + 1, to);
        AddHole(index, from, number - 1);
    }
}
