using System.Collections.Immutable;

namespace Tidewire.Testing.UnusualWhales;

/// <content>What a test sees and waits for.</content>
public sealed partial class FakeUnusualWhales
{
    private ImmutableList<string> _texts = [];
    private ImmutableList<byte[]> _binaries = [];
    private ImmutableList<string> _left = [];
    private ImmutableList<(int Code, string Reason)> _closes = [];
    private ImmutableList<string> _violations = [];
    private int _pings;
    private int _pongs;

    /// <summary>Every text message of the clients, in order of arrival.</summary>
    public IReadOnlyList<string> ReceivedTexts => _texts;

    /// <summary>Every binary message of the clients. The vendor ignores them (P28).</summary>
    public IReadOnlyList<byte[]> ReceivedBinaries => _binaries;

    /// <summary>Forms that were left by a leave message, in order.</summary>
    public IReadOnlyList<string> Left => _left;

    /// <summary>Close frames of the clients: P20 asks for 1000 on a redeploy.</summary>
    public IReadOnlyList<(int Code, string Reason)> ReceivedCloses => _closes;

    /// <summary>What the clients did against RFC 6455; a test should find it empty.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>How many pings the clients sent.</summary>
    public int PingsReceived => Volatile.Read(ref _pings);

    /// <summary>How many pongs the clients sent.</summary>
    public int PongsReceived => Volatile.Read(ref _pongs);

    /// <summary>How many join messages for the form arrived as text, the lost and refused ones too.</summary>
    public int JoinsOf(string form) => _texts.Count(text => text.Contains("\"join\"", StringComparison.Ordinal) && text.Contains($"\"{form}\"", StringComparison.Ordinal));

    /// <summary>Waits until any condition on this object holds; it is looked at after each event.</summary>
    public Task WaitUntilAsync(Func<FakeUnusualWhales, bool> holds, string what) =>
        _changed.UntilAsync(() => holds(this), () => $"{what}; the fake provider has {State}");

    /// <summary>Waits until the n-th upgrade since the beginning was answered with 101.</summary>
    public Task WaitForConnectionAsync(int n = 1) => WaitUntilAsync(fake => fake.ConnectionsAccepted >= n, $"connection {n}");

    /// <summary>Waits until the n-th upgrade request since the beginning, refused ones included.</summary>
    public Task WaitForHandshakeAsync(int n = 1) => WaitUntilAsync(fake => fake._handshakes.Count >= n, $"upgrade request {n}");

    /// <summary>Waits until the form is joined on an open connection.</summary>
    public Task WaitForJoinAsync(string form) => WaitUntilAsync(fake => fake._open.Any(session => session.Joined.Contains(form)), $"a join of {form}");

    /// <summary>Waits until n join messages for the form have arrived, whatever became of them.</summary>
    public Task WaitForJoinsAsync(string form, int n) => WaitUntilAsync(fake => fake.JoinsOf(form) >= n, $"{n} joins of {form}");

    /// <summary>Waits until a leave message for the form has arrived.</summary>
    public Task WaitForLeaveAsync(string form) => WaitUntilAsync(fake => fake._left.Contains(form), $"a leave of {form}");

    /// <summary>Waits until no connection is open.</summary>
    public Task WaitForDisconnectAsync() => WaitUntilAsync(fake => fake._open.IsEmpty, "all connections to end");

    /// <summary>Waits until the clients have sent n pings since the beginning.</summary>
    public Task WaitForPingAsync(int n = 1) => WaitUntilAsync(fake => fake.PingsReceived >= n, $"ping {n}");

    /// <summary>Waits until the clients have sent n pongs since the beginning.</summary>
    public Task WaitForPongAsync(int n = 1) => WaitUntilAsync(fake => fake.PongsReceived >= n, $"pong {n}");

    internal void TextSeen(string text, string? left)
    {
        ImmutableInterlocked.Update(ref _texts, all => all.Add(text));
        if (left is not null)
        {
            ImmutableInterlocked.Update(ref _left, all => all.Add(left));
        }

        _changed.Beat();
    }

    internal void BinarySeen(byte[] bytes)
    {
        ImmutableInterlocked.Update(ref _binaries, all => all.Add(bytes));
        _changed.Beat();
    }

    internal void CloseSeen(int code, string reason)
    {
        ImmutableInterlocked.Update(ref _closes, all => all.Add((code, reason)));
        _changed.Beat();
    }

    internal void Violation(string what)
    {
        ImmutableInterlocked.Update(ref _violations, all => all.Add(what));
        _changed.Beat();
    }

    internal void PingSeen()
    {
        Interlocked.Increment(ref _pings);
        _changed.Beat();
    }

    internal void PongSeen()
    {
        Interlocked.Increment(ref _pongs);
        _changed.Beat();
    }

    private string State =>
        $"{ConnectionsOpen} open of {ConnectionsAccepted} accepted connections, {_handshakes.Count} upgrade requests, "
        + $"joined [{string.Join(", ", Joined)}], {_texts.Count} text and {_binaries.Count} binary messages received";
}
