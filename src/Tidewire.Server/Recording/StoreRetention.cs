using Tidewire.Recording;

namespace Tidewire.Server.Recording;

/// <summary>Which days are kept: by age and by size, and the newest whatever its age and size.</summary>
/// <param name="options">How many days, how many bytes.</param>
internal sealed class StoreRetention(RecordingOptions options)
{
    /// <summary>The days that are not kept, oldest first: those too old, then the oldest while all together take too much.</summary>
    /// <param name="stored">The days there are.</param>
    /// <param name="today">New York's date.</param>
    public IReadOnlyList<DayFile> NotKept(StoredDays stored, DateOnly today)
    {
        var oldest = today.AddDays(1 - Math.Min(options.RetentionDays, today.DayNumber));
        DayFile[] days = [.. stored.All.OrderBy(static day => day.Name)];
        var newest = stored.Current ?? days.LastOrDefault();
        var sizes = days.Sum(static day => day.Bytes);
        var notKept = new List<DayFile>();
        foreach (var day in days)
        {
            if (day != newest && (day.Name.Date < oldest || sizes > options.RetentionBytes))
            {
                sizes -= day.Bytes;
                notKept.Add(day);
            }
        }

        return notKept;
    }
}
