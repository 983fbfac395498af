namespace Tidewire.Tests;

/// <summary>Tests that nothing else may run beside: they wait until the thread pool is at rest.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
