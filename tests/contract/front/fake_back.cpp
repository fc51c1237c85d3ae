// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/front/fake_back.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>

#include "orchestrator/service/wire/connection.hpp"
#include "platform/core/error.hpp"

namespace patchlab::service::front {

namespace {

/// nullopt at the end, also in the middle of a message.
std::optional<Received> next_of(Connection& connection) {
    try {
        return connection.receive(Seconds(3600));
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::string content_of(const UniqueFd& file) {
    std::string content;
    std::array<char, 4096> some;
    ::lseek(file.get(), 0, SEEK_SET);
    for (ssize_t got = 0; (got = ::read(file.get(), some.data(), some.size())) > 0;)
        content.append(some.data(), static_cast<std::size_t>(got));
    return content;
}

void send_whole(int fd, const Json& message) {
    const std::string frame = frame_of(message, most_from_back);
    std::string_view left = frame;
    while (!left.empty()) {
        const ssize_t sent = ::send(fd, left.data(), left.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        left.remove_prefix(static_cast<std::size_t>(sent));
    }
}

}  // namespace

Json ok(const Json& response, int exit) { return {{"response", response}, {"exit", exit}}; }

Json failed(const char* code, const std::string& message) {
    return {{"error",
             {{"schema", "patchlab/error/v1"},
              {"code", code},
              {"message", message},
              {"advice", nullptr},
              {"exit", 4}}}};
}

FakeBack::~FakeBack() {
    {
        const std::lock_guard lock(mutex_);
        for (const int end : ends_) ::shutdown(end, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    for (const int end : ends_) ::close(end);
}

UniqueFd FakeBack::connect() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        throw std::runtime_error("socketpair");
    serve_at(UniqueFd(ends[1]));
    return UniqueFd(ends[0]);
}

void FakeBack::serve_at(UniqueFd end) {
    const std::lock_guard lock(mutex_);
    ends_.push_back(::dup(end.get()));
    threads_.emplace_back(
        [this, fd = std::make_shared<UniqueFd>(std::move(end))] { serve(std::move(*fd)); });
}

void FakeBack::serve(UniqueFd fd) {
    Connection connection(std::move(fd), most_from_caller, most_from_back);
    while (const auto received = next_of(connection)) {
        const Json& message = received->message;
        if (message.contains("interrupt")) ++interrupts_;
        if (!message.contains("call")) continue;
        Seen seen{message.at("call"),
                  message.at("request"),
                  message.value("credential", Json(nullptr)),
                  message.value("from", std::string()),
                  {}};
        for (const UniqueFd& file : received->files) seen.files.push_back(content_of(file));
        for (const UniqueFd& file : received->files)
            if (!written_.empty()) (void)!::pwrite(file.get(), written_.data(), written_.size(), 0);
        {
            const std::lock_guard lock(mutex_);
            seen_.push_back(seen);
            if (seen.call == "event.follow") {
                followers_.push_back(connection.fd());
                continue;
            }
        }
        for (const Json& answer : answers_(seen)) send_whole(connection.fd(), answer);
    }
}

std::vector<Seen> FakeBack::seen(const std::string& call) const {
    const std::lock_guard lock(mutex_);
    std::vector<Seen> found;
    for (const Seen& one : seen_)
        if (one.call == call) found.push_back(one);
    return found;
}

void FakeBack::publish(const Json& event) {
    const std::lock_guard lock(mutex_);
    for (const int follower : followers_) send_whole(follower, event);
}

bool FakeBack::is_followed() const {
    const std::lock_guard lock(mutex_);
    return !followers_.empty();
}

namespace {

/// Sessions and tokens of every test: whatever is "good" is Vera.
Answers with_sessions(Answers answers) {
    return [answers = std::move(answers)](const Seen& seen) -> std::vector<Json> {
        const std::string shown = to_line(seen.credential);
        if (seen.call == "session.login") return answers(seen);
        if (shown.find("good") == std::string::npos)
            return {failed("not-authenticated", "this proves nothing")};
        if (seen.call == "session.show")
            return {ok({{"schema", "patchlab/session/v1"}, {"user", "vera"}, {"csrf", "c5rf"}})};
        return answers(seen);
    };
}

}  // namespace

FrontServer::FrontServer(Answers answers, FrontLimits limits, http::Peer door)
    : back(with_sessions(std::move(answers))),
      upstream_(loop_, [this] { return back.connect(); }),
      front_(loop_, upstream_, {"localhost", "127.0.0.1"}, limits),
      server_(loop_, front_) {
    UniqueFd listener = http::listen_tcp("127.0.0.1:0");
    port = http::port_of(listener);
    server_.listen({std::move(listener), door.proxy, door.tls});
    thread_ = std::thread([this] { loop_.run(); });
}

FrontServer::~FrontServer() {
    loop_.post([this] {
        front_.hub().drop_all();
        server_.close_all();
        upstream_.close(true);
    });
    thread_.join();
}

std::size_t FrontServer::listeners() {
    std::atomic<int> count = -1;
    loop_.post([&] { count = static_cast<int>(front_.hub().listeners()); });
    while (count < 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return static_cast<std::size_t>(count.load());
}

std::string ask_at(std::uint16_t port, const std::string& method, const std::string& target,
                   const std::string& fields, const std::string& body, const std::string& token,
                   double seconds) {
    testing::RawClient client(port);
    std::string text = method + " " + target + " HTTP/1.1\r\nHost: localhost:8080\r\n" + fields;
    if (!token.empty()) text += "Authorization: Bearer " + token + "\r\n";
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    client.send(text + "Connection: close\r\n\r\n" + body);
    return client.read_all(seconds);
}

std::string FrontServer::ask(const std::string& method, const std::string& target,
                             const std::string& fields, const std::string& body,
                             const std::string& token) {
    return ask_at(port, method, target, fields, body, token, 10);
}

}  // namespace patchlab::service::front
