// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/front/upstream.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "orchestrator/service/api/problem.hpp"
#include "orchestrator/service/wire/frame.hpp"
#include "orchestrator/service/wire/message.hpp"
#include "platform/core/error.hpp"
#include "platform/core/log.hpp"

namespace patchlab::service::front {

using http::Task;
using http::Wake;

namespace {

/// So often whoever waits for a long call is asked whether they still do.
constexpr Seconds between_looks{5};
/// So often a call that may be told to end is asked whether it was.
constexpr Seconds between_interrupt_looks{0.5};

BackReply failed(const Error& error) { return {false, api::error_document(error), 0}; }

BackReply failed_with(std::string_view code, const std::string& why, const std::string& advice) {
    return {false, api::error_document(code, why, advice), 0};
}

/// How a call ended; nullopt for an event.
std::optional<BackReply> end_in(const Json& message) {
    BackReply reply;
    reply.ok = message.contains("response");
    if (!reply.ok && !message.contains("error")) return std::nullopt;
    reply.document = message.at(reply.ok ? "response" : "error");
    reply.exit = message.value("exit", 0);
    reply.state = message.value("state", std::string());
    return reply;
}

/// The first bytes take the descriptors along.
ssize_t send_with(int fd, std::string_view bytes, const std::vector<int>& files) {
    iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    std::vector<char> control(CMSG_SPACE(files.size() * sizeof(int)));
    if (!files.empty()) {
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(files.size() * sizeof(int));
        std::memcpy(CMSG_DATA(header), files.data(), files.size() * sizeof(int));
    }
    return ::sendmsg(fd, &message, MSG_NOSIGNAL);
}

/// Whether the other end has hung up meanwhile.
bool is_stale(int fd) {
    char byte = 0;
    const ssize_t got = ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

}  // namespace

struct Upstream::Link {
    Link(http::Loop& loop, UniqueFd fd) : socket(loop, std::move(fd)) {}
    http::Socket socket;
    FrameReader reader{most_from_back};
};

Upstream::Upstream(http::Loop& loop, std::function<UniqueFd()> connect, UpstreamLimits limits)
    : loop_(loop), connect_(std::move(connect)), limits_(limits), turn_(loop) {}
Upstream::~Upstream() = default;

Task<bool> Upstream::take_turn(bool long_one) {
    std::size_t& at_work = long_one ? long_calls_ : short_calls_;
    const std::size_t most = long_one ? limits_.long_calls : limits_.short_calls;
    const Deadline deadline(limits_.patience);
    while (at_work >= most) {
        const Wake wake = co_await turn_.wait(deadline);
        if (wake == Wake::timeout) co_return false;
    }
    ++at_work;
    co_return true;
}

void Upstream::give_turn(bool long_one) {
    --(long_one ? long_calls_ : short_calls_);
    turn_.wake_all();
}

Upstream::LinkPtr Upstream::link() {
    while (!idle_.empty()) {
        LinkPtr kept = std::move(idle_.back());
        idle_.pop_back();
        if (!is_stale(kept->socket.fd())) return kept;
    }
    return std::make_shared<Link>(loop_, connect_());
}

Task<bool> Upstream::send(Link& link, const BackCall& call) {
    Json message{{"call", call.operation}, {"request", call.request}};
    if (!call.credential.is_null()) message["credential"] = call.credential;
    if (!call.from.empty()) message["from"] = call.from;
    if (!call.as.empty()) message["as"] = call.as;
    const std::string frame = frame_of(message, most_from_caller);
    std::string_view left = frame;
    const Deadline deadline(limits_.longest);
    static const std::vector<int> none;
    while (!left.empty()) {
        const bool first = left.size() == frame.size();
        const ssize_t sent = send_with(link.socket.fd(), left, first ? call.files : none);
        if (sent > 0) {
            left.remove_prefix(static_cast<std::size_t>(sent));
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) co_return false;
        const Wake wake = co_await link.socket.writable(deadline);
        if (wake != Wake::ready) co_return false;
    }
    co_return true;
}

/// The next message; nullopt when none came for so long. Error(lab) when the back has gone.
Task<std::optional<Json>> Upstream::receive(Link& link, Seconds longest) {
    const Deadline deadline(longest);
    std::vector<char> some(64U << 10);
    while (true) {
        if (auto message = link.reader.take()) co_return std::move(*message);
        const std::size_t most = std::min(some.size(), link.reader.wanted());
        const ssize_t got = ::recv(link.socket.fd(), some.data(), most, 0);
        if (got > 0) {
            link.reader.feed({some.data(), static_cast<std::size_t>(got)});
            continue;
        }
        if (got < 0 && errno == EINTR) continue;
        if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
            throw Error(ErrorCode::lab, "the back of the service has gone",
                        "what it had begun goes on; look at it before you ask again");
        const Wake wake = co_await link.socket.readable(deadline);
        if (wake == Wake::timeout) co_return std::nullopt;
        if (wake == Wake::closed)
            throw Error(ErrorCode::lab, "the service is ending", "try again in a moment");
    }
}

void Upstream::interrupt(Link& link) {
    const std::string stop = frame_of(interrupt_message(), most_from_caller);
    (void)!::send(link.socket.fd(), stop.data(), stop.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

Task<BackReply> Upstream::talk(LinkPtr link, const BackCall& call, const OnEvent& on_event) {
    const bool sent = co_await send(*link, call);
    if (!sent) throw Error(ErrorCode::lab, "the back of the service has gone");
    Seconds longest = limits_.longest;
    if (call.long_one) longest = between_looks;
    if (call.interrupt) longest = between_interrupt_looks;
    bool interrupted = false;
    const Deadline patience(limits_.longest);
    while (true) {
        const std::optional<Json> got = co_await receive(*link, longest);
        if (!got && !call.long_one && (!call.interrupt || patience.passed()))
            throw Error(ErrorCode::timeout, "the back of the service did not answer in time");
        const Json message = got.value_or(Json(nullptr));
        if (auto end = end_in(message)) {
            idle_.push_back(link);
            co_return std::move(*end);
        }
        if (call.interrupt && *call.interrupt && !interrupted) {
            interrupted = true;
            interrupt(*link);
        }
        if (!on_event) continue;
        const bool wanted = co_await on_event(message);
        if (wanted) continue;
        if (call.interruptible) interrupt(*link);
        co_return failed_with("timeout", "the caller has gone", "");
    }
}

Task<BackReply> Upstream::call(BackCall call, OnEvent on_event) {
    const bool mine = co_await take_turn(call.long_one);
    if (!mine) co_return failed_with("busy", "the service has too much to do", "try again soon");
    BackReply reply;
    try {
        LinkPtr used = link();
        std::erase_if(busy_, [](const std::weak_ptr<Link>& one) { return one.expired(); });
        busy_.push_back(used);
        reply = co_await talk(used, call, on_event);
    } catch (const Error& error) {
        reply = failed(error);
    } catch (const std::exception& error) {
        log_error(std::string("a call of the back failed: ") + error.what());
        reply = failed_with("internal", "the back of the service said something odd", "");
    }
    give_turn(call.long_one);
    co_return reply;
}

void Upstream::close(bool all) {
    idle_.clear();
    if (!all) return;
    for (const auto& one : busy_)
        if (const LinkPtr link = one.lock()) link->socket.close();
}

}  // namespace patchlab::service::front
