namespace Tidewire.Fanout;

/// <summary>Entries that stand between what a reader was shown last and what it is shown now, and that it does not see.</summary>
/// <param name="Merged">How many newer ones of their key have replaced, or are lost and stood for by a gap.</param>
/// <param name="Filtered">How many its filter keeps from it.</param>
public readonly record struct PassedOver(long Merged, long Filtered)
{
    /// <summary>Whether there are none: the reader then shares the encoding of all such readers.</summary>
    public bool IsNone => Merged == 0 && Filtered == 0;
}
