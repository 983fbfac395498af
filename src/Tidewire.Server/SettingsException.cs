namespace Tidewire.Server;

/// <summary>A setting that the server cannot start with; the message says which, why, and what to do.</summary>
internal sealed class SettingsException(string message) : Exception(message);
