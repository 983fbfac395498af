using System.CommandLine;

namespace Tidewire.Server.Verbs;

/// <summary><c>tidewire serve</c>: runs the server until it is told to stop.</summary>
internal static class ServeVerb
{
    public static Command Create()
    {
        var command = new Command("serve", """
            Runs the server. This is what happens when no verb is given.

            Settings come from the environment:
              UW_API_TOKEN          the provider's token (or UW_KEY, or UW_API_TOKEN_FILE); none: a simulated market
              TIDEWIRE_UPSTREAM     auto, uw, simulated or none (default auto)
              TIDEWIRE_URLS         where to listen (default http://127.0.0.1:8000)
            and anything else as Room__Option, such as Upstream__MaxChannels=45.

            Examples:
              tidewire serve
              TIDEWIRE_URLS=http://127.0.0.1:9000 tidewire
              UW_API_TOKEN_FILE=/run/secrets/uw tidewire serve
            """);
        command.SetAction(static (_, cancellation) => RunAsync(cancellation));
        return command;
    }

    public static async Task<int> RunAsync(CancellationToken cancellation)
    {
        ServerApp app;
        try
        {
            app = ServerApp.Build();
        }
        catch (SettingsException exception)
        {
            await Console.Error.WriteLineAsync($"Tidewire cannot start: {exception.Message}");
            return 1;
        }

        await using (app)
        {
            return await app.RunAsync(Console.Out, cancellation);
        }
    }
}
