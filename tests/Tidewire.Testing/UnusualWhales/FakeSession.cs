using System.Collections.Immutable;
using System.Text;
using Tidewire.Testing.WebSockets;

namespace Tidewire.Testing.UnusualWhales;

/// <summary>One upgraded connection of <see cref="FakeUnusualWhales"/>: joins, acks, data and the script that spoils them.</summary>
internal sealed class FakeSession(FakeUnusualWhales provider, ServerWire wire, bool neverSpeaks)
{
    private readonly List<Task> _lateAcks = [];
    private ImmutableHashSet<string> _joined = [];
    private ImmutableHashSet<string> _heldAcks = [];
    private int _textFrames;

    public ServerWire Wire { get; } = wire;

    /// <summary>Forms that were asked for and neither refused, lost nor left.</summary>
    public ImmutableHashSet<string> Joined => _joined;

    /// <summary>This side has begun to close: nothing more is sent.</summary>
    public bool HasParted { get; private set; }

    private Misbehaviour Script => provider.Misbehaviour;

    /// <summary>Whether frames go out as they are and nothing hangs on them, so that many can share one write.</summary>
    public bool FramesAreWhole => Script.FramesAreWhole && _heldAcks.IsEmpty;

    /// <summary>Whether data would reach the client now.</summary>
    public bool Speaks =>
        !HasParted && !neverSpeaks && !Script.Silent && !Script.HalfOpen
        && !(Script.MuteAfterFrames is { } frames && _textFrames >= frames)
        && !(Script.OneConnectionReceives && provider.Oldest != this);

    /// <summary>Says what the script puts at the beginning, in the turn of the upgrade's answer.</summary>
    public async ValueTask OpenAsync(ServerWire.Turn turn)
    {
        foreach (var frame in Speaks ? Script.OpeningFrames : [])
        {
            await turn.WriteTextAsync(Encoding.UTF8.GetBytes(frame), Script);
            _textFrames++;
        }
    }

    /// <summary>Serves the connection until either side ends it.</summary>
    public async Task RunAsync()
    {
        if (Script.TakeShed())
        {
            await PartAsync(Script.ShedBy);
        }

        try
        {
            await ReadAsync();
        }
        finally
        {
            Wire.HangUp(reset: false);
            await Task.WhenAll(_lateAcks);
        }
    }

    /// <summary>Sends one text message, spoiled as scripted. False when the script swallowed it.</summary>
    public async ValueTask<bool> SendTextAsync(ReadOnlyMemory<byte> text, string? form = null)
    {
        for (var copy = 0; copy < Script.CopiesPerFrame; copy++)
        {
            if (!Speaks)
            {
                return copy > 0;
            }

            using (var turn = await Wire.TakeTurnAsync())
            {
                await turn.WriteTextAsync(text, Script);
            }

            await CountAsync(1);
        }

        if (form is not null && ImmutableInterlocked.Update(ref _heldAcks, held => held.Remove(form)))
        {
            await SendTextAsync(ProviderFrames.Ack(form));
        }

        return true;
    }

    /// <summary>Writes frames that are already encoded, in one go. False when nothing may be said now.</summary>
    public async ValueTask<bool> SendEncodedAsync(ReadOnlyMemory<byte> frames, int count)
    {
        if (!Speaks)
        {
            return false;
        }

        await Wire.WriteAsync(frames);
        await CountAsync(count);
        return true;
    }

    /// <summary>Ends the connection; from here on nothing is sent and no channel counts as joined.</summary>
    public async ValueTask PartAsync(Parting parting)
    {
        HasParted = true;
        _joined = [];
        if (parting.Code is { } code)
        {
            await Wire.WriteAsync(FrameBytes.Encode(Opcode.Close, FrameBytes.ClosePayload(code, parting.Reason)));
        }
        else
        {
            Wire.HangUp(reset: parting == Parting.Reset);
        }
    }

    private async Task ReadAsync()
    {
        var reader = new FrameReader(Wire.Stream);
        var message = new MemoryStream();
        var kind = Opcode.Text;
        while (await reader.NextAsync(Wire.Ended) is { } frame)
        {
            if (!frame.WasMasked)
            {
                provider.Violation("a client frame was not masked");
                await PartAsync(Parting.Close(1002, "unmasked frame"));
            }

            if (Script.HalfOpen)
            {
                continue;
            }

            switch (frame.Opcode)
            {
                case Opcode.Close:
                    await AnswerCloseAsync(frame.Payload);
                    return;
                case Opcode.Ping:
                    provider.PingSeen();
                    if (!Script.PingsUnanswered && !HasParted)
                    {
                        await Wire.WriteAsync(FrameBytes.Encode(Opcode.Pong, frame.Payload));
                    }

                    break;
                case Opcode.Pong:
                    provider.PongSeen();
                    break;
                default:
                    kind = frame.Opcode == Opcode.Continuation ? kind : frame.Opcode;
                    message.Write(frame.Payload);
                    if (frame.Fin)
                    {
                        var bytes = message.ToArray();
                        message.SetLength(0);
                        await TakeAsync(kind, bytes);
                    }

                    break;
            }
        }
    }

    private async ValueTask AnswerCloseAsync(byte[] payload)
    {
        var code = payload.Length >= 2 ? (payload[0] << 8) | payload[1] : 1005;
        provider.CloseSeen(code, payload.Length > 2 ? Encoding.UTF8.GetString(payload.AsSpan(2)) : "");
        if (!HasParted)
        {
            HasParted = true;
            _joined = [];
            await Wire.WriteAsync(FrameBytes.Encode(Opcode.Close, payload));
        }
    }

    private async ValueTask TakeAsync(Opcode kind, byte[] bytes)
    {
        if (kind == Opcode.Binary)
        {
            provider.BinarySeen(bytes); // P28: the vendor ignores a join sent as binary.
            return;
        }

        var text = Encoding.UTF8.GetString(bytes);
        var (form, type) = ProviderFrames.ParseRequest(text);
        var lost = type == "join" && Script.TakeLostJoin();
        try
        {
            if (form is not null && !lost && !HasParted && !neverSpeaks)
            {
                await (type switch { "join" => JoinAsync(form), "leave" => LeaveAsync(form), _ => default });
            }
        }
        finally
        {
            // Last, so that a test that waits for the message also finds what it changed.
            provider.TextSeen(text, type == "leave" ? form : null);
        }
    }

    private async ValueTask LeaveAsync(string form)
    {
        ImmutableInterlocked.Update(ref _joined, joined => joined.Remove(form));
        if (Script.LeavesAcked)
        {
            await SendTextAsync(ProviderFrames.Ack(form));
        }
    }

    private async ValueTask JoinAsync(string form)
    {
        foreach (var unasked in Script.AckedUnasked)
        {
            await SendTextAsync(ProviderFrames.Ack(unasked));
        }

        if (Script.RefusedForms.Contains(form))
        {
            await SendTextAsync(ProviderFrames.RefusedJoin(form));
            return;
        }

        if (Script.ChannelLimit is { } limit && _joined.Count >= limit && !_joined.Contains(form))
        {
            await SendTextAsync(ProviderFrames.LimitReached(Script.LimitSpelling));
            return;
        }

        if (Script.DataBeforeAck?.Invoke(form) is { } payload)
        {
            await SendTextAsync(ProviderFrames.Data(form, Encoding.UTF8.GetBytes(payload)));
        }

        var acked = !Script.NeverAcked.Contains(form) && Speaks;
        if (acked && !Script.AckAfterData && Script.AckDelay == TimeSpan.Zero)
        {
            // Joined before the ack is on the wire, so that who has seen the ack can be sent data;
            // in one turn with it, so that no data overtakes the ack.
            using var turn = await Wire.TakeTurnAsync();
            Add(form);
            for (var i = 0; i < Script.AcksPerJoin; i++)
            {
                await turn.WriteTextAsync(ProviderFrames.Ack(form), Script);
            }
        }
        else
        {
            if (acked && Script.AckAfterData)
            {
                ImmutableInterlocked.Update(ref _heldAcks, held => held.Add(form));
            }

            Add(form);
            if (acked && !Script.AckAfterData)
            {
                _lateAcks.Add(AckLateAsync(form));
            }

            return;
        }

        await CountAsync(Script.AcksPerJoin);
    }

    private void Add(string form) => ImmutableInterlocked.Update(ref _joined, joined => joined.Add(form));

    private async Task AckLateAsync(string form)
    {
        try
        {
            await Task.Delay(Script.AckDelay, provider.Time, Wire.Ended);
            for (var i = 0; i < Script.AcksPerJoin; i++)
            {
                await SendTextAsync(ProviderFrames.Ack(form));
            }
        }
        catch (Exception e) when (FakeUnusualWhales.IsHangUp(e))
        {
            // The connection ended before the ack was due.
        }
    }

    private async ValueTask CountAsync(int frames)
    {
        var sent = Interlocked.Add(ref _textFrames, frames);
        if (Script.PartAfterFrames is { } last && sent >= last && !HasParted)
        {
            await PartAsync(Script.PartBy);
        }
    }
}
