using Tidewire.Fanout;

namespace Tidewire.Server.Recording;

/// <summary>The day files of a store, and what is read from them. Any thread reads; one at a time adds and removes.</summary>
/// <param name="days">Those of every epoch, oldest first.</param>
/// <param name="refusal">What to throw when a day cannot be read.</param>
/// <param name="noteDamage">Told of a day that was found to be damaged.</param>
internal sealed class StoredDays(DayFile[] days, Func<SqliteException, string, LogStoreException> refusal, Action<DayFile> noteDamage)
{
    private DayFile[] _days = days; // replaced whole

    /// <summary>All of them, oldest first.</summary>
    public DayFile[] All => Volatile.Read(ref _days);

    /// <summary>The day that is written: the newest of the epoch.</summary>
    public DayFile? Current => Array.FindLast(All, static day => day.IsOfLog);

    /// <summary>Adds the newest.</summary>
    public void Add(DayFile day) => Volatile.Write(ref _days, [.. _days, day]);

    /// <summary>Takes one out.</summary>
    public void Remove(DayFile day) => Volatile.Write(ref _days, [.. _days.Where(other => other != day)]);

    /// <inheritdoc cref="ILogStore.Read"/>
    public IReadOnlyList<Publication> Read(string channel, long from, long below, int most, int mostBytes)
    {
        var days = All;
        var read = new List<Publication>();
        long bytes = mostBytes;
        for (var i = FirstDay(days, channel, from); i < days.Length && read.Count < most; i++)
        {
            if (!TryGet(days[i], channel, out var rows))
            {
                continue;
            }

            if (rows.First >= below)
            {
                break;
            }

            var all = false;
            if (!TryUse(days[i], reader => all = reader.Read(rows, from, below, most, ref bytes, read)) || !all)
            {
                break; // enough, or removed by retention in between: what follows would leave a hole
            }
        }

        return read;
    }

    /// <inheritdoc cref="ILogStore.OffsetBack"/>
    public long? OffsetBack(string channel, long below, int count)
    {
        var days = All;
        long? last = null;
        for (var i = days.Length - 1; i >= 0 && count > 0; i--)
        {
            if (TryGet(days[i], channel, out var rows) && rows.First < below)
            {
                long? passed = null;
                if (!TryUse(days[i], reader => passed = reader.Back(rows, below, ref count)))
                {
                    break;
                }

                last = passed ?? last;
            }
        }

        return last;
    }

    /// <inheritdoc cref="ILogStore.FirstOffset"/>
    public long? FirstOffset(string channel)
    {
        foreach (var day in All)
        {
            if (TryGet(day, channel, out var rows))
            {
                return rows.First;
            }
        }

        return null;
    }

    /// <summary>Uses a connection to a day. False when the day is removed.</summary>
    public bool TryUse(DayFile day, Action<DayReader> use)
    {
        try
        {
            if (day.Rent() is not { } reader)
            {
                return false;
            }

            try
            {
                use(reader);
            }
            catch
            {
                reader.Dispose();
                throw;
            }

            day.Return(reader);
            return true;
        }
        catch (SqliteException) when (day.IsRetired)
        {
            return false;
        }
        catch (SqliteException exception)
        {
            if (exception.IsDamage)
            {
                noteDamage(day);
            }

            throw refusal(exception, $"{day.Name} cannot be read");
        }
    }

    private static bool TryGet(DayFile day, string channel, out ChannelRows rows)
    {
        rows = default;
        return day.IsOfLog && day.TryGet(channel, out rows);
    }

    /// <summary>The newest day that begins at or before an offset of a channel.</summary>
    private static int FirstDay(DayFile[] days, string channel, long from)
    {
        for (var i = days.Length - 1; i > 0; i--)
        {
            if (TryGet(days[i], channel, out var rows) && rows.First <= from)
            {
                return i;
            }
        }

        return 0;
    }
}
