// What is measured: samples, the product's own figures, its memory, the kernel's memory for one of its sockets.
#pragma once
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/resource.h>

#include <algorithm>
#include <map>

#include "net.h"

// All values are kept: the quantiles are exact.
class Samples {
  public:
    void add(double value) { values_.push_back(static_cast<float>(value)), sorted_ = false; }
    void clear() { values_.clear(); }
    size_t size() const { return values_.size(); }
    double quantile(double q) {
        if (values_.empty()) return NAN;
        if (!sorted_) std::sort(values_.begin(), values_.end()), sorted_ = true;
        return values_[std::min(values_.size() - 1, static_cast<size_t>(std::ceil(q * static_cast<double>(values_.size()))) - (q > 0))];
    }

  private:
    std::vector<float> values_;
    bool sorted_ = false;
};

inline void figure(const std::string& name, double value) { printf("%s=%.10g\n", name.c_str(), std::round(value * 1000) / 1000); }
inline void figure(const std::string& name, const std::string& value) { printf("%s=%s\n", name.c_str(), value.c_str()); }
inline void quantiles(const std::string& name, Samples& samples) {
    for (auto [label, q] : {std::pair{"p50", 0.5}, {"p95", 0.95}, {"p99", 0.99}, {"max", 1.0}}) figure(name + "_" + label + "_ms", samples.quantile(q));
}

// The body of an answer; waits for it, so nothing else may be going on.
inline std::string get(uint16_t port, const std::string& path) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    timeval limit{10, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    auto address = loopback(port);
    std::string answer, request = "GET " + path + " HTTP/1.0\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n\r\n";
    if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 || send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) fail("GET %s: %s", path.c_str(), strerror(errno));
    char bytes[65536];
    for (ssize_t count; (count = recv(fd, bytes, sizeof bytes, 0)) > 0;) answer.append(bytes, static_cast<size_t>(count));
    close(fd);
    auto end = answer.find("\r\n\r\n");
    if (end == answer.npos || answer.find(" 200 ") > end) fail("GET %s was answered: %.200s", path.c_str(), answer.c_str());
    return answer.substr(end + 4);
}

// The product's metrics: the sum of each series over its labels other than le, by name, or by name and le.
inline std::map<std::string, double> metrics(uint16_t port) {
    std::map<std::string, double> values;
    const auto text = get(port, "/metrics");
    for (size_t line = 0; line < text.size(); line = text.find('\n', line) + 1) {
        auto one = text.substr(line, text.find('\n', line) - line);
        auto space = one.rfind(' ');
        if (one.starts_with('#') || space == one.npos) continue;
        auto name = one.substr(0, one.find_first_of("{ "));
        if (auto le = one.find("le=\""); le != one.npos) name += " " + one.substr(le + 4, one.find('"', le + 4) - le - 4);
        values[name] += strtod(one.c_str() + space, nullptr);
        if (text.find('\n', line) == text.npos) break;
    }
    return values;
}

// A quantile of what a histogram counted between two readings, in milliseconds: within a bucket by linear interpolation.
inline double histogram_quantile(const std::map<std::string, double>& before, const std::map<std::string, double>& after, const std::string& name, double q) {
    std::vector<std::pair<double, double>> buckets;
    const auto prefix = name + "_bucket ";
    for (auto at = after.lower_bound(prefix); at != after.end() && at->first.starts_with(prefix); ++at) {
        auto was = before.find(at->first);
        auto le = at->first.substr(prefix.size());
        buckets.emplace_back(le == "+Inf" ? INFINITY : strtod(le.c_str(), nullptr), at->second - (was == before.end() ? 0 : was->second));
    }
    std::sort(buckets.begin(), buckets.end());
    double low = 0, under = 0, wanted = buckets.empty() ? NAN : buckets.back().second * q;
    for (auto [high, count] : buckets) {
        if (count >= wanted && count > under) return 1000 * (std::isinf(high) ? low : low + (high - low) * (wanted - under) / (count - under));
        low = high, under = count;
    }
    return NAN;
}

struct Usage {
    double processor = 0;  // seconds
    double resident = 0;   // bytes
};
inline Usage usage_of(int pid) {
    Usage usage;
    if (pid <= 0) return usage;
    char text[1024] = {};
    if (auto file = fopen(("/proc/" + std::to_string(pid) + "/stat").c_str(), "r")) {
        text[fread(text, 1, sizeof text - 1, file)] = 0;
        fclose(file);
    }
    long user = 0, system = 0, pages = 0;
    const char* rest = strrchr(text, ')');
    if (rest != nullptr && sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld %*d %*d %*d %*d %*d %*d %*u %*u %ld", &user, &system, &pages) == 3)
        usage = {static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK)), static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE))};
    return usage;
}
inline double own_processor() {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

// The kernel's memory for the product's end of one connection, as `ss -tm` shows it: what is queued either way (with the
// kernel's own overhead), what is set aside for it, and options. -1 when there is no such connection.
class SocketMemory {
  public:
    SocketMemory() : fd_(socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)) {}

    int64_t of(uint16_t server_port, uint16_t client_port) const {
        struct {
            nlmsghdr head{};
            inet_diag_req_v2 ask{};
        } request;
        request.head = {sizeof request, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 0, 0};
        request.ask.sdiag_family = AF_INET, request.ask.sdiag_protocol = IPPROTO_TCP;
        request.ask.idiag_ext = 1 << (INET_DIAG_SKMEMINFO - 1), request.ask.idiag_states = ~0U;
        request.ask.id.idiag_sport = htons(server_port), request.ask.id.idiag_dport = htons(client_port);
        request.ask.id.idiag_src[0] = request.ask.id.idiag_dst[0] = htonl(INADDR_LOOPBACK);
        request.ask.id.idiag_cookie[0] = request.ask.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
        if (send(fd_, &request, sizeof request, 0) < 0) return -1;
        alignas(nlmsghdr) char answer[4096];
        auto length = recv(fd_, answer, sizeof answer, 0);
        auto head = reinterpret_cast<nlmsghdr*>(answer);
        if (length < static_cast<ssize_t>(sizeof *head) || head->nlmsg_type != SOCK_DIAG_BY_FAMILY) return -1;
        auto end = answer + head->nlmsg_len;
        for (auto at = answer + NLMSG_LENGTH(sizeof(inet_diag_msg)); at + sizeof(nlattr) <= end;) {
            auto attribute = reinterpret_cast<nlattr*>(at);
            auto values = reinterpret_cast<uint32_t*>(at + NLA_HDRLEN);
            if (attribute->nla_type == INET_DIAG_SKMEMINFO)
                return int64_t{values[SK_MEMINFO_RMEM_ALLOC]} + values[SK_MEMINFO_WMEM_QUEUED] + values[SK_MEMINFO_FWD_ALLOC] + values[SK_MEMINFO_OPTMEM] + values[SK_MEMINFO_BACKLOG];
            at += NLA_ALIGN(attribute->nla_len);
        }
        return -1;
    }

  private:
    int fd_;
};
