using System.Security.Cryptography;
using Tidewire.Fanout;

namespace Tidewire.Server.Recording;

/// <summary>How a store is opened: what is there, what of it can be trusted, and whether the past was lost.</summary>
/// <param name="folder">The folder.</param>
/// <param name="simulated">Whether simulated data is kept in it.</param>
/// <param name="logger">Where to log.</param>
internal sealed partial class StoreOpening(StoreFolder folder, bool simulated, ILogger logger)
{
    private const string SimulatedPrefix = "sim-";

    private readonly List<DayFile> _days = [];
    private readonly Dictionary<string, StoredChannel> _channels = new(StringComparer.Ordinal);
    private string? _lost;

    /// <summary>Opens it.</summary>
    /// <exception cref="SqliteException">The disk refused.</exception>
    /// <exception cref="InvalidDataException">It is newer or of the other kind.</exception>
    public (StoreCatalogue Catalogue, DayFile[] Days, IReadOnlyList<StoredChannel> Channels) Run()
    {
        var names = folder.Days;
        var catalogue = OpenCatalogue();
        try
        {
            if (catalogue is null)
            {
                _lost ??= names.Count > 0 ? $"{folder.CataloguePath} is missing" : null;
                catalogue = StoreCatalogue.Create(folder.CataloguePath, NewEpoch());
            }

            if (catalogue.Epoch.StartsWith(SimulatedPrefix, StringComparison.Ordinal) != simulated)
            {
                throw new InvalidDataException($"The recording folder {folder.Path} holds {(simulated ? "real" : "simulated")} data, and {(simulated ? "simulated" : "real")} data is never kept with it. Set TIDEWIRE_DATA to another folder.");
            }

            // The newest first: an entry of it is the newest of its channel.
            foreach (var name in names.Reverse())
            {
                OpenDay(name, catalogue);
            }

            _days.Reverse();
            MissDays(catalogue);
            return _lost is null ? Trusted(catalogue) : Anew(catalogue);
        }
        catch
        {
            catalogue?.Dispose();
            throw;
        }
    }

    private static bool IsDamage(SqliteException exception) => exception.IsDamage || exception.IsMismatch;

    private StoreCatalogue? OpenCatalogue()
    {
        try
        {
            return StoreCatalogue.Open(folder.CataloguePath);
        }
        catch (SqliteException exception) when (IsDamage(exception))
        {
            SetAside(folder.CataloguePath, exception.Message);
            _lost = $"{folder.CataloguePath} is damaged";
            return null;
        }
    }

    private void OpenDay(DayName name, StoreCatalogue catalogue)
    {
        var path = Path.Combine(folder.Path, name.ToString());
        var isListed = catalogue.Days.TryGetValue(name.ToString(), out var isDamaged);
        string? damage = isDamaged ? "it was found to be when it was used" : null;
        if (!isDamaged)
        {
            try
            {
                var epoch = DayReader.EpochOf(path);
                if (epoch is null && !isListed)
                {
                    new DayFile(folder.Path, name, isOfLog: false).Delete(); // its making was cut short
                    return;
                }

                damage = epoch is null ? "it is empty" : null;
                if (epoch is not null)
                {
                    _days.Add(Load(new DayFile(folder.Path, name, isOfLog: epoch == catalogue.Epoch)));
                }
            }
            catch (SqliteException exception) when (IsDamage(exception))
            {
                damage = exception.Message;
            }
        }

        if (damage is not null)
        {
            SetAside(path, damage);
            _lost ??= isListed ? $"{path} is damaged" : null; // one of a former epoch was of no use here
        }
    }

    private DayFile Load(DayFile day)
    {
        if (!day.IsOfLog)
        {
            return day;
        }

        using var reader = new DayReader(day.Path);
        reader.ReadChannels((channel, rows) =>
        {
            if (rows.Id is < 1 or > (long.MaxValue >> 40) - 1 || rows.First is < 1 or > ChannelRows.MaxOffset)
            {
                throw SqliteException.Damaged($"the channel {rows.Id} is impossible");
            }

            day.Add(channel, rows);
        });
        foreach (var (channel, rows) in day.Channels)
        {
            if (!_channels.ContainsKey(channel) && reader.Newest(rows) is { } newest)
            {
                _channels.Add(channel, new StoredChannel(channel, newest.Offset, newest.Offset, newest.ReceivedAt));
            }
        }

        return day;
    }

    /// <summary>Days that are listed but not there. The oldest may have been taken away by hand, which is what retention does.</summary>
    private void MissDays(StoreCatalogue catalogue)
    {
        var oldest = _days.FirstOrDefault(static day => day.IsOfLog);
        foreach (var listed in catalogue.Days.Keys)
        {
            if (!DayName.TryParse(listed, out var name) || File.Exists(Path.Combine(folder.Path, listed)) || _days.Exists(day => day.Name == name))
            {
                continue;
            }

            if (oldest is null || name.CompareTo(oldest.Name) > 0)
            {
                _lost ??= $"{Path.Combine(folder.Path, listed)} is missing";
            }
            else
            {
                catalogue.RemoveDay(listed, []);
            }
        }
    }

    private (StoreCatalogue Catalogue, DayFile[] Days, IReadOnlyList<StoredChannel> Channels) Trusted(StoreCatalogue catalogue)
    {
        foreach (var day in _days)
        {
            if (day.IsOfLog && !catalogue.Days.ContainsKey(day.Name.ToString()))
            {
                catalogue.AddDay(day.Name.ToString());
            }
        }

        foreach (var (channel, (through, knownAt)) in catalogue.Reservations)
        {
            _channels[channel] = _channels.TryGetValue(channel, out var known)
                ? known with { Mark = Math.Max(known.Tail, through) }
                : new StoredChannel(channel, 0, through, knownAt);
        }

        return (catalogue, [.. _days], [.. _channels.Values]);
    }

    private (StoreCatalogue Catalogue, DayFile[] Days, IReadOnlyList<StoredChannel> Channels) Anew(StoreCatalogue catalogue)
    {
        catalogue.StartAnew(NewEpoch());
        Log.PastLost(logger, _lost!, folder.Path);
        return (catalogue, [.. _days.Select(day => new DayFile(folder.Path, day.Name, isOfLog: false))], []);
    }

    private void SetAside(string path, string damage)
    {
        try
        {
            Log.SetAside(logger, path, damage, StoreFolder.SetAside(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} is damaged ({damage}) and cannot be set aside: {exception.Message} Move it elsewhere by hand, then start again.", exception);
        }
    }

    private string NewEpoch() => (simulated ? SimulatedPrefix : "") + RandomNumberGenerator.GetHexString(16, lowercase: true);

    private static partial class Log
    {
        [LoggerMessage(402, LogLevel.Warning, "{Path} is damaged ({Damage}) and was set aside as {Aside}. Remove it when you no longer need it.", EventName = "RecordingSetAside")]
        public static partial void SetAside(ILogger logger, string path, string damage, string aside);

        [LoggerMessage(403, LogLevel.Warning, "The past of the logs is lost: {Reason}. A new epoch begins; older files in {Folder} are kept for playback until retention removes them.", EventName = "PastLost")]
        public static partial void PastLost(ILogger logger, string reason, string folder);
    }
}
