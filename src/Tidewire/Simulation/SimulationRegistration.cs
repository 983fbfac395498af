using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Tidewire.Simulation;

/// <summary>Registers the room.</summary>
public static class SimulationRegistration
{
    /// <summary>
    /// Adds <see cref="SimulatedUpstream"/> with its options, bound to the section <c>Simulation</c> and validated at start.
    /// Whether it is the upstream is for the host to decide.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddSimulation(this IServiceCollection services)
    {
        services.AddOptions<SimulationOptions>().BindConfiguration(SimulationOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SimulatedUpstream>();
        return services;
    }
}
