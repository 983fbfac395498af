namespace Tidewire.Fanout.Filtering;

/// <summary>Why a text is no filter: one sentence, and where.</summary>
/// <param name="Column">The character the sentence is about, from 1; one past the last when the text ends too early.</param>
/// <param name="Message">What was expected and what stands there instead.</param>
public sealed record FilterError(int Column, string Message)
{
    /// <summary>Both, as people read it: <c>column 12: expected …</c>.</summary>
    public override string ToString() => $"column {Column}: {Message}";
}
