using System.Text.Json;
using Tidewire.Tests.Architecture;

namespace Tidewire.Server.Tests.Contract;

/// <summary>The JSON in docs/protocol.md against both documents and the running server.</summary>
public sealed class ProtocolDocumentTests : ContractTest
{
    [Fact]
    public void Every_JSON_block_is_a_message_or_an_answer_that_is_documented()
    {
        var described = Candidates().ToArray();
        var blocks = Blocks().ToArray();
        Assert.True(blocks.Length > 20, $"{blocks.Length} blocks");
        Assert.All(blocks, block =>
        {
            var tried = described.Select(candidate => (candidate.Name, Faults: candidate.Faults(block))).ToArray();
            var nearest = tried.MinBy(one => one.Faults.Sum(Weight));
            Assert.True(nearest.Faults.Count == 0, $"{block.GetRawText()}\nis nothing that is documented; nearest is {nearest.Name}: {string.Join("; ", nearest.Faults)}");
        });
        Figure("JSON examples of docs/protocol.md that are as documented", blocks.Length);
    }

    [Fact]
    public async Task Every_message_of_a_client_in_it_is_taken()
    {
        await InStateAsync(null);
        var contract = SocketContract.Served;
        var client = await ConnectAsync();
        var clients = contract.MessagesOf("many").Where(message => message.FromClient).ToArray();
        var sent = Blocks().Where(block => Array.Exists(clients, message => contract.Schemas.Faults(message.Payload, block).Count == 0)).ToArray();
        Assert.True(sent.Length >= 6, $"{sent.Length} messages");
        foreach (var message in sent)
        {
            await client.SendTextAsync(message.GetRawText());
            Assert.DoesNotContain(await client.UntilPongAsync(), answer => contract.Recognise("many", answer).Name == "error");
        }
    }

    /// <summary>What is wrong with the whole weighs more than what is wrong inside: it is then probably something else.</summary>
    private static int Weight(string fault) => fault.StartsWith("$: is ", StringComparison.Ordinal) ? 10_000 : fault.StartsWith("$:", StringComparison.Ordinal) || !fault[2..fault.IndexOf(':', StringComparison.Ordinal)].Contains('.', StringComparison.Ordinal) ? 100 : 1;

    private static IEnumerable<(string Name, Func<JsonElement, IReadOnlyList<string>> Faults)> Candidates()
    {
        foreach (var message in SocketContract.Served.Messages.Values)
        {
            yield return (message.Name, value => SocketContract.Served.Schemas.Faults(message.Payload, value));
        }

        var http = HttpContract.Served;
        foreach (var operation in http.Operations)
        {
            foreach (var response in operation.Description.GetProperty("responses").EnumerateObject())
            {
                if (http.Schemas.Resolved(response.Value).TryGetProperty("content", out var contents) && contents.TryGetProperty("application/json", out var content) && !operation.Path.EndsWith(".json", StringComparison.Ordinal))
                {
                    yield return ($"{operation} {response.Name}", value => http.Schemas.Faults(content.GetProperty("schema"), value));
                }
            }
        }
    }

    /// <summary>What stands between fences that say json: one value, or one to a line.</summary>
    private static IEnumerable<JsonElement> Blocks()
    {
        var path = Path.Combine(Repository.Root?.FullName ?? throw new DirectoryNotFoundException("Tidewire.slnx stands in no folder above the tests; set TIDEWIRE_ROOT."), "docs", "protocol.md");
        foreach (var block in File.ReadAllText(path).Split("```json\n").Skip(1).Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)]))
        {
            var lines = block.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            foreach (var value in Array.TrueForAll(lines, line => line[0] == '{' && line[^1] == '}') ? lines : [block])
            {
                yield return JsonDocument.Parse(value).RootElement;
            }
        }
    }
}
