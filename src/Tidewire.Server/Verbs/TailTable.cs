using System.Globalization;
using System.Text;
using System.Text.Json;
using Tidewire.Client;

namespace Tidewire.Server.Verbs;

/// <summary>Entries as rows: columns by feed, gaps as thin rows of their own.</summary>
internal sealed class TailTable(TextWriter output, bool hasColour, bool showsChannel)
{
    private const string Dim = "\u001b[2m", Red = "\u001b[31m", Green = "\u001b[32m", Yellow = "\u001b[33m", Bold = "\u001b[1m", Plain = "\u001b[0m";
    private const int ChannelWidth = 18;
    private string? _headed;

    public void Write(Entry entry)
    {
        switch (entry)
        {
            case Publication publication:
                Row(publication);
                break;
            case Gap gap:
                Thin(string.Create(CultureInfo.InvariantCulture, $"{Clock(gap.From)} to {Clock(gap.To)}  {(gap.IsBackfilled ? "filled from elsewhere" : "missing")}: {gap.Reason}{(gap.Count is { } count ? $", {count}" : "")}"), entry.Channel);
                break;
            case Reset reset:
                Thin($"could not go on where it was: {reset.Reason}", entry.Channel);
                break;
            case Missed missed:
                Thin(string.Create(CultureInfo.InvariantCulture, $"offsets {missed.From} to {missed.To} did not come; asked for once more"), entry.Channel);
                break;
        }
    }

    private static string Clock(DateTimeOffset at) => at.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    private void Row(Publication publication)
    {
        var feed = publication.Channel.Split(':')[0];
        var columns = TailColumns.Of(feed);
        if (_headed != feed)
        {
            _headed = feed;
            var head = new StringBuilder("time".PadRight(13));
            if (showsChannel)
            {
                head.Append("channel".PadRight(ChannelWidth));
            }

            foreach (var column in columns)
            {
                head.Append(column.Fit(column.Title));
            }

            output.WriteLine(Paint(Bold, head.ToString().TrimEnd()));
        }

        var data = publication.ToJson();
        var line = new StringBuilder(Clock(publication.ReceivedAt)).Append(' ');
        if (showsChannel)
        {
            line.Append(publication.Channel.PadRight(ChannelWidth - 1)[..(ChannelWidth - 1)]).Append(' ');
        }

        foreach (var column in columns)
        {
            var text = column.Read(data);
            line.Append(Paint(Colour(column, data, text), column.Fit(text)));
        }

        output.Write(line.ToString().TrimEnd());
        Remarks(publication);
        output.WriteLine();
    }

    private void Remarks(Publication publication)
    {
        var remarks = new List<string>();
        if (publication.Replaces is { } replaces)
        {
            remarks.Add(string.Create(CultureInfo.InvariantCulture, $"corrects {replaces}"));
        }

        if (publication.Merged > 0)
        {
            remarks.Add(string.Create(CultureInfo.InvariantCulture, $"{publication.Merged} merged"));
        }

        if (publication.Source is "rest" or "replay")
        {
            remarks.Add(publication.Source);
        }

        if (remarks.Count > 0)
        {
            output.Write(Paint(Dim, $"  ({string.Join(", ", remarks)})"));
        }
    }

    private void Thin(string text, string channel) => output.WriteLine(Paint(Yellow, $"-- {(showsChannel ? channel + "  " : "")}{text} --"));

    /// <summary>Up and down, calls and puts differ by their text as well as by colour.</summary>
    private static string Colour(TailColumn column, JsonElement data, string text) => column.Colours switch
    {
        TailColours.CallOrPut => text.StartsWith('c') || text.StartsWith('C') ? Green : text.StartsWith('p') || text.StartsWith('P') ? Red : "",
        TailColours.Sign => text.StartsWith('-') ? Red : text.Length > 0 && text != "0" ? Green : "",
        TailColours.Size => TailColumn.Number(data, column.Fields) >= 1_000_000m ? Bold : "",
        _ => "",
    };

    private string Paint(string colour, string text) => hasColour && colour.Length > 0 ? $"{colour}{text}{Plain}" : text;
}
