using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tidewire.Simulation.Rest;

namespace Tidewire.Simulation;

/// <summary>Registers the room.</summary>
public static class SimulationRegistration
{
    /// <summary>
    /// Adds <see cref="SimulatedUpstream"/> and <see cref="SimulatedRest"/> with their options, bound to the sections
    /// <c>Simulation</c> and <c>Simulation:Rest</c> and validated at start.
    /// Whether they are the provider is for the host to decide.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddSimulation(this IServiceCollection services)
    {
        services.AddOptions<SimulationOptions>().BindConfiguration(SimulationOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<SimulatedRestOptions>().BindConfiguration(SimulatedRestOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SimulatedUpstream>();
        services.TryAddSingleton<SimulatedRest>();
        return services;
    }
}
