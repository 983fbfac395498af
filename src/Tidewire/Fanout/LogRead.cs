namespace Tidewire.Fanout;

/// <summary>What was read of a log.</summary>
/// <param name="Count">How many entries were copied.</param>
/// <param name="Through">The offset up to which everything was copied or passed over.</param>
/// <param name="IsBroken">Whether something the reader cannot do without has left memory: an entry of an event channel, the value of a key of a state channel.</param>
/// <param name="HasLeft">Whether entries have left memory that the reader has not seen, needed or not.</param>
/// <param name="HasMore">Whether entries follow.</param>
internal readonly record struct LogRead(int Count, long Through, bool IsBroken, bool HasLeft, bool HasMore);
