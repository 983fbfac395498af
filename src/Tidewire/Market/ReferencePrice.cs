namespace Tidewire.Market;

/// <summary>The prices of a ticker's day that a last price is compared with. In USD, two to four places.</summary>
/// <param name="PreviousClose">The last price of the day before.</param>
/// <param name="Open">The first price of the day.</param>
/// <param name="High">The highest price of the day so far.</param>
/// <param name="Low">The lowest price of the day so far.</param>
public readonly record struct ReferencePrice(decimal PreviousClose, decimal Open, decimal High, decimal Low);
