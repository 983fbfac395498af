using Tidewire.Fanout;

namespace Tidewire.Server.Recording;

/// <summary>What a store says when its disk refuses: what could not be done, why, and what to do.</summary>
internal static class StoreRefusal
{
    /// <summary>The database refused.</summary>
    /// <param name="folder">The store's folder.</param>
    /// <param name="what">What could not be done.</param>
    /// <param name="exception">What the database said.</param>
    public static LogStoreException Of(string folder, string what, SqliteException exception)
    {
        var advice = exception switch
        {
            { IsFull: true } => "The disk is full: make room on it, or lower Recording:RetentionBytes; it goes on as soon as there is room.",
            { IsDamage: true } => "The file is damaged: the next start sets it aside and goes on with a new epoch.",
            { IsAccess: true } => "Make sure that the folder and its files are there and can be written by the user that runs Tidewire.",
            _ => "Check the disk; it goes on as soon as the disk does.",
        };
        return new LogStoreException($"The recording in {folder}: {what}: {exception.Message}. {advice}", exception);
    }

    /// <summary>The files are gone.</summary>
    /// <param name="folder">The store's folder.</param>
    public static LogStoreException OfRemoved(string folder)
        => new($"The recording in {folder}: its files were removed while they were in use. Nothing is kept any more: restart Tidewire to begin a new recording.");
}
