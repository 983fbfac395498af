using System.Globalization;
using Tidewire.Protocol;

namespace Tidewire.Client;

/// <summary>A subscription, or all of a client's, ended for good: trying again as it is would not help.</summary>
public sealed class TidewireException : Exception
{
    /// <summary>Makes one.</summary>
    public TidewireException()
        : this("error", "The server refused.")
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What was wrong, and what to do.</param>
    public TidewireException(string message)
        : this("error", message)
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What was wrong, and what to do.</param>
    /// <param name="innerException">What caused it.</param>
    public TidewireException(string message, Exception innerException)
        : base(message, innerException) => Code = "error";

    /// <summary>Makes one.</summary>
    /// <param name="code">For programs.</param>
    /// <param name="message">What was wrong, and what to do.</param>
    /// <param name="number">The number of the code, where it has one.</param>
    public TidewireException(string code, string message, int? number = null)
        : base(message) => (Code, Number) = (code, number ?? NumberOf(code));

    /// <summary>
    /// For programs: the name of the protocol's error, such as <c>unknown_channel</c> or <c>bad_value</c>, or the closing code
    /// as text, such as <c>4003</c>.
    /// </summary>
    public string Code { get; }

    /// <summary>The same as a number: of the protocol's error, or the closing code; null where it has none.</summary>
    public int? Number { get; }

    private static int? NumberOf(string code)
        => ErrorCode.All.Where(known => known.Name == code).Select(static known => (int?)known.Number).FirstOrDefault()
            ?? (int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null);
}
