using System.Diagnostics.CodeAnalysis;

namespace Tidewire.Fanout.Filtering;

/// <summary>
/// A condition on the fields of one payload, such as <c>premium &gt;= 500000 and ticker in (TSLA, NVDA)</c>. Parsed once,
/// immutable, safe for any number of threads. Two filters are equal when their canonical texts are.
/// </summary>
/// <remarks>
/// <code>
/// filter    = all , { ( "or" | "||" ) , all } ;
/// all       = one , { ( "and" | "&amp;&amp;" ) , one } ;
/// one       = { "not" | "!" } , ( "(" , filter , ")" | test ) ;
/// test      = "exists" , field
///           | field , [ condition ] ;                             (* alone: it is true *)
/// condition = ( "=" | "==" | "!=" | "&lt;&gt;" ) , ( value | "null" )
///           | ( "&lt;" | "&lt;=" | "&gt;" | "&gt;=" ) , value       (* not true, false *)
///           | [ "not" ] , "in" , "(" , value , { "," , value } , ")"
///           | [ "not" ] , ( "contains" | "icontains" ) , value
///           | "is" , [ "not" ] , "null" ;
/// field     = name , { "." , name } ;                             (* begins with a letter or _ ; no keyword *)
/// name      = ( letter | digit | "_" | "-" ) , { letter | digit | "_" | "-" } ;
/// value     = word | quoted ;
/// word      = wordchar , { wordchar } ;                           (* no keyword but true, false *)
/// wordchar  = letter | digit | "_" | "." | "-" | "+" | "/" | "^" | ":" ;
/// quoted    = '"' , { character | escape } , '"' | "'" , { character | escape } , "'" ;
/// escape    = "\" , ( "\" | '"' | "'" | "n" | "r" | "t" | "u" , 4 * hexdigit ) ;
/// number    = [ "+" | "-" ] , ( digits , [ "." , [ digits ] ] | "." , digits ) , [ ( "e" | "E" ) , [ "+" | "-" ] , digits ] ;
/// </code>
/// <para>
/// Keywords in any case. A value that is a <c>number</c> is one, in quotes or not; as a word it may also have <c>_</c>
/// between digits, and without an exponent end in <c>K</c>, <c>M</c> or <c>B</c>. <c>true</c> and <c>false</c> are truth
/// values, in quotes or not. Every other value is text.
/// </para>
/// <para>
/// Numbers of a payload are JSON numbers and strings that hold a <c>number</c>; they compare exactly, whatever their size
/// (an exponent has at most 18 digits). Texts compare by their UTF-8 bytes. A number never equals a text and is neither
/// less nor greater. The string <c>"true"</c> in any case counts as <c>true</c>, likewise <c>false</c>.
/// </para>
/// <para>
/// The logic has two values. A field that is missing or null fails every test; so does a field of a type the test is not
/// made for. <c>!=</c>, <c>not in</c>, <c>not contains</c> and <c>is null</c> are the opposites of <c>=</c>, <c>in</c>,
/// <c>contains</c> and <c>exists</c>: a field that is missing passes them. <c>&lt;=</c> is not the opposite of <c>&gt;</c>.
/// </para>
/// </remarks>
public sealed class Filter : IEquatable<Filter>
{
    /// <summary>The longest text, in characters; also of the canonical form.</summary>
    public const int MaxLength = 2_048;

    /// <summary>How deep parentheses may stand in one another, and how many names a field may have.</summary>
    public const int MaxDepth = 32;

    /// <summary>The most tests.</summary>
    public const int MaxComparisons = 64;

    /// <summary>The most values in all lists together.</summary>
    public const int MaxValues = 256;

    private readonly FilterProgram _program;
    private readonly string _text;

    private Filter(FilterProgram program, string text)
    {
        _program = program;
        _text = text;
    }

    /// <summary>Parses a filter.</summary>
    /// <param name="text">What a client wrote.</param>
    /// <param name="filter">The filter when the answer is true.</param>
    /// <param name="error">What is wrong, and where, when the answer is false.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out Filter? filter, [NotNullWhen(false)] out FilterError? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        filter = null;
        if (text.Length > MaxLength)
        {
            error = new FilterError(MaxLength + 1, $"expected at most {MaxLength} characters, found {text.Length}");
            return false;
        }

        var parser = new FilterParser(text);
        if (!parser.TryParse(out var expression, out error))
        {
            return false;
        }

        // What is shown or stored of a filter must be a filter again.
        var canonical = expression.ToString();
        if (canonical.Length > MaxLength)
        {
            error = new FilterError(1, $"expected at most {MaxLength} characters, found a filter that has {canonical.Length} once its numbers and quotes are written out");
            return false;
        }

        filter = new Filter(FilterProgram.Of(expression), canonical);
        return true;
    }

    /// <summary>
    /// Whether a payload passes. False for what is no JSON object, unless what is wrong with it stands after the field that
    /// decided. Of fields with the same name the last one counts. Allocates nothing and never throws.
    /// </summary>
    /// <param name="payload">One JSON object, UTF-8.</param>
    public bool Matches(ReadOnlySpan<byte> payload) => !payload.IsEmpty && new FilterRun(_program, payload).Matches();

    /// <inheritdoc/>
    public bool Equals(Filter? other) => other is not null && _text == other._text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Filter);

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>The canonical text: the same for filters that differ in spelling only, and itself a filter equal to this one.</summary>
    public override string ToString() => _text;
}
