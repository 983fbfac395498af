using Microsoft.Extensions.Options;
using Tidewire.Market;
using Tidewire.Upstream;

namespace Tidewire.Server.Market;

/// <summary>Registers the exchange's calendar and the feed that tells whether the market is open.</summary>
internal static class MarketRegistration
{
    public static IServiceCollection AddMarket(this IServiceCollection services)
    {
        services.AddOptions<MarketOptions>().BindConfiguration(MarketOptions.Section);
        services.AddSingleton(static provider => MarketCalendar.Load(provider.GetRequiredService<IOptions<MarketOptions>>().Value.CalendarFile));
        services.AddSingleton<MarketStatusFeed>();
        services.AddHostedService<MarketStatusHost>();
        return services;
    }

    private sealed class MarketStatusHost(MarketStatusFeed feed) : BackgroundService
    {
        public override Task StartAsync(CancellationToken cancellationToken)
        {
            feed.Tell(); // before the first client can ask
            return base.StartAsync(cancellationToken);
        }

        protected override Task ExecuteAsync(CancellationToken stoppingToken) => feed.RunAsync(stoppingToken);
    }
}
