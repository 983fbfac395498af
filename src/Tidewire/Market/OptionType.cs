namespace Tidewire.Market;

/// <summary>The right an option gives: to buy or to sell the underlying.</summary>
internal enum OptionType
{
    /// <summary>The right to buy.</summary>
    Call,

    /// <summary>The right to sell.</summary>
    Put,
}
