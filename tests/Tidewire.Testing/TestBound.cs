using System.Globalization;

namespace Tidewire.Testing;

/// <summary>
/// The one upper bound of every await in the tests. It is never reached by a test that passes, so it can be generous:
/// 20 s, or <c>TIDEWIRE_TEST_BOUND_SECONDS</c>.
/// </summary>
public static class TestBound
{
    /// <summary>How long a test waits for anything before it fails.</summary>
    public static TimeSpan Value { get; } = FromEnvironment();

    /// <summary>Awaits the task, at most for the bound. Throws <see cref="TimeoutException"/> naming what was waited for.</summary>
    public static async Task WithinBound(this Task task, string what)
    {
        try
        {
            await task.WaitAsync(Value);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw Exceeded(Value, what);
        }
    }

    /// <inheritdoc cref="WithinBound(Task, string)"/>
    public static async Task<T> WithinBound<T>(this Task<T> task, string what)
    {
        await ((Task)task).WithinBound(what);
        return await task;
    }

    internal static TimeoutException Exceeded(TimeSpan bound, string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Waited {bound.TotalSeconds:0.###} s for {what}."));

    private static TimeSpan FromEnvironment()
    {
        var text = Environment.GetEnvironmentVariable("TIDEWIRE_TEST_BOUND_SECONDS");
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.FromSeconds(20);
    }
}
