// One thread's clock, event loop and WebSocket bytes (RFC 6455).
#pragma once
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

using Nanos = int64_t;
constexpr Nanos second = 1'000'000'000, millisecond = 1'000'000;

inline Nanos now() {
    timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * second + t.tv_nsec;
}
inline double seconds(Nanos t) { return static_cast<double>(t) / second; }
inline double milliseconds(Nanos t) { return static_cast<double>(t) / millisecond; }
inline Nanos nanos(double seconds) { return static_cast<Nanos>(seconds * second); }

// The run cannot go on or does not count; ends with 2.
[[noreturn, gnu::format(printf, 1, 2)]] inline void fail(const char* format, ...) {
    va_list values;
    va_start(values, format);
    fputs("tideload: ", stderr);
    vfprintf(stderr, format, values);
    fputc('\n', stderr);
    exit(2);
}

inline sockaddr_in loopback(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

inline void set_option(int fd, int level, int option, int value) { setsockopt(fd, level, option, &value, sizeof value); }

struct Watched {
    virtual ~Watched() = default;
    virtual void ready(uint32_t events) = 0;
};

// Waits for sockets and for times. What it calls must outlive it; a socket is opened again only from at().
class Loop {
  public:
    Loop() : poll_(epoll_create1(EPOLL_CLOEXEC)) {}

    void watch(int fd, uint32_t events, Watched* who, int how = EPOLL_CTL_ADD) {
        epoll_event event{.events = events, .data = {.ptr = who}};
        if (epoll_ctl(poll_, how, fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
    }
    void change(int fd, uint32_t events, Watched* who) { watch(fd, events, who, EPOLL_CTL_MOD); }

    void at(Nanos when, std::function<void()> what) { timers_.push({when, order_++, std::move(what)}); }

    // Runs until done() or the time; whether it was done().
    bool run(Nanos until, const std::function<bool()>& done) {
        epoll_event events[256];
        while (true) {
            while (!timers_.empty() && timers_.top().when <= now()) {
                auto what = timers_.top().what;
                timers_.pop();
                what();
            }
            if (done()) return true;
            auto time = now();
            if (time >= until) return false;
            auto wait = std::max<Nanos>(0, std::min(until, timers_.empty() ? until : timers_.top().when) - time);
            timespec timeout{wait / second, wait % second};
            int count = epoll_pwait2(poll_, events, 256, &timeout, nullptr);
            for (int i = 0; i < count; i++) static_cast<Watched*>(events[i].data.ptr)->ready(events[i].events);
        }
    }
    void run(double seconds) {
        run(now() + nanos(seconds), [] { return false; });
    }

  private:
    struct Timer {
        Nanos when;
        uint64_t order;
        std::function<void()> what;
        bool operator<(const Timer& other) const { return when != other.when ? when > other.when : order > other.order; }
    };
    int poll_;
    uint64_t order_ = 0;
    std::priority_queue<Timer> timers_;
};

// The answer to a Sec-WebSocket-Key: Base64 of the SHA-1 of it and a constant.
inline std::string accept_key(std::string_view key) {
    std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    const uint64_t bits = text.size() * 8;
    text += '\x80';
    while (text.size() % 64 != 56) text += '\0';
    for (int shift = 56; shift >= 0; shift -= 8) text += static_cast<char>(bits >> shift);
    uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    auto turn = [](uint32_t value, int by) { return value << by | value >> (32 - by); };
    for (size_t block = 0; block < text.size(); block += 64) {
        uint32_t w[80];
        for (int i = 0; i < 16; i++) {
            memcpy(&w[i], &text[block + 4 * static_cast<size_t>(i)], 4);
            w[i] = ntohl(w[i]);
        }
        for (int i = 16; i < 80; i++) w[i] = turn(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        auto [a, b, c, d, e] = h;
        for (int i = 0; i < 80; i++) {
            uint32_t mixed = i < 20   ? ((b & c) | (~b & d)) + 0x5A827999
                             : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1
                             : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC
                                      : (b ^ c ^ d) + 0xCA62C1D6;
            uint32_t next = turn(a, 5) + mixed + e + w[i];
            e = d, d = c, c = turn(b, 30), b = a, a = next;
        }
        h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
    }
    std::string answer;
    unsigned held = 0, count = 0;
    for (int i = 0; i < 20; i++) {
        held = held << 8 | (h[i / 4] >> (24 - 8 * (i % 4)) & 255);
        for (count += 8; count >= 6; count -= 6)
            answer += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[held >> (count - 6) & 63];
    }
    return answer + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[held << 2 & 63] + "=";
}

enum class Op : uint8_t { more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// A whole frame; a client's is masked, with zeros, which leaves its bytes as they are.
inline std::string frame(Op op, std::string_view payload, bool masked) {
    std::string bytes(1, static_cast<char>(0x80 | static_cast<int>(op)));
    const char mask = masked ? '\x80' : '\0';
    if (payload.size() < 126) {
        bytes += static_cast<char>(mask | static_cast<char>(payload.size()));
    } else {
        const bool large = payload.size() > 65535;
        bytes += static_cast<char>(mask | (large ? 127 : 126));
        for (int shift = large ? 56 : 8; shift >= 0; shift -= 8) bytes += static_cast<char>(payload.size() >> shift);
    }
    if (masked) bytes.append(4, '\0');
    return bytes.append(payload);
}

// Takes the frames out of received bytes; what is not whole yet stays for the next call.
class Frames {
  public:
    // take(op, payload) is called for each message and control frame; when it is false, the rest is not looked at.
    template <typename Take>
    void add(std::string_view bytes, Take take) {
        const bool joined = !rest_.empty();
        if (joined) bytes = rest_.append(bytes);
        size_t used = 0;
        while (size_t length = one(bytes.substr(used), take)) used += length;
        if (joined) rest_.erase(0, used);
        else rest_.assign(bytes.substr(used));
    }
    void clear() { rest_.clear(), partial_.clear(); }

  private:
    template <typename Take>
    size_t one(std::string_view in, Take& take) {
        if (in.size() < 2) return 0;
        auto byte = [&](size_t i) { return static_cast<uint8_t>(in[i]); };
        size_t head = 2;
        uint64_t length = byte(1) & 127;
        if (length >= 126) {
            const size_t wide = length == 126 ? 2 : 8;
            if (in.size() < head + wide) return 0;
            length = 0;
            for (size_t i = 0; i < wide; i++) length = length << 8 | byte(head + i);
            head += wide;
        }
        const bool masked = byte(1) & 128;
        if (masked) head += 4;
        if (in.size() < head + length) return 0;
        auto payload = in.substr(head, length);
        std::string clear;
        if (masked) {
            clear.assign(payload);
            for (size_t i = 0; i < clear.size(); i++) clear[i] = static_cast<char>(clear[i] ^ in[head - 4 + i % 4]);
            payload = clear;
        }
        auto op = static_cast<Op>(byte(0) & 15);
        if (const bool last = byte(0) & 128; op < Op::close && (!last || op == Op::more)) {
            if (op != Op::more) partial_op_ = op;
            partial_.append(payload);
            if (last) {
                take(partial_op_, std::string_view(partial_));
                partial_.clear();
            }
        } else {
            take(op, payload);
        }
        return head + length;
    }
    std::string rest_, partial_;
    Op partial_op_ = Op::text;
};

// The value of a header, its name given in lower case.
inline std::string header(std::string_view head, std::string_view name) {
    for (size_t line = head.find("\r\n"); line != head.npos; line = head.find("\r\n", line + 2)) {
        auto start = head.substr(line + 2);
        if (start.size() <= name.size() || strncasecmp(start.data(), name.data(), name.size()) != 0 || start[name.size()] != ':') continue;
        start = start.substr(name.size() + 1, start.find("\r\n") - name.size() - 1);
        auto from = start.find_first_not_of(' ');
        return from == start.npos ? "" : std::string(start.substr(from));
    }
    return "";
}
