// The provider: a WebSocket server on any path that takes joins and sends what a schedule says, open loop: a message is
// stamped with the time it was meant to leave, so that whoever holds it up, this tool included, shows as latency.
#pragma once
#include <list>
#include <map>
#include <memory>

#include "net.h"

// Payloads of our own with the fields and sizes of the provider's, made of a number. At their end stand the sequence
// number, the time they were meant to leave and, for a state feed, the number of the key.
class Payloads {
  public:
    enum Shape { trade, alert, strike };

    static Shape of(std::string_view channel) {
        return channel.starts_with("option_trades") ? trade : channel.starts_with("gex_strike") ? strike : alert;
    }

    static std::string make(Shape shape, std::string_view channel, int64_t sequence, Nanos at, int keys) {
        static thread_local char text[4096];
        const auto n = static_cast<unsigned long long>(sequence);
        const auto time = static_cast<long long>(1'800'000'000'000 + at / millisecond);
        int length = 0;
        if (shape == trade) {
            length = snprintf(text, sizeof text,
                R"({"id":"%08llx-7469-4d65-8aa1-%012llx","underlying_symbol":"TIDE","executed_at":%lld,"nbbo_bid":"1.%02llu","nbbo_ask":"1.%02llu","size":%llu,)"
                R"("price":"1.%02llu","option_symbol":"TIDE270115C%08llu","created_at":%lld,"report_flags":[],"tags":["ask_side","bullish"],"expiry":"2027-01-15",)"
                R"("option_type":"call","open_interest":%llu,"strike":"%llu","premium":"%llu.00","volume":%llu,"underlying_price":"104.%02llu","ewma_nbbo_ask":"1.%02llu",)"
                R"("ewma_nbbo_bid":"1.%02llu","implied_volatility":"0.41%014llu","delta":"0.52%015llu","theta":"-0.03%014llu","gamma":"0.02%014llu","vega":"0.11%014llu",)"
                R"("rho":"0.04%015llu","theo":"1.%016llu","trade_code":"auto","exchange":"TIDE","ask_vol":%llu,"bid_vol":%llu,"no_side_vol":12,"mid_vol":1043,)"
                R"("multi_vol":2210,"stock_multi_vol":3,"upstream_condition_detail":"auto")",
                n & 0xffffffff, n, time, n % 90, n % 90 + 5, n % 40 + 1, n % 90 + 3, n % 90000 * 1000, time + 40, 1000 + n % 30000, 90 + n % 40,
                100 + n % 900, 5000 + n % 100000, n % 100, n % 90 + 5, n % 90, n * 7919, n * 104729, n * 1299709, n * 15485863, n * 7907, n * 104723,
                n * 1299721, 3000 + n % 60000, 2000 + n % 50000);
        } else if (shape == alert) {
            length = snprintf(text, sizeof text,
                R"({"rule_id":"7469d365-0000-4000-8000-%012llx","rule_name":"RepeatedHits","ticker":"TIDE","option_chain":"TIDE270115C%08llu","underlying_price":104.25,)"
                R"("volume":%llu,"total_size":341,"total_premium":%llu.0,"total_ask_side_prem":16598.0,"total_bid_side_prem":12728.0,"start_time":%lld,"end_time":%lld,)"
                R"("url":"","price":0.86,"has_multileg":false,"has_sweep":true,"has_floor":false,"open_interest":920,"all_opening_trades":false,)"
                R"("id":"%08llx-7469-4d65-8aa2-%012llx","has_singleleg":true,"volume_oi_ratio":0.5,"trade_ids":[)",
                n % 7, n % 90000 * 1000, 800 + n % 5000, 20000 + n % 90000, time - 9000, time - 8995, n & 0xffffffff, n);
            for (unsigned long long i = 0; i < 28; i++)
                length += snprintf(text + length, sizeof text - static_cast<size_t>(length), R"(%s"%08llx-7469-4d65-8aa3-%012llx")", i == 0 ? "" : ",", n * 31 + i, n + i);
            length += snprintf(text + length, sizeof text - static_cast<size_t>(length),
                R"(],"trade_count":28,"expiry_count":1,"executed_at":%lld,"ask_vol":233,"bid_vol":558,"no_side_vol":0,"mid_vol":24,"multi_vol":177,"stock_multi_vol":0,)"
                R"("upstream_condition_details":["auto"],"exchanges":["TIDE","EBBA","FLOW"],"bid":"0.84","ask":"0.87")", time);
        } else {
            const auto key = n % static_cast<unsigned long long>(keys);
            const auto symbol = channel.substr(std::min(channel.size(), channel.find(':') + 1));
            length = snprintf(text, sizeof text, R"({"ticker":"%.*s","timestamp":%lld,"strike":"%llu.5","price":"104.25")", static_cast<int>(symbol.size()), symbol.data(), time, 50 + key);
            unsigned long long digits = n * 6364136223846793005ULL + 1442695040888963407ULL;
            for (auto side : {"call", "put"})
                for (auto greek : {"gamma", "charm", "vanna"})
                    for (auto by : {"oi", "vol", "ask_vol", "bid_vol"})
                        length += snprintf(text + length, sizeof text - static_cast<size_t>(length), R"(,"%s_%s_%s":"%llu.%04llu")", side, greek, by, digits >> 33, (digits >> 20) % 10000),
                            digits = digits * 6364136223846793005ULL + 1442695040888963407ULL;
            length += snprintf(text + length, sizeof text - static_cast<size_t>(length), R"(,"tide_key":%llu)", key);
        }
        length += snprintf(text + length, sizeof text - static_cast<size_t>(length), R"(,"tide_sequence":%llu,"tide_at":%lld})", n, static_cast<long long>(at));
        return {text, static_cast<size_t>(length)};
    }
};

class Provider : Watched {
  public:
    // What is sent on one channel: each has the numbers 1, 2, 3 … for the whole life of the tool.
    struct Feed {
        std::string name;
        Payloads::Shape shape;
        int keys = 1;
        int64_t sent = 0;
        bool joined = false;
        std::vector<int64_t> newest;  // of each key
        double rate = 0;
        Nanos since = 0;
        int64_t of_rate = 0;  // sent since the rate was set
        uint64_t turn = 0;
    };

    Provider(Loop& loop, uint16_t port) : loop_(loop), listener_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
        set_option(listener_, SOL_SOCKET, SO_REUSEADDR, 1);
        auto address = loopback(port);
        if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 || listen(listener_, 16) < 0) fail("cannot listen on port %d: %s", port, strerror(errno));
        loop_.watch(listener_, EPOLLIN, this);
    }

    Feed& feed(const std::string& name, int keys = 1) {
        auto& feed = feeds_[name];
        if (feed.name.empty()) feed.name = name, feed.shape = Payloads::of(name), feed.keys = keys, feed.newest.assign(static_cast<size_t>(keys), 0);
        return feed;
    }

    // From now on so many a second; 0 stops.
    void rate(Feed& feed, double per_second) {
        feed.rate = per_second, feed.since = now(), feed.of_rate = 0;
        if (auto turn = ++feed.turn; per_second > 0) loop_.at(feed.since, [this, &feed, turn] { due(feed, turn); });
    }

    void publish(Feed& feed, Nanos at) {
        auto payload = Payloads::make(feed.shape, feed.name, ++feed.sent, at, feed.keys);
        feed.newest[static_cast<size_t>(feed.sent % feed.keys)] = feed.sent;
        latest_ = std::max(latest_, now() - at);
        for (auto& session : sessions_)
            if (session->open) session->send(Op::text, "[\"" + feed.name + "\"," + payload + "]");
    }

    Nanos latest() const { return latest_; }             // the most this tool was late in sending
    size_t most_waiting() const { return most_waiting_; }  // the most bytes the product left unread at once
    int sessions() const { return opened_; }

  private:
    struct Session : Watched {
        Provider& of;
        int fd;
        bool open = false, writable = true;
        std::string head, out;
        size_t sent = 0;
        Frames frames;

        Session(Provider& provider, int fd) : of(provider), fd(fd) {}

        void ready(uint32_t events) override {
            if (fd < 0) return;
            if (events & EPOLLOUT) writable = true, flush();
            char bytes[16384];
            for (ssize_t count; fd >= 0 && (count = recv(fd, bytes, sizeof bytes, 0)) != 0;) {
                if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
                if (count < 0) break;
                take({bytes, static_cast<size_t>(count)});
            }
            end();
        }
        void take(std::string_view bytes) {
            if (!open) {
                head.append(bytes);
                auto end = head.find("\r\n\r\n");
                if (end == head.npos) return;
                write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept_key(header(head, "sec-websocket-key")) + "\r\n\r\n");
                open = true, of.opened_++;
                bytes = std::string_view(head).substr(end + 4);
            }
            frames.add(bytes, [this](Op op, std::string_view payload) {
                if (op == Op::ping) send(Op::pong, payload);
                if (op == Op::close) send(Op::close, payload), end();
                if (op == Op::text) answer(payload);
            });
        }
        void answer(std::string_view text) {
            auto start = text.find(R"("channel":")");
            if (start == text.npos) return;
            std::string name(text.substr(start + 11, text.find('"', start + 11) - start - 11));
            if (auto known = of.feeds_.find(name); known != of.feeds_.end()) known->second.joined = text.find("\"join\"") != text.npos;
            send(Op::text, "[\"" + name + R"(",{"response":{},"status":"ok"}])");
        }
        void send(Op op, std::string_view payload) { write(frame(op, payload, false)); }
        void write(std::string_view bytes) {
            out.append(bytes);
            of.most_waiting_ = std::max(of.most_waiting_, out.size() - sent);
            if (writable) flush();
        }
        void flush() {
            while (fd >= 0 && sent < out.size()) {
                auto count = ::send(fd, out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
                if (count < 0) {
                    writable = errno != EAGAIN;
                    if (sent > 1 << 20) out.erase(0, sent), sent = 0;
                    return;
                }
                sent += static_cast<size_t>(count);
            }
            out.clear(), sent = 0;
        }
        void end() {
            if (fd >= 0) close(fd);
            fd = -1, open = false;
            for (auto& [name, feed] : of.feeds_) feed.joined = false;
        }
    };

    void ready(uint32_t) override {
        for (int fd; (fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
            set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
            sessions_.push_back(std::make_unique<Session>(*this, fd));
            loop_.watch(fd, EPOLLIN | EPOLLOUT | EPOLLET, sessions_.back().get());
        }
    }

    void due(Feed& feed, uint64_t turn) {
        if (turn != feed.turn) return;
        auto when = [&](int64_t n) { return feed.since + static_cast<Nanos>(static_cast<double>(n) * second / feed.rate); };
        for (auto time = now(); when(feed.of_rate) <= time; feed.of_rate++) publish(feed, when(feed.of_rate));
        loop_.at(std::max(when(feed.of_rate), now() + millisecond / 2), [this, &feed, turn] { due(feed, turn); });
    }

    Loop& loop_;
    int listener_;
    std::map<std::string, Feed> feeds_;
    std::list<std::unique_ptr<Session>> sessions_;
    Nanos latest_ = 0;
    size_t most_waiting_ = 0;
    int opened_ = 0;
};
