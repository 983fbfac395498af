using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Tidewire.Fanout;
using Tidewire.Market;
using Tidewire.Recording;

namespace Tidewire.Server.Recording;

/// <summary>Registers the recording: where publications outlive the process.</summary>
internal static class RecordingRegistration
{
    /// <summary>Adds the store, unless recording is turned off, and what looks after it. Before whatever publishes, so that it ends after it.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="configuration">Tells whether it is turned off.</param>
    /// <param name="dataFolder">Below it the store has a folder of its own, another for simulated data.</param>
    /// <param name="simulated">Whether what will be published is simulated.</param>
    public static IServiceCollection AddRecording(this IServiceCollection services, IConfiguration configuration, string dataFolder, bool simulated)
    {
        services.AddOptions<RecordingOptions>().BindConfiguration(RecordingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        if (!configuration.GetValue($"{RecordingOptions.Section}:{nameof(RecordingOptions.Enabled)}", new RecordingOptions().Enabled))
        {
            return services;
        }

        services.AddSingleton(provider => new SqliteLogStore(
            Path.Combine(dataFolder, "recordings", simulated ? "simulated" : "live"),
            simulated,
            provider.GetRequiredService<IOptions<RecordingOptions>>().Value,
            provider.GetRequiredService<MarketCalendar>(),
            provider.GetRequiredService<ILogger<SqliteLogStore>>()));
        services.TryAddSingleton<ILogStore>(static provider => provider.GetRequiredService<SqliteLogStore>());
        services.AddHostedService<RecordingHost>();
        return services;
    }
}
