using System.Globalization;

namespace Tidewire.Server.Recording;

/// <summary>
/// The folder of a store. A file in it is held while it is used, so that two processes never write into one store; the
/// system lets go of it when a process is killed.
/// </summary>
internal sealed class StoreFolder : IDisposable
{
    private const string LockName = "store.lock";

    private readonly FileStream _lock;

    /// <summary>Takes a folder; makes it when it is missing.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="InvalidDataException">Another process has it, or it cannot be written.</exception>
    public StoreFolder(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"The recording folder {Path} cannot be made: {exception.Message} Set TIDEWIRE_DATA to a folder that can be written, or Recording__Enabled=false to keep nothing.", exception);
        }

        try
        {
            _lock = new FileStream(System.IO.Path.Combine(Path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new InvalidDataException($"The recording folder {Path} cannot be written: {exception.Message} Set TIDEWIRE_DATA to a folder that can be, or Recording__Enabled=false to keep nothing.", exception);
        }
        catch (IOException exception)
        {
            throw new InvalidDataException($"The recording folder {Path} is in use by another process, or cannot be written: {exception.Message} Stop the other one, or set TIDEWIRE_DATA to another folder.", exception);
        }
    }

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <summary>Where the catalogue is.</summary>
    public string CataloguePath => System.IO.Path.Combine(Path, "catalogue.db");

    /// <summary>Bytes that all its files take.</summary>
    public long Bytes
    {
        get
        {
            var bytes = 0L;
            try
            {
                foreach (var file in new DirectoryInfo(Path).EnumerateFiles())
                {
                    try
                    {
                        bytes += file.Length;
                    }
                    catch (IOException)
                    {
                        // removed in between
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // the folder is gone, or cannot be listed: whoever writes to it says so
            }

            return bytes;
        }
    }

    /// <summary>Whether a file that is in use was removed. A disk that cannot say has not lost it.</summary>
    /// <param name="path">The file.</param>
    public static bool IsGone(string path)
    {
        try
        {
            _ = File.GetAttributes(path);
            return false;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The names of its day files, oldest first.</summary>
    public IReadOnlyList<DayName> Days
    {
        get
        {
            var days = new List<DayName>();
            foreach (var file in Directory.EnumerateFiles(Path, "*.db"))
            {
                if (DayName.TryParse(System.IO.Path.GetFileName(file), out var name))
                {
                    days.Add(name);
                }
            }

            days.Sort();
            return days;
        }
    }

    /// <summary>Gives a damaged file another name, with its write-ahead log.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Its new path.</returns>
    public static string SetAside(string path)
    {
        var number = 1;
        string aside;
        do
        {
            aside = string.Create(CultureInfo.InvariantCulture, $"{path}.corrupt-{number++}");
        }
        while (File.Exists(aside));

        if (File.Exists(path + "-wal"))
        {
            File.Move(path + "-wal", aside + "-wal", overwrite: true);
        }

        File.Delete(path + "-shm");
        File.Move(path, aside);
        return aside;
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
