using System.Runtime.InteropServices;
using SQLitePCL;

namespace Tidewire.Server.Recording;

/// <summary>
/// The native SQLite: the system's where there is one that is at least as new as the one that comes with the package,
/// since it is the one that gets repaired.
/// </summary>
internal static class NativeSqlite
{
    /// <summary>3.35.5, which comes with the package.</summary>
    private const int BundledVersion = 3_035_005;

    private static readonly Lazy<string> Loaded = new(LoadOnce);

    private delegate int Number();

    /// <summary>Loads it; cheap when that is done.</summary>
    /// <returns>Its version.</returns>
    /// <exception cref="DllNotFoundException">There is none for this system.</exception>
    public static string Load() => Loaded.Value;

    private static string LoadOnce()
    {
        var provider = typeof(SQLite3Provider_e_sqlite3).Assembly;
        if (OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libsqlite3.so.0", out var system))
        {
            if (IsUsable(system))
            {
                NativeLibrary.SetDllImportResolver(provider, (name, _, _) => name == "e_sqlite3" ? system : 0);
            }
            else
            {
                NativeLibrary.Free(system);
            }
        }

        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        return raw.sqlite3_libversion().utf8_to_string();
    }

    private static bool IsUsable(nint library)
        => Call(library, "sqlite3_libversion_number") >= BundledVersion && Call(library, "sqlite3_threadsafe") != 0;

    private static int Call(nint library, string function)
        => NativeLibrary.TryGetExport(library, function, out var address) ? Marshal.GetDelegateForFunctionPointer<Number>(address)() : 0;
}
