namespace Tidewire.Simulation;

/// <summary>On which side of the quote's middle a trade was made.</summary>
internal enum TradeSide
{
    /// <summary>Nearer to the ask: bought.</summary>
    Ask,

    /// <summary>Nearer to the bid: sold.</summary>
    Bid,

    /// <summary>In the middle.</summary>
    Mid,

    /// <summary>Reported without a usable quote.</summary>
    None,
}

/// <summary>How a trade came about, named by OPRA's message types.</summary>
internal enum TradeCode
{
    /// <summary>Matched electronically.</summary>
    Auto,

    /// <summary>Intermarket sweep order.</summary>
    Isoi,

    /// <summary>Single leg, auction.</summary>
    Slan,

    /// <summary>Single leg, cross.</summary>
    Slcn,

    /// <summary>Single leg, floor.</summary>
    Slft,

    /// <summary>Multi-leg, auction.</summary>
    Mlat,

    /// <summary>Multi-leg, matched electronically.</summary>
    Mlet,

    /// <summary>Multi-leg, floor.</summary>
    Mlft,

    /// <summary>Tied to stock, matched electronically.</summary>
    Tlet,
}

/// <summary>What follows from a trade code, and its wire name.</summary>
internal static class TradeCodes
{
    private static readonly byte[][] Names = [.. Enum.GetNames<TradeCode>().Select(name => System.Text.Encoding.ASCII.GetBytes(name.ToLowerInvariant()))];

    /// <summary>How many there are.</summary>
    public static int Count => Names.Length;

    public static ReadOnlySpan<byte> Name(TradeCode code) => Names[(int)code];

    public static bool IsMultiLeg(TradeCode code) => code is TradeCode.Mlat or TradeCode.Mlet or TradeCode.Mlft;

    public static bool IsFloor(TradeCode code) => code is TradeCode.Slft or TradeCode.Mlft;
}

/// <summary>The options exchanges, by market identifier code.</summary>
internal static class Exchanges
{
    private static readonly byte[][] Codes =
    [
        [.. "GMNI"u8], [.. "EMLD"u8], [.. "SPHR"u8], [.. "ARCO"u8], [.. "BATO"u8], [.. "EDGO"u8], [.. "C2OX"u8], [.. "XBXO"u8], [.. "MXOP"u8],
        [.. "XNDQ"u8], [.. "XCBO"u8], [.. "XMIO"u8], [.. "XPHO"u8], [.. "MCRY"u8], [.. "MPRL"u8], [.. "XBOX"u8], [.. "AMXO"u8], [.. "XISX"u8],
    ];

    /// <summary>How many there are; each is known by its index.</summary>
    public static int Count => Codes.Length;

    /// <summary>The exchange on which index options alone are listed.</summary>
    public const int Cboe = 10;

    public static ReadOnlySpan<byte> Code(int exchange) => Codes[exchange];
}
