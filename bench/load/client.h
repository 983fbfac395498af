// A client of the product over WebSocket, what it has seen of its channel, and a reader over long polling.
#pragma once
#include <memory>
#include <optional>

#include "measure.h"
#include "net.h"

// The number behind a name, looked for at the end of an object and then at its beginning: never in the bulk of a payload.
inline std::optional<int64_t> number(std::string_view text, std::string_view name) {
    constexpr size_t reach = 280;
    for (auto part : {text.substr(text.size() > reach ? text.size() - reach : 0), text.substr(0, reach)}) {
        auto at = static_cast<const char*>(memmem(part.data(), part.size(), name.data(), name.size()));
        if (at != nullptr) return strtoll(at + name.size(), nullptr, 10);
    }
    return std::nullopt;
}

inline std::string text_of(std::string_view text, std::string_view name) {
    auto at = text.find(name);
    return at == text.npos ? "" : std::string(text.substr(at + name.size(), text.find('"', at + name.size()) - at - name.size()));
}

// What one reader has seen of one channel, checked in two ways: by the rule of offsets and by the numbers in the payloads.
struct Seen {
    bool is_event = true;
    std::string epoch;
    int64_t offset = -1;         // of the last entry; -1 before the first
    int64_t first = 0, last = 0;  // sequence numbers
    int64_t received = 0, merged = 0, gaps = 0, twice = 0, disorder = 0;
    int64_t breaks = 0;   // offset != previous + 1 + merged + filtered
    int64_t refused = 0;  // a position that could not be resumed
    std::vector<bool> has;
    std::vector<int64_t> newest;

    // The time at which a publication was meant to leave; 0 for anything else.
    Nanos take(std::string_view text) {
        auto type = text.starts_with(R"({"type":")") ? text.substr(9, text.find('"', 9) - 9) : std::string_view();
        const bool gap = type == "gap", position = type == "position";
        if (type == "subscription" && text.find("\"recovered\":false") != text.npos && offset >= 0) refused++, offset = -1;
        if (type == "error") fail("the product answered %.*s", static_cast<int>(text.size()), text.data());
        if (!type.empty() && !gap && !position && type != "message") return 0;
        auto at = number(text, "\"offset\":");
        if (!at) fail("no offset in %.*s", static_cast<int>(std::min<size_t>(text.size(), 300)), text.data());
        auto passed = number(text, "\"merged\":").value_or(0), filtered = number(text, "\"filtered\":").value_or(0);
        if (offset >= 0 && *at != offset + (position ? 0 : 1) + passed + filtered) breaks++;
        offset = *at, merged += passed;
        if (epoch.empty() && !type.starts_with("message")) epoch = text_of(text, "\"epoch\":\"");
        gaps += gap;
        if (gap || position) return 0;
        count(number(text, "\"tide_sequence\":").value_or(0));
        if (auto key = number(text, "\"tide_key\":")) {
            if (newest.size() <= static_cast<size_t>(*key)) newest.resize(static_cast<size_t>(*key) + 1);
            newest[static_cast<size_t>(*key)] = last;
        }
        return number(text, "\"tide_at\":").value_or(0);
    }

    int64_t missing(int64_t through) const {
        int64_t count = 0;
        for (auto n = first; first > 0 && n <= through; n++) count += n >= static_cast<int64_t>(has.size()) || !has[static_cast<size_t>(n)];
        return count;
    }

  private:
    void count(int64_t sequence) {
        received++;
        if (first == 0) first = sequence;
        auto place = static_cast<size_t>(std::max<int64_t>(sequence, 0));
        if (has.size() <= place) has.resize(place + 1);
        if (has[place]) twice++;
        else if (sequence < last) disorder++;
        has[place] = true;
        last = std::max(last, sequence);
    }
};

class Client : Watched {
  public:
    enum State { closed, connecting, shaking, open };

    State state = closed;
    Seen seen;
    Nanos began = 0, connected = 0, opened = 0;  // of the last connection
    int closes = 0;                              // connections that the product ended
    std::string how;                             // how the last one ended
    Samples* latencies = nullptr;                // of messages meant to leave since latencies_from
    Nanos latencies_from = 0;
    int receive_buffer = 0;                      // 0: the system's
    bool sips = false;                           // read only by sip()
    std::function<void()> progressed = [] {}, ended = [] {};

    // path: of the stream wire. On /api/ws the channel is asked for by a message.
    Client(Loop& loop, uint16_t port, std::string path, std::string channel = "") : loop_(loop), port_(port), path_(std::move(path)), channel_(std::move(channel)) {}
    Client(const Client&) = delete;
    ~Client() override { drop(); }

    void connect() {
        if (state != closed) return;
        fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd_ < 0) fail("no socket: %s (ulimit -n)", strerror(errno));
        set_option(fd_, IPPROTO_TCP, TCP_NODELAY, 1);
        if (receive_buffer > 0) set_option(fd_, SOL_SOCKET, SO_RCVBUF, receive_buffer);
        auto address = loopback(port_);
        state = connecting, began = now(), opened = 0, sips_ = false;
        if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 && errno != EINPROGRESS) return end(strerror(errno));
        loop_.watch(fd_, EPOLLOUT, this);
    }

    // Cuts the connection off without a word: the product gets a reset.
    void cut() {
        linger none{1, 0};
        if (fd_ >= 0) setsockopt(fd_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
        drop();
    }

    // Reads so many bytes at most.
    void sip(size_t bytes) {
        if (state == open && sips_) read(bytes);
    }
    void read_on() {
        sips = false;
        if (state == open && sips_) sips_ = false, loop_.watch(fd_, EPOLLIN, this);
    }
    uint16_t local_port() const {
        sockaddr_in address{};
        socklen_t length = sizeof address;
        return fd_ >= 0 && getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length) == 0 ? ntohs(address.sin_port) : 0;
    }

  private:
    void ready(uint32_t) override {
        if (state == connecting) shake();
        else if (state != closed) read(sizeof buffer_);
    }
    void shake() {
        int error = 0;
        socklen_t length = sizeof error;
        getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length);
        if (error != 0) return end(strerror(error));
        state = shaking, connected = now();
        loop_.change(fd_, EPOLLIN, this);
        auto since = channel_.empty() && seen.offset >= 0 ? "?since=" + seen.epoch + ":" + std::to_string(seen.offset) : "";
        write("GET " + path_ + since + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) +
              "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGlkZWxvYWQgdGlkZWxvYQ==\r\n\r\n");
    }
    void read(size_t most) {
        auto count = recv(fd_, buffer_, std::min(most, sizeof buffer_), 0);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (count <= 0) return end(count == 0 ? "end" : "reset");
        std::string_view bytes(buffer_, static_cast<size_t>(count));
        if (state == shaking) {
            head_.append(bytes);
            auto end_of_head = head_.find("\r\n\r\n");
            if (end_of_head == head_.npos) return;
            static const auto answer = accept_key("dGlkZWxvYWQgdGlkZWxvYQ==");
            if (!head_.starts_with("HTTP/1.1 101 ") || header(head_, "sec-websocket-accept") != answer) return end(head_.substr(0, head_.find('\r')));
            state = open, opened = now();
            if (!channel_.empty()) {
                auto since = seen.offset >= 0 ? R"(,"since":{"epoch":")" + seen.epoch + R"(","offset":)" + std::to_string(seen.offset) + "}" : "";
                write(frame(Op::text, R"({"type":"subscribe","channel":")" + channel_ + "\"" + since + "}", true));
            }
            if (sips) sips_ = true, loop_.watch(fd_, 0, this, EPOLL_CTL_DEL);
            frames_bytes(std::string_view(head_).substr(end_of_head + 4));
        } else {
            frames_bytes(bytes);
        }
        if (state == open) progressed();
    }
    void frames_bytes(std::string_view bytes) {
        const auto time = now();
        frames_.add(bytes, [&](Op op, std::string_view payload) {
            if (op == Op::text) {
                if (auto code = payload.starts_with(R"({"type":"closing")") ? number(payload, "\"code\":") : std::nullopt) told_ = std::to_string(*code);
                if (!channel_.empty() && seen.epoch.empty() && payload.starts_with(R"({"type":"subscription")")) seen.epoch = text_of(payload, "\"epoch\":\"");
                auto at = seen.take(payload);
                if (latencies != nullptr && at >= latencies_from && at > 0) latencies->add(milliseconds(time - at));
            } else if (op == Op::ping) {
                write(frame(Op::pong, payload, true));
            } else if (op == Op::close && payload.size() >= 2) {
                told_ = std::to_string(static_cast<uint8_t>(payload[0]) << 8 | static_cast<uint8_t>(payload[1]));
            }
        });
    }
    void write(std::string_view bytes) {
        if (send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET) fail("a client could not send: %s", strerror(errno));
    }
    void end(std::string why) {
        how = told_.empty() ? std::move(why) : told_;
        closes++;
        drop();
        ended();
    }
    void drop() {
        if (fd_ >= 0) close(fd_);
        fd_ = -1, state = closed;
        head_.clear(), told_.clear(), frames_.clear();
    }

    static inline char buffer_[256 << 10];
    Loop& loop_;
    uint16_t port_;
    std::string path_, channel_, head_, told_;
    int fd_ = -1;
    bool sips_ = false;
    Frames frames_;
};

// Reads a whole log by long polling, page after page from before its first message, and begins anew at the end.
class Pager : Watched {
  public:
    Seen seen;
    int64_t pages = 0, passes = 0, refused = 0, worst_missing = 0;

    Pager(Loop& loop, uint16_t port, std::string path, std::string from) : loop_(loop), port_(port), path_(std::move(path)), from_(from), since_(from) {
        fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        auto address = loopback(port_);
        if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0) fail("no connection: %s", strerror(errno));
        fcntl(fd_, F_SETFL, O_NONBLOCK);
        loop_.watch(fd_, EPOLLIN, this);
        begin();
        ask();
    }
    Pager(const Pager&) = delete;
    ~Pager() override { close(fd_); }

  private:
    void begin() {
        since_ = from_, seen = {};
        seen.first = 1, seen.epoch = from_.substr(0, from_.rfind(':')), seen.offset = strtoll(from_.c_str() + from_.rfind(':') + 1, nullptr, 10);
    }
    void ask() {
        auto request = "GET " + path_ + "?since=" + since_ + "&limit=1000&wait=0 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) + "\r\n\r\n";
        if (send(fd_, request.data(), request.size(), MSG_NOSIGNAL) < 0) fail("the poll was cut off");
    }
    void ready(uint32_t) override {
        static char bytes[256 << 10];
        auto count = recv(fd_, bytes, sizeof bytes, 0);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) fail("the poll was cut off");
        in_.append(bytes, static_cast<size_t>(count));
        auto end = in_.find("\r\n\r\n");
        if (end == in_.npos) return;
        if (!in_.starts_with("HTTP/1.1 200 ")) fail("a poll was answered: %.300s", in_.c_str());
        auto length = strtoul(header(std::string_view(in_).substr(0, end + 2), "content-length").c_str(), nullptr, 10);
        if (in_.size() < end + 4 + length) return;
        take(std::string_view(in_).substr(end + 4, length));
        in_.clear();
        loop_.at(now(), [this] { ask(); });
    }
    void take(std::string_view body) {
        pages++;
        since_ = text_of(body, R"("position_text":")");
        if (body.find(R"("recovered":false)") != body.npos) {
            refused++, begin();
            return;
        }
        size_t at = body.find("\"messages\":[") + 12, any = 0;
        for (int depth = 0; at < body.size() && body[at] != ']'; at++) {  // each object of the array; our payloads hold no braces in text
            auto from = at;
            do depth += (body[at] == '{') - (body[at] == '}');
            while (++at < body.size() && depth > 0);
            seen.take(body.substr(from, at - from)), any++;
            if (body[at] == ']') break;
        }
        if (any > 0) return;
        worst_missing = std::max(worst_missing, seen.missing(seen.last) + seen.twice + seen.breaks);
        passes++, begin();
    }
    Loop& loop_;
    uint16_t port_;
    std::string path_, from_, since_, in_;
    int fd_;
};
