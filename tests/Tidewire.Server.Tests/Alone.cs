namespace Tidewire.Server.Tests;

/// <summary>Tests that measure time or load: they run one after another when the others are done.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
