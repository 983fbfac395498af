using Tidewire.Fanout.Filtering;

namespace Tidewire.Tests.Fanout;

public sealed class FilterErrorTests
{
    [Theory]
    [InlineData("", 1, "expected a field name, found the end")]
    [InlineData("   ", 4, "expected a field name, found the end")]
    [InlineData("and", 1, "expected a field name, found the keyword 'and'")]
    [InlineData("a and", 6, "expected a field name after 'and', found the end")]
    [InlineData("a && && b", 6, "expected a field name after '&&', found '&&'")]
    [InlineData("a & b", 3, "expected a comparison, 'and', 'or' or the end after 'a', found '&'")]
    [InlineData("a b", 3, "expected a comparison, 'and', 'or' or the end after 'a', found 'b'")]
    [InlineData("a = 1 b", 7, "expected 'and', 'or' or the end after '1', found 'b'")]
    [InlineData("a = b c", 7, "expected 'and', 'or' or the end after 'b', found 'c'")]
    [InlineData("(a) b", 5, "expected 'and', 'or' or the end after ')', found 'b'")]
    [InlineData("(a = 1", 7, "expected 'and', 'or' or ')' after '1', found the end")]
    [InlineData("(a = 1))", 8, "expected 'and', 'or' or the end after ')', found ')'")]
    [InlineData("()", 2, "expected a field name after '(', found ')'")]
    [InlineData("a =", 4, "expected a number, a word or a quoted string after '=', found the end")]
    [InlineData("premium >= and size > 5", 12, "expected a number, a word or a quoted string after '>=', found the keyword 'and'")]
    [InlineData("a > true", 5, "expected a number, a word or a quoted string after '>', found the keyword 'true'")]
    [InlineData("a > null", 5, "expected a number, a word or a quoted string after '>', found the keyword 'null'")]
    [InlineData("a in (x, null)", 10, "expected a number, a word or a quoted string after ',', found the keyword 'null'")]
    [InlineData("a => 5", 4, "expected a number, a word or a quoted string after '=', found '>'")]
    [InlineData("a = $", 5, "expected a number, a word or a quoted string after '=', found '$'")]
    [InlineData("a = 😀", 5, "expected a number, a word or a quoted string after '=', found '??'")]
    [InlineData("a = \n\u0001", 6, "expected a number, a word or a quoted string after '=', found '?'")]
    [InlineData("a in", 5, "expected '(' after 'in', found the end")]
    [InlineData("a in x", 6, "expected '(' after 'in', found 'x'")]
    [InlineData("a in ()", 7, "expected a number, a word or a quoted string after '(', found ')'")]
    [InlineData("a in (x y)", 9, "expected ',' or ')' after 'x', found 'y'")]
    [InlineData("a in (x,)", 9, "expected a number, a word or a quoted string after ',', found ')'")]
    [InlineData("a not = 5", 7, "expected 'in', 'contains' or 'icontains' after 'not', found '='")]
    [InlineData("a is 5", 6, "expected 'null' or 'not null' after 'is', found '5'")]
    [InlineData("a is not 5", 10, "expected 'null' after 'not', found '5'")]
    [InlineData("exists (a)", 8, "expected a field name after 'exists', found '('")]
    [InlineData("5 < a", 1, "expected a field name, found '5'")]
    [InlineData("'a' = 5", 1, "expected a field name, found ''a''")]
    [InlineData("a..b = 5", 1, "expected a field name, found 'a..b'")]
    [InlineData(".a = 5", 1, "expected a field name, found '.a'")]
    [InlineData("a. = 5", 1, "expected a field name, found 'a.'")]
    [InlineData("a/b = 5", 1, "expected a field name, found 'a/b'")]
    [InlineData("a = \"x", 5, "expected a closing \" for the text that begins here, found the end")]
    [InlineData("a = 'x\\'", 5, "expected a closing ' for the text that begins here, found the end")]
    [InlineData("a = 'x\\q'", 7, "expected \\\\, \\\", \\', \\n, \\r, \\t or \\u with four hexadecimal digits, found another escape")]
    [InlineData("a = 'x\\u12g4'", 7, "expected \\\\, \\\", \\', \\n, \\r, \\t or \\u with four hexadecimal digits, found another escape")]
    [InlineData("a = '\\ud800'", 5, "expected text of whole characters, found half of a surrogate pair")]
    [InlineData("a = abcdefghijklmnopqrstuvwxyz0123456789 b", 42, "expected 'and', 'or' or the end after 'abcdefghijklmnopqrstuvwx…', found 'b'")]
    [InlineData("a b \"", 3, "expected a comparison, 'and', 'or' or the end after 'a', found 'b'")]
    public void An_error_names_its_column_and_what_was_expected(string text, int column, string message)
    {
        Assert.False(Filter.TryParse(text, out var filter, out var error));
        Assert.Null(filter);
        Assert.Equal((column, message), (error.Column, error.Message));
        Assert.Equal($"column {column}: {message}", error.ToString());
    }

    [Theory]
    [InlineData("a = '", "'", 2_042, 1)]
    [InlineData("", "(", 32, 1)]
    public void Up_to_a_limit_it_is_taken_and_beyond_it_is_not(string before, string end, int most, int over)
    {
        Assert.True(Filter.TryParse(Fill(most), out _, out var none), $"{none}");
        Assert.False(Filter.TryParse(Fill(most + over), out _, out _));

        string Fill(int count) => end == "(" ? $"{new string('(', count)}a{new string(')', count)}" : $"{before}{new string('x', count)}{end}";
    }

    [Fact]
    public void Each_limit_says_what_it_is()
    {
        AssertError(new string('a', 2_049), 2_049, "expected at most 2048 characters, found 2049");
        AssertError(new string('a', 10_000_000), 2_049, "expected at most 2048 characters, found 10000000");
        AssertError(new string('(', 33) + "a", 33, "expected at most 32 parentheses inside one another, found one more");
        AssertError(string.Concat(Enumerable.Repeat("(a) and ", 40)) + new string('(', 33), 40 * 8 + 33, "expected at most 32 parentheses inside one another, found one more");

        Assert.True(Filter.TryParse(string.Join(" or ", Enumerable.Repeat("a", 64)), out _, out _));
        AssertError(string.Join(" or ", Enumerable.Repeat("a", 65)), 64 * 5 + 1, "expected at most 64 comparisons, found one more");
        AssertError(string.Join("||", Enumerable.Repeat("exists a", 65)), 64 * 10 + 1, "expected at most 64 comparisons, found one more");

        Assert.True(Filter.TryParse($"a in ({List(200)}) or b in ({List(56)})", out _, out _));
        AssertError($"a in ({List(200)}) or b in ({List(57)})", $"a in ({List(200)}) or b in ({List(56)}".Length + 2, "expected at most 256 values in all lists, found one more");

        Assert.True(Filter.TryParse(string.Join('.', Enumerable.Repeat("a", 32)), out _, out _));
        AssertError("x and " + string.Join('.', Enumerable.Repeat("a", 33)), 7, "expected a field of at most 32 names, found 33");

        // One value in quotes that needs an escape for each character: its canonical text would be no filter.
        AssertError($"a = '{new string('\u0001', 400)}'", 1, $"expected at most 2048 characters, found a filter that has {4 + 2 + 2400} once its numbers and quotes are written out");

        static string List(int count) => string.Join(',', Enumerable.Range(100, count));
    }

    [Fact]
    public void Many_negations_are_no_depth()
    {
        Assert.True(Filter.TryParse(new string('!', 2_046) + "a", out var filter, out _));
        Assert.Equal("a", filter.ToString());
    }

    private static void AssertError(string text, int column, string message)
    {
        Assert.False(Filter.TryParse(text, out _, out var error));
        Assert.Equal((column, message), (error.Column, error.Message));
    }
}
