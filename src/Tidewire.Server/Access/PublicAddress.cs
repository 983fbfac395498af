using System.Net;

namespace Tidewire.Server.Access;

/// <summary>Tells addresses that only this machine reaches from all others.</summary>
internal static class PublicAddress
{
    /// <summary>True for 127.0.0.0/8, ::1 and the name <c>localhost</c>; false for wildcards and every other name.</summary>
    public static bool IsLoopback(Uri url)
        => url.IdnHost.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(url.IdnHost.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
