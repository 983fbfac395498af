using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tidewire.Fanout;
using Tidewire.Market;
using Tidewire.Upstream.UnusualWhales;

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
        services.AddSingleton(provider => new SilenceWatch(source == PublicationSource.Simulated ? null : provider.GetRequiredService<MarketCalendar>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Demand>();
        services.AddSingleton(provider => new TickerFeed(provider.GetRequiredService<Hub>(), provider.GetRequiredService<FeedCatalogue>(), provider.GetService<IReferencePrices>()));
        services.AddSingleton(_ => new ReconnectBackoff(new Random()));
        services.AddSingleton(provider => new SeenPublications(provider.GetRequiredService<FeedCatalogue>()));
        services.AddSingleton<UpstreamMetrics>();
        services.AddSingleton<SampledMessages>();
        services.AddSingleton<UpstreamPump>();
        services.AddSingleton(provider => new ChannelTruth(provider.GetRequiredService<Hub>(), provider.GetRequiredService<Demand>(), provider.GetService<UnusualWhalesPoller>()));
        services.AddSingleton<FeedAnnouncements>();
        return services;
    }

    /// <summary>Adds the provider's REST side: its budget, and the poller that feeds channels from it.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="address">The provider's address.</param>
    /// <param name="token">The provider's token.</param>
    /// <param name="store">Keeps the ledger of requests.</param>
    /// <param name="configure">What settings outside of the section <c>RequestBudget</c> say.</param>
    /// <param name="inProcess">Answers in place of the network; null for the network.</param>
    public static IServiceCollection AddRest(
        this IServiceCollection services,
        Uri address,
        string token,
        IRequestLedgerStore store,
        Action<RequestBudgetOptions> configure,
        Func<IServiceProvider, HttpMessageHandler>? inProcess)
    {
        services.AddOptions<RequestBudgetOptions>().BindConfiguration(RequestBudgetOptions.Section).Configure(configure).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<RequestBudgetOptions>, BudgetCheck>();
        services.AddSingleton(_ => store); // made by a factory, so that it is disposed with the others
        services.AddSingleton(provider => new RequestBudget(
            provider.GetRequiredService<IOptions<RequestBudgetOptions>>().Value,
            provider.GetRequiredService<MarketCalendar>(),
            provider.GetRequiredService<IRequestLedgerStore>(),
            provider.GetRequiredService<TimeProvider>(),
            new Random()));
        services.AddSingleton(provider => new UnusualWhalesRest(
            address,
            token,
            provider.GetRequiredService<RequestBudget>(),
            provider.GetRequiredService<IOptions<RequestBudgetOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            inProcess?.Invoke(provider)));
        services.AddSingleton<RestAccess>().AddSingleton<RestProbe>();
        services.AddSingleton(provider => new UnusualWhalesPoller(
            provider.GetRequiredService<UnusualWhalesRest>(),
            provider.GetRequiredService<RequestBudget>(),
            provider.GetRequiredService<IOptions<RequestBudgetOptions>>(),
            provider.GetRequiredService<Hub>(),
            provider.GetRequiredService<FeedCatalogue>(),
            provider.GetRequiredService<Demand>(),
            provider.GetRequiredService<UpstreamStatus>(),
            provider.GetRequiredService<TickerFeed>(),
            provider.GetService<StockStates>(),
            provider.GetRequiredService<IOptions<UpstreamOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<UnusualWhalesPoller>>(),
            provider.GetRequiredService<RestAccess>()));
        services.AddSingleton<RestMetrics>();
        return services;
    }

    /// <summary>Adds the day's prices of tickers, as the provider's REST side tells them.</summary>
    /// <param name="services">Where to.</param>
    public static IServiceCollection AddStockStates(this IServiceCollection services)
        => services.AddSingleton<StockStates>().AddSingleton<IReferencePrices>(static provider => provider.GetRequiredService<StockStates>());

    private sealed class BudgetCheck : IValidateOptions<RequestBudgetOptions>
    {
        public ValidateOptionsResult Validate(string? name, RequestBudgetOptions options)
            => options.Check() is { } wrong ? ValidateOptionsResult.Fail(wrong) : ValidateOptionsResult.Success;
    }
}
