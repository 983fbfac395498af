using System.Reflection;
using System.Text;
using Tidewire.Protocol;

namespace Tidewire.Tests.Protocol;

public sealed class CodesTests
{
    private static readonly Disconnect[] Disconnects = [.. Constants<Disconnect>()];

    [Fact]
    public void No_error_code_has_the_number_or_name_of_another()
    {
        Assert.Equal(Constants<ErrorCode>().OrderBy(code => code.Number), ErrorCode.All.OrderBy(code => code.Number));
        Assert.Distinct(ErrorCode.All.Select(code => code.Number));
        Assert.Distinct(ErrorCode.All.Select(code => code.Name));
        Assert.All(ErrorCode.All, code => Assert.Matches("^[a-z]+(_[a-z]+)*$", code.Name));
    }

    [Fact]
    public void No_closing_code_has_two_meanings()
    {
        Assert.Distinct(Disconnects.Select(disconnect => disconnect.Code));
        Assert.Equal([1001, 1008, 1009, 4001, 4003, 4008, 4009, 4010], Disconnects.Select(disconnect => (int)disconnect.Code).Order());
    }

    [Fact]
    public void A_closing_code_says_whether_to_come_back()
        => Assert.Equal([1001, 4008, 4009, 4010], Disconnects.Where(disconnect => disconnect.Reconnect).Select(disconnect => (int)disconnect.Code).Order());

    [Theory]
    [InlineData("x")]
    [InlineData("é")]
    [InlineData("😀")]
    public void A_reason_fits_a_close_frame(string letter)
    {
        Assert.All(Disconnects, disconnect => Assert.InRange(Encoding.UTF8.GetByteCount(disconnect.Reason), 1, 123));
        Assert.InRange(Encoding.UTF8.GetByteCount(Disconnect.Policy.Because(string.Concat(Enumerable.Repeat(letter, 500))).Reason), 1, 123);
    }

    private static IEnumerable<T> Constants<T>() => typeof(T).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetValue(null)).OfType<T>();
}
