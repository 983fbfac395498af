using System.CommandLine;
using Tidewire.Server.Verbs;

var root = new RootCommand("Tidewire: one upstream connection in, any number of clients out.")
{
    ServeVerb.Create(),
};
root.SetAction(static (_, cancellation) => ServeVerb.RunAsync(cancellation));
return await root.Parse(args).InvokeAsync();
