// tideload: the provider and all clients of a gateway in one process, on one clock. See README.md.
#include <sys/prctl.h>

#include <random>

#include "client.h"
#include "measure.h"
#include "net.h"
#include "provider.h"

namespace {

struct Option {
    const char *name, *value, *meaning;
};
struct Command {
    const char *name, *meaning;
    std::vector<Option> options;
    int (*run)();
};

std::map<std::string, std::string> given;
double option(const std::string& name) { return strtod(given.at(name).c_str(), nullptr); }

using Clients = std::vector<std::unique_ptr<Client>>;

uint16_t server_port() { return static_cast<uint16_t>(option("port")); }

// Connects all, some at a time, and waits until each is open.
void open_all(Loop& loop, const Clients& clients, double limit) {
    size_t next = 0;
    const auto until = now() + nanos(limit);
    auto count = [&](Client::State state) { return static_cast<size_t>(std::count_if(clients.begin(), clients.begin() + static_cast<ptrdiff_t>(next), [=](auto& c) { return c->state == state; })); };
    while (now() < until) {
        for (; next < clients.size() && next < count(Client::open) + 64; next++) clients[next]->connect();
        if (auto lost = count(Client::closed); lost > 0) fail("%zu clients could not connect", lost);
        if (count(Client::open) == clients.size()) return;
        loop.run(0.002);
    }
    fail("%zu of %zu clients are open after %.0f s", count(Client::open), clients.size(), limit);
}

void await_join(Loop& loop, const Provider::Feed& feed) {
    if (!loop.run(now() + 30 * second, [&] { return feed.joined; })) fail("%s was not joined within 30 s", feed.name.c_str());
    loop.run(0.2);
}

std::string path_of(const std::string& channel) {
    auto path = "/api/stream/ws/" + channel;
    std::replace(path.begin() + 8, path.end(), ':', '/');
    return path;
}

// Until each reader has what was sent last; whether they have.
bool drain(Loop& loop, const Clients& clients, const Provider::Feed& feed, double limit) {
    return loop.run(now() + nanos(limit), [&] { return std::all_of(clients.begin(), clients.end(), [&](auto& c) { return c->seen.last >= feed.sent; }); });
}

// The checks of all readers together; whether nothing is wrong.
bool checks(const Clients& clients, const Provider::Feed& feed) {
    Seen all;
    int64_t lost = 0, closes = 0;
    for (auto& client : clients) {
        auto& seen = client->seen;
        all.received += seen.received, all.twice += seen.twice, all.disorder += seen.disorder, all.breaks += seen.breaks, all.gaps += seen.gaps, all.merged += seen.merged, all.refused += seen.refused;
        if (seen.is_event) lost += seen.missing(feed.sent);
        closes += client->closes;
    }
    figure("received", static_cast<double>(all.received));
    for (auto [name, value] : {std::pair{"lost", lost}, {"twice", all.twice}, {"disorder", all.disorder}, {"breaks", all.breaks}, {"gaps", all.gaps}, {"merged", all.merged}, {"not_recovered", all.refused}, {"closed", closes}})
        figure(name, static_cast<double>(value));
    return lost + all.twice + all.disorder + all.breaks + all.refused == 0;
}

void tool_figures(const Provider& provider, double processor, Nanos since) {
    figure("tool_late_max_ms", milliseconds(provider.latest()));
    figure("tool_busy", (own_processor() - processor) / seconds(now() - since));
    figure("provider_waiting_max_bytes", static_cast<double>(provider.most_waiting()));
}

// ---- storm -------------------------------------------------------------------------------------------------------

int storm() {
    Loop loop;
    Provider provider(loop, static_cast<uint16_t>(option("upstream-port")));
    const auto& channel = given["channel"];
    auto& feed = provider.feed(channel);
    const auto pid = static_cast<int>(option("server-pid"));
    Clients clients;
    for (int i = 0; i < static_cast<int>(option("clients")); i++)
        clients.push_back(given["wire"] == "ws" ? std::make_unique<Client>(loop, server_port(), "/api/ws", channel) : std::make_unique<Client>(loop, server_port(), path_of(channel)));
    auto began = now();
    open_all(loop, clients, 60);
    figure("connect_all_s", seconds(now() - began));
    await_join(loop, feed);
    provider.rate(feed, option("rate"));
    if (!loop.run(now() + 60 * second, [&] { return std::all_of(clients.begin(), clients.end(), [](auto& c) { return c->seen.received > 0; }); })) fail("some clients have received nothing");

    std::mt19937_64 random(20261120);
    std::uniform_real_distribution<double> delay(0, option("jitter") / 1000);
    Samples steady, tcp, answer, rest, whole, spans;
    int64_t failures = 0, unfinished = 0, caught_up = 0;
    double busy = 0, busy_of = 0, busy_away = 0, processor = own_processor();
    const auto start = now();
    for (int round = 0; round < static_cast<int>(option("rounds")); round++) {
        for (auto& client : clients) client->latencies = &steady, client->latencies_from = now();
        loop.run(option("settle"));
        for (auto& client : clients) client->latencies = nullptr;
        const auto used = usage_of(pid).processor;
        const auto cut = now();
        const auto zero = cut + nanos(option("outage"));
        auto ending = cut;
        std::vector<int64_t> target(clients.size(), 0), had(clients.size(), 0);
        size_t done = 0;
        for (size_t i = 0; i < clients.size(); i++) {
            auto& client = *clients[i];
            client.cut();
            had[i] = client.seen.last;
            client.ended = [&, i] { failures++, loop.at(now() + nanos(delay(random)), [&, i] { clients[i]->connect(); }); };
            client.progressed = [&, i] {
                auto& c = *clients[i];
                if (target[i] < 0) return;
                if (target[i] == 0) {
                    target[i] = feed.sent;
                    tcp.add(milliseconds(c.connected - c.began)), answer.add(milliseconds(c.opened - c.connected));
                    spans.add(static_cast<double>(feed.sent - had[i]));
                }
                if (c.seen.last < target[i]) return;
                target[i] = -1, done++, caught_up++, ending = now();
                whole.add(milliseconds(ending - zero)), rest.add(milliseconds(ending - c.opened));
            };
            loop.at(zero + nanos(delay(random)), [&client] { client.connect(); });
        }
        loop.at(zero, [&] { busy_away += usage_of(pid).processor - used; });
        loop.run(now() + nanos(option("outage") + option("limit")), [&] { return done == clients.size(); });
        busy += usage_of(pid).processor - used, busy_of += seconds(now() - cut);
        unfinished += static_cast<int64_t>(clients.size() - done);
        fprintf(stderr, "round %d: %zu of %zu have all they missed after %.3f s\n", round + 1, done, clients.size(), seconds(ending - zero));
        for (auto& client : clients) client->progressed = [] {};
    }
    loop.run(1.0);
    provider.rate(feed, 0);
    drain(loop, clients, feed, 30);
    for (auto& client : clients) client->ended = [] {};
    figure("clients", static_cast<double>(clients.size()));
    figure("storms", option("rounds"));
    figure("missed_per_client_p50", spans.quantile(0.5));
    figure("missed_per_client_max", spans.quantile(1));
    quantiles("steady_latency", steady);
    quantiles("tcp_connect", tcp);
    quantiles("upgrade", answer);
    quantiles("open_to_caught_up", rest);
    quantiles("storm", whole);
    figure("failed_connects", static_cast<double>(failures));
    figure("unfinished", static_cast<double>(unfinished));
    if (pid > 0) figure("server_busy_while_storming", busy / busy_of);
    if (pid > 0) figure("server_us_per_client", busy * 1e6 / static_cast<double>(std::max<int64_t>(caught_up, 1)));
    if (pid > 0 && option("outage") > 0) figure("server_us_per_client_while_away", busy_away * 1e6 / static_cast<double>(std::max<int64_t>(caught_up, 1)));
    tool_figures(provider, processor, start);
    return checks(clients, feed) && unfinished == 0 ? 0 : 1;
}

// ---- idle --------------------------------------------------------------------------------------------------------

// What a client that only waits costs: the server's memory with a few and with all, over their difference.
int idle() {
    Loop loop;
    Provider provider(loop, static_cast<uint16_t>(option("upstream-port")));
    const auto& channel = given["channel"];
    auto& feed = provider.feed(channel);
    const auto pid = static_cast<int>(option("server-pid"));
    const auto all = static_cast<size_t>(option("clients"));
    constexpr size_t few = 200;
    if (pid <= 0 || all <= few) fail("idle needs --server-pid, and more than %zu clients", few);
    Clients clients;
    auto add = [&](size_t until) {
        while (clients.size() < until)
            clients.push_back(given["wire"] == "ws" ? std::make_unique<Client>(loop, server_port(), "/api/ws", channel) : std::make_unique<Client>(loop, server_port(), path_of(channel)));
        open_all(loop, clients, 120);
    };
    auto to_each = [&] {
        provider.rate(feed, 2);
        loop.run(1.6);
        provider.rate(feed, 0);
        if (!drain(loop, clients, feed, 60)) fail("a message did not reach every client");
    };
    const auto processor = own_processor();
    const auto start = now();
    add(few);
    await_join(loop, feed);
    to_each();
    const auto before = usage_of(pid);
    add(all);
    to_each();
    const auto busy = usage_of(pid).processor;
    const auto waits = now();
    loop.run(option("seconds"));
    const auto after = usage_of(pid);
    const auto waited = seconds(now() - waits);
    to_each(); // and they are all still there
    figure("clients", static_cast<double>(clients.size()));
    figure("resident_few_bytes", before.resident);
    figure("resident_all_bytes", after.resident);
    figure("resident_per_client_bytes", (after.resident - before.resident) / static_cast<double>(all - few));
    figure("server_busy_while_idle", (after.processor - busy) / waited);
    tool_figures(provider, processor, start);
    return checks(clients, feed) ? 0 : 1;
}

// ---- slow --------------------------------------------------------------------------------------------------------

int slow() {
    Loop loop;
    Provider provider(loop, static_cast<uint16_t>(option("upstream-port")));
    const auto& channel = given["channel"];
    const bool is_event = !channel.starts_with("gex");
    auto& feed = provider.feed(channel, is_event ? 1 : static_cast<int>(option("keys")));
    const auto pid = static_cast<int>(option("server-pid"));
    Clients readers;
    for (int i = 0; i < static_cast<int>(option("clients")); i++) {
        readers.push_back(std::make_unique<Client>(loop, server_port(), path_of(channel)));
        readers.back()->seen.is_event = is_event;
    }
    open_all(loop, readers, 30);
    await_join(loop, feed);

    SocketMemory memory;
    Samples p99_with, p99_without, rise;
    Samples resident_rise[2];  // by which run of the pair came first: what grows with time alone adds to one and takes from the other
    double held_with = 0, held_without = 0;
    int64_t most = 0, closes = 0, slow_received = 0, slow_merged = 0, slow_wrong = 0, slow_breaks = 0, slow_twice = 0, slow_lost = 0, slow_refused = 0;
    std::map<std::string, int> endings;
    const auto before = metrics(server_port());
    const auto processor = own_processor();
    const auto start = now();

    // One run; the p99 of the readers.
    auto one = [&](bool with, double length) {
        Samples latencies, resident;
        auto sipper = std::make_unique<Client>(loop, server_port(), path_of(channel));
        sipper->seen.is_event = is_event, sipper->sips = true, sipper->receive_buffer = 4096;
        sipper->ended = [&] { closes++, endings[sipper->how]++, loop.at(now() + 100 * millisecond, [&] { if (sipper) sipper->connect(); }); };
        bool running = true;
        double owed = 0;
        std::function<void()> tick = [&] {
            if (!running) return;
            if (with) {
                owed = std::min(owed + option("bytes") / 10, option("bytes"));
                sipper->sip(static_cast<size_t>(owed)), owed -= std::floor(owed);
                if (auto port = sipper->local_port(); port != 0) most = std::max(most, memory.of(server_port(), port));
            }
            resident.add(usage_of(pid).resident);
            loop.at(now() + 100 * millisecond, tick);
        };
        if (with) sipper->connect();
        provider.rate(feed, option("rate"));
        loop.run(1.0);  // warm
        for (auto& reader : readers) reader->latencies = &latencies, reader->latencies_from = now();
        tick();
        loop.run(length);
        running = false;
        provider.rate(feed, 0);
        if (!drain(loop, readers, feed, 30)) fail("the readers have not got all after 30 s");
        for (auto& reader : readers) reader->latencies = nullptr;
        if (with && !is_event) {  // it reads on at full speed, coming back by position when it is closed
            sipper->read_on();
            loop.run(now() + 60 * second, [&] { return sipper->seen.offset >= readers[0]->seen.offset; });
            for (size_t key = 0; key < feed.newest.size(); key++) slow_wrong += key >= sipper->seen.newest.size() || sipper->seen.newest[key] != feed.newest[key];
        }
        if (with) {
            auto& seen = sipper->seen;
            slow_received += seen.received, slow_merged += seen.merged, slow_breaks += seen.breaks + seen.disorder, slow_twice += seen.twice, slow_refused += seen.refused;
            if (is_event) slow_lost += seen.missing(seen.last);
        }
        sipper->ended = [] {};
        sipper->cut();
        sipper.reset();
        loop.run(0.3);
        (with ? held_with : held_without) = resident.quantile(0.5);
        auto p99 = latencies.quantile(0.99);
        (with ? p99_with : p99_without).add(p99);
        fprintf(stderr, "%s %5.1f s: p50 %.3f ms, p99 %.3f ms, max %.3f ms\n", with ? "with   " : "without", length, latencies.quantile(0.5), p99, latencies.quantile(1));
        return p99;
    };

    for (int pair = 0; pair < static_cast<int>(option("pairs")); pair++) {
        const double length = pair == 0 ? option("first-seconds") : option("seconds");
        double with = 0, without = 0;
        for (int turn = 0; turn < 2; turn++) ((turn + pair) % 2 == 1 ? with : without) = one((turn + pair) % 2 == 1, length);
        resident_rise[pair % 2].add(held_with - held_without);
        rise.add(with - std::max(without * 1.1, without + 1));  // above 0: worse than promised
        printf("pair=%d without_p99_ms=%.3f with_p99_ms=%.3f\n", pair + 1, without, with);
    }
    const auto after = metrics(server_port());
    figure("p99_without_median_ms", p99_without.quantile(0.5));
    figure("p99_with_median_ms", p99_with.quantile(0.5));
    figure("rise_over_bound_median_ms", rise.quantile(0.5));
    figure("slow_socket_memory_max_bytes", static_cast<double>(most));
    if (pid > 0 && option("pairs") > 1) figure("resident_difference_median_bytes", (resident_rise[0].quantile(0.5) + resident_rise[1].quantile(0.5)) / 2);
    figure("slow_received", static_cast<double>(slow_received));
    figure("slow_merged", static_cast<double>(slow_merged));
    figure("slow_breaks", static_cast<double>(slow_breaks + slow_twice));
    figure("slow_lost", static_cast<double>(slow_lost));
    figure("slow_not_recovered", static_cast<double>(slow_refused));
    if (!is_event) figure("slow_final_values_wrong", static_cast<double>(slow_wrong));
    figure("slow_closed", static_cast<double>(closes));
    for (auto& [how, count] : endings) figure("slow_closed_" + how, count);
    auto counted = [&](auto& values) { auto at = values.find("tidewire_connections_slow_closed_total"); return at == values.end() ? 0 : at->second; };
    figure("server_counted_slow", counted(after) - counted(before));
    tool_figures(provider, processor, start);
    return checks(readers, feed) && slow_wrong + slow_breaks + slow_twice == 0 ? 0 : 1;
}

// ---- ingest ------------------------------------------------------------------------------------------------------

int ingest() {
    Loop loop;
    Provider provider(loop, static_cast<uint16_t>(option("upstream-port")));
    auto& trades = provider.feed("option_trades");
    auto& state = provider.feed("gex_strike:TIDE", 200);
    const auto pid = static_cast<int>(option("server-pid"));
    Clients readers, states;
    for (int i = 0; i < static_cast<int>(option("readers")); i++) readers.push_back(std::make_unique<Client>(loop, server_port(), path_of(trades.name)));
    for (int i = 0; i < static_cast<int>(option("state-clients")); i++) {
        states.push_back(std::make_unique<Client>(loop, server_port(), path_of(state.name)));
        states.back()->seen.is_event = false;
    }
    open_all(loop, readers, 30), open_all(loop, states, 30);
    await_join(loop, trades);
    if (!states.empty()) await_join(loop, state);
    const auto from = text_of(get(server_port(), "/api/stream/poll/option_trades?wait=0"), R"("position_text":")");
    if (from.empty()) fail("no position of option_trades");
    std::unique_ptr<Pager> pager;
    if (option("pager") > 0) pager = std::make_unique<Pager>(loop, server_port(), "/api/stream/poll/option_trades", from);

    Samples steady, burst, states_latency;
    auto measure = [&](Samples& into) {
        for (auto& reader : readers) reader->latencies = &into, reader->latencies_from = now();
    };
    for (auto& client : states) client->latencies = &states_latency;
    const auto at_first = metrics(server_port());
    const auto used = usage_of(pid).processor, processor = own_processor();
    const auto start = now();
    provider.rate(state, states.empty() ? 0 : option("state-rate"));
    measure(steady);
    provider.rate(trades, option("rate"));
    loop.run(option("seconds"));
    provider.rate(trades, 0);
    const auto of_steady = trades.sent;
    const auto in_between = metrics(server_port());
    measure(burst);
    provider.rate(trades, option("burst"));
    loop.run(option("burst") > 0 ? option("burst-seconds") : 0);
    provider.rate(trades, 0), provider.rate(state, 0);
    const auto busy = (usage_of(pid).processor - used) / seconds(now() - start);
    tool_figures(provider, processor, start);
    drain(loop, readers, trades, 60), drain(loop, states, state, 60);
    figure("sent", static_cast<double>(trades.sent));
    figure("sent_in_burst", static_cast<double>(trades.sent - of_steady));
    quantiles("latency", steady);
    if (burst.size() > 0) quantiles("burst_latency", burst);
    const auto at_last = metrics(server_port());
    for (auto [label, q] : {std::pair{"p50", 0.5}, {"p99", 0.99}}) {
        const std::string waits = "tidewire_recording_commit_wait_seconds";
        figure(std::string("commit_wait_") + label + "_ms", histogram_quantile(at_first, in_between, waits, q));
        figure(std::string("burst_commit_wait_") + label + "_ms", histogram_quantile(in_between, at_last, waits, q));
    }
    if (!states.empty()) quantiles("state_latency", states_latency);
    if (pid > 0) figure("server_busy", busy);
    if (pid > 0) figure("server_resident_bytes", usage_of(pid).resident);
    if (pager) {
        figure("pager_pages", static_cast<double>(pager->pages)), figure("pager_passes", static_cast<double>(pager->passes));
        figure("pager_not_recovered", static_cast<double>(pager->refused)), figure("pager_wrong", static_cast<double>(pager->worst_missing));
        pager.reset();
    }
    auto all_well = checks(readers, trades);
    for (auto& client : states) all_well &= client->seen.breaks + client->seen.disorder + client->seen.twice == 0 && client->seen.last == state.sent;
    if (option("proof") > 0) {  // the whole log once more, from before the first: it is the log that counts, not who was listening
        Client proof(loop, server_port(), path_of(trades.name));
        proof.seen.epoch = from.substr(0, from.rfind(':')), proof.seen.offset = strtoll(from.c_str() + from.rfind(':') + 1, nullptr, 10);
        proof.seen.first = 1;
        const auto end = text_of(get(server_port(), "/api/stream/poll/option_trades?wait=0"), R"("position_text":")");
        const auto tail = strtoll(end.c_str() + end.rfind(':') + 1, nullptr, 10);  // not the last number sent: that one may be lost
        const auto began = now();
        proof.connect();
        loop.run(now() + nanos(option("proof")), [&] { return proof.seen.offset >= tail || proof.seen.refused > 0 || proof.closes > 0; });
        const auto missing = proof.seen.refused > 0 ? trades.sent : proof.seen.missing(trades.sent);
        figure("log_not_recovered", static_cast<double>(proof.seen.refused)), figure("log_closed", proof.closes > 0 ? proof.how : "no");
        figure("log_read_s", seconds(now() - began)), figure("log_lost", static_cast<double>(missing));
        figure("log_twice", static_cast<double>(proof.seen.twice)), figure("log_breaks", static_cast<double>(proof.seen.breaks + proof.seen.disorder)), figure("log_gaps", static_cast<double>(proof.seen.gaps));
        all_well &= missing + proof.seen.twice + proof.seen.breaks + proof.seen.disorder == 0;
    }
    return all_well ? 0 : 1;
}

// ---- first -------------------------------------------------------------------------------------------------------

int first() {
    Loop loop;
    Provider provider(loop, static_cast<uint16_t>(option("upstream-port")));
    auto& feed = provider.feed(given["channel"]);
    Clients clients;
    clients.push_back(std::make_unique<Client>(loop, server_port(), path_of(feed.name)));
    open_all(loop, clients, 30);
    await_join(loop, feed);
    provider.rate(feed, option("rate"));
    loop.run(option("warm"));
    provider.rate(feed, 0);
    drain(loop, clients, feed, 10);
    const auto before = metrics(server_port());
    Samples latencies;
    clients[0]->latencies = &latencies;
    const auto processor = own_processor();
    const auto start = now();
    provider.rate(feed, option("rate"));
    loop.run(option("seconds"));
    provider.rate(feed, 0);
    tool_figures(provider, processor, start);
    if (!drain(loop, clients, feed, 10)) fail("the client has not got all after 10 s");
    const auto after = metrics(server_port());
    const std::string delay = "tidewire_delivery_delay_seconds", publish = "tidewire_upstream_publish_delay_seconds";
    for (auto [label, q] : {std::pair{"p50", 0.5}, {"p99", 0.99}}) {
        figure(std::string("first_send_") + label + "_ms", histogram_quantile(before, after, delay, q));
        figure(std::string("publish_") + label + "_ms", histogram_quantile(before, after, publish, q));
    }
    auto counted = [&](auto& values) { auto at = values.find(delay + "_count"); return at == values.end() ? 0 : at->second; };
    figure("first_send_count", counted(after) - counted(before));
    quantiles("end_to_end", latencies);
    return checks(clients, feed) ? 0 : 1;
}

const std::vector<Option> shared = {
    {"port", "8000", "where the product listens, on 127.0.0.1"},
    {"upstream-port", "9200", "where this tool is the provider"},
    {"server-pid", "0", "the product's process, for its processor time and memory"},
};
const std::vector<Command> commands = {
    {"storm", "cuts all clients off at once and measures until each has what it missed",
        {{"clients", "5000", "how many"}, {"channel", "flow-alerts", "an event feed"}, {"wire", "stream", "stream: /api/stream/ws/…; ws: /api/ws"},
         {"rate", "5", "messages a second, also while they are away"}, {"jitter", "400", "each comes back after 0 to so many milliseconds; 0: all at once"},
         {"outage", "0", "seconds that all stay away before; the clock starts after them"}, {"rounds", "3", "storms in a row"},
         {"settle", "3", "seconds before each"}, {"limit", "30", "seconds to wait for the last client"}}, storm},
    {"slow", "readers with and without one that reads next to nothing, in alternating pairs of runs",
        {{"clients", "50", "readers"}, {"channel", "option_trades", "or a state feed: gex_strike:TIDE"}, {"keys", "200", "of the state feed"}, {"rate", "1000", "messages a second"},
         {"bytes", "1024", "what the slow one reads a second"}, {"pairs", "9", "of runs"}, {"seconds", "15", "of a run"}, {"first-seconds", "60", "of the runs of the first pair"}}, slow},
    {"idle", "clients that only wait: what each takes of the server's memory",
        {{"clients", "10000", "how many"}, {"channel", "flow-alerts", "what they read"}, {"wire", "stream", "stream or ws"}, {"seconds", "10", "how long they wait"}}, idle},
    {"ingest", "trades at a steady rate and then in a burst; at the end the log is read from its beginning and counted",
        {{"rate", "5000", "trades a second"}, {"seconds", "600", "for so long"}, {"burst", "20000", "then so many a second; 0: none"}, {"burst-seconds", "5", "for so long"},
         {"readers", "1", "clients on the trades"}, {"state-clients", "10", "clients on a state feed beside"}, {"state-rate", "200", "its messages a second"},
         {"pager", "0", "1: a reader pages through the log all the time, over long polling"}, {"proof", "600", "seconds the final reading may take; 0: none"}}, ingest},
    {"first", "one client; from the receipt to the first send as the product measures it, and end to end",
        {{"channel", "option_trades", "an event feed"}, {"rate", "200", "messages a second"}, {"warm", "5", "seconds before"}, {"seconds", "30", "measured"}}, first},
};

int help(const Command* only) {
    printf("tideload COMMAND [--OPTION VALUE ...]: is the provider and all clients of a gateway, and prints figures as name=value.\n"
           "Ends with 0 when nothing was lost, doubled or out of order, 1 when something was, 2 when the run does not count.\n");
    auto list = [](const std::vector<Option>& options) {
        for (auto& o : options) printf("  --%-15s %s (%s)\n", o.name, o.meaning, o.value);
    };
    for (auto& command : commands) {
        if (only != nullptr && only != &command) continue;
        printf("\n%s: %s\n", command.name, command.meaning);
        list(command.options);
    }
    printf("\nwith each:\n");
    list(shared);
    return 0;
}

}  // namespace

int main(int count, char** words) {
    const std::string name = count > 1 ? words[1] : "--help";
    if (name == "--help" || name == "-h") return help(nullptr);
    auto command = std::find_if(commands.begin(), commands.end(), [&](auto& c) { return name == c.name; });
    if (command == commands.end()) fail("there is no command '%s': see --help", name.c_str());
    for (auto* options : {&shared, &command->options})
        for (auto& o : *options) given[o.name] = o.value;
    for (int i = 2; i < count; i++) {
        const std::string word = words[i];
        if (word == "--help") return help(&*command);
        if (!word.starts_with("--") || !given.contains(word.substr(2)) || i + 1 == count) fail("'%s' is no option of %s, or has no value: see %s --help", words[i], command->name, command->name);
        given[word.substr(2)] = words[++i];
    }
    setvbuf(stdout, nullptr, _IOLBF, 0);
    prctl(PR_SET_TIMERSLACK, 1UL);
    rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    return command->run();
}
