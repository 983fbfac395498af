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
    public TidewireException(string code, string message)
        : base(message) => Code = code;

    /// <summary>
    /// For programs: the name of the protocol's error, such as <c>unknown_channel</c> or <c>bad_value</c>, or the closing code
    /// as text, such as <c>4003</c>.
    /// </summary>
    public string Code { get; }
}
