using System.Text.Json;
using Tidewire.ConformanceDriver;

// The first line of stdin says what to do, each further one is a command; what happens is written to stdout, a line each.
if (await Console.In.ReadLineAsync() is not { } first)
{
    await Console.Error.WriteLineAsync("The first line of the input must be a JSON object with 'url', 'options' and 'subscriptions'.");
    return 2;
}

using var start = JsonDocument.Parse(first);
await using var driver = new Driver(start.RootElement, new EventWriter(Console.OpenStandardOutput()));
while (await Console.In.ReadLineAsync() is { } line)
{
    using var command = JsonDocument.Parse(line);
    if (!await driver.DoAsync(command.RootElement))
    {
        break;
    }
}

return 0;
