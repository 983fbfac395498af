using System.CommandLine;
using Tidewire.Server.Verbs;

var root = new RootCommand("Tidewire: one upstream connection in, any number of clients out.")
{
    ServeVerb.Create(),
    TailVerb.Create(),
    DoctorVerb.Create(),
};
root.SetAction(static (_, cancellation) => ServeVerb.RunAsync(cancellation));
// Signals are the host's: it drains the clients, which takes longer than the two seconds the parser would leave.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
