namespace Tidewire.Server.Tests.Sockets;

// The same behaviour through the web server, which serves what is not plain: TLS, and requests that need a second look.

public sealed class BadInputTestsOverTheWebServer : BadInputTests
{
    protected override bool Direct => false;
}

public sealed class FuzzTestsOverTheWebServer : FuzzTests
{
    protected override bool Direct => false;
}

public sealed class LimitTestsOverTheWebServer : LimitTests
{
    protected override bool Direct => false;
}

public sealed class RecoveryTestsOverTheWebServer : RecoveryTests
{
    protected override bool Direct => false;
}

[Collection(Alone.Name)]
public sealed class SlowReaderTestsOverTheWebServer : SlowReaderTests
{
    protected override bool Direct => false;
}

public sealed class TidewireSocketTestsOverTheWebServer : TidewireSocketTests
{
    protected override bool Direct => false;
}
