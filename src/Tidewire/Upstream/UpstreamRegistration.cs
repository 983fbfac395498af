using Microsoft.Extensions.DependencyInjection;
using Tidewire.Fanout;

namespace Tidewire.Upstream;

/// <summary>Registers the room.</summary>
public static class UpstreamRegistration
{
    /// <summary>Adds the pump and what it works with; the upstream itself is registered apart.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="name">The upstream's name.</param>
    /// <param name="source">What its publications carry as source; null when there is none.</param>
    public static IServiceCollection AddUpstream(this IServiceCollection services, string name, PublicationSource? source)
    {
        services.AddOptions<UpstreamOptions>().BindConfiguration(UpstreamOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => new UpstreamStatus(name, source, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Demand>();
        services.AddSingleton(provider => new TickerFeed(provider.GetRequiredService<Hub>(), provider.GetRequiredService<FeedCatalogue>(), provider.GetService<IReferencePrices>()));
        services.AddSingleton(_ => new ReconnectBackoff(new Random()));
        services.AddSingleton<UpstreamMetrics>();
        services.AddSingleton<UpstreamPump>();
        return services;
    }
}
