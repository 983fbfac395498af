using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Tidewire.Server.Sockets;

/// <summary>The opening handshake of RFC 6455 section 4.2, which hands out the bare stream that ready frames are written to.</summary>
internal static class WebSocketHandshake
{
    private const string KeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>Upgrades the request. Null when it was no upgrade or a faulty one; it is then answered.</summary>
    /// <param name="context">The request.</param>
    /// <param name="subprotocol">The one that is agreed on; null for none.</param>
    public static async Task<Stream?> AcceptAsync(HttpContext context, string? subprotocol)
    {
        var headers = context.Request.Headers;
        var upgrade = context.Features.Get<IHttpUpgradeFeature>();
        if (!HttpMethods.IsGet(context.Request.Method) || upgrade is not { IsUpgradableRequest: true }
            || !headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Headers.Upgrade = "websocket";
            await RefuseAsync(context, StatusCodes.Status426UpgradeRequired, "This address speaks WebSocket: connect with ws:// in place of http://.");
            return null;
        }

        if (headers.SecWebSocketVersion != "13")
        {
            context.Response.Headers.SecWebSocketVersion = "13";
            await RefuseAsync(context, StatusCodes.Status426UpgradeRequired, "Sec-WebSocket-Version must be 13.");
            return null;
        }

        var key = headers.SecWebSocketKey.ToString();
        if (!IsKey(key))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "Sec-WebSocket-Key must be 16 bytes in Base64.");
            return null;
        }

        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.SecWebSocketAccept = Answer(key);
        if (subprotocol is not null)
        {
            context.Response.Headers.SecWebSocketProtocol = subprotocol;
        }

        return await upgrade.UpgradeAsync();
    }

    /// <summary>Answers a request that is not upgraded.</summary>
    public static Task RefuseAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new RefusedAnswer("bad_handshake", message), AnswerJson.Default.RefusedAnswer);
    }

    /// <summary>Whether a key is one: 16 bytes in Base64.</summary>
    public static bool IsKey(string key) => Base64.IsValid(key.AsSpan(), out var length) && length == 16;

    /// <summary><c>Sec-WebSocket-Accept</c>: what proves that the key was understood.</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "RFC 6455 prescribes SHA-1 here; nothing is protected by it.")]
    public static string Answer(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + KeySuffix)));
}
