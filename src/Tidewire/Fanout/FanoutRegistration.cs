using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Tidewire.Fanout;

/// <summary>Registers the room.</summary>
public static class FanoutRegistration
{
    /// <summary>Adds the hub, the feed catalogue and their options.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="simulated">Whether what will be published is simulated.</param>
    public static IServiceCollection AddFanout(this IServiceCollection services, bool simulated)
    {
        services.AddOptions<FanoutOptions>().BindConfiguration(FanoutOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => FeedCatalogue.Load(provider.GetRequiredService<IOptions<FanoutOptions>>().Value.CatalogueFile));
        services.AddSingleton(provider => new Hub(
            provider.GetRequiredService<IOptions<FanoutOptions>>(),
            simulated,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Hub>>(),
            provider.GetService<IMeterFactory>(),
            provider.GetService<ILogStore>()));
        return services;
    }
}
