// SPDX-License-Identifier: Apache-2.0
#include "tests/support/receivers.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>

#include "platform/core/error.hpp"

namespace patchlab::tests {

namespace {

void say(int connection, const std::string& text) {
    for (std::size_t sent = 0; sent < text.size();) {
        const ssize_t now = ::send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (now <= 0) return;
        sent += static_cast<std::size_t>(now);
    }
}

/// What comes in, line by line and byte by byte.
class Hearing {
  public:
    explicit Hearing(int connection) : connection_(connection) {}
    /// Without its line break; nullopt when the other end hung up.
    std::optional<std::string> line() {
        for (;;) {
            if (const auto end = heard_.find("\r\n"); end != std::string::npos) {
                const std::string found = heard_.substr(0, end);
                heard_.erase(0, end + 2);
                return found;
            }
            if (!more()) return std::nullopt;
        }
    }
    std::string bytes(std::size_t count) {
        while (heard_.size() < count && more()) {
        }
        const std::string found = heard_.substr(0, count);
        heard_.erase(0, found.size());
        return found;
    }

  private:
    bool more() {
        char buffer[4096];
        const ssize_t got = ::recv(connection_, buffer, sizeof buffer, 0);
        if (got > 0) heard_.append(buffer, static_cast<std::size_t>(got));
        return got > 0;
    }
    int connection_;
    std::string heard_;
};

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// "MAIL FROM:<a@b> SIZE=…" → "a@b"
std::string address_in(const std::string& line) {
    const auto open = line.find('<'), close = line.find('>');
    return open == std::string::npos || close == std::string::npos ? "" : line.substr(open + 1, close - open - 1);
}

}  // namespace

LoopbackServer::LoopbackServer() : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listening_.get(), plain, size) != 0 || ::listen(listening_.get(), 16) != 0 || ::getsockname(listening_.get(), plain, &size) != 0)
        throw Error(ErrorCode::lab, "cannot listen on the loopback device");
    port_ = ntohs(address.sin_port);
}

void LoopbackServer::start() {
    thread_ = std::thread([this] {
        for (;;) {
            const UniqueFd connection(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!connection) return;
            talk(connection.get());
        }
    });
}

void LoopbackServer::stop() {
    ::shutdown(listening_.get(), SHUT_RDWR);  // ends accept()
    if (thread_.joinable()) thread_.join();
}

HookServer::HookServer(std::vector<std::string> answers) : answers_(std::move(answers)) { start(); }

std::vector<Posted> HookServer::posted() {
    const std::lock_guard lock(mutex_);
    return posted_;
}

bool HookServer::wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return posted_.size() >= count; });
}

void HookServer::talk(int connection) {
    Hearing hearing(connection);
    const auto first = hearing.line();
    if (!first) return;
    Posted posted;
    posted.method = first->substr(0, first->find(' '));
    posted.path = first->substr(posted.method.size() + 1, first->rfind(' ') - posted.method.size() - 1);
    for (auto line = hearing.line(); line && !line->empty(); line = hearing.line()) {
        const auto colon = line->find(": ");
        if (colon != std::string::npos) posted.headers[lower(line->substr(0, colon))] = line->substr(colon + 2);
    }
    if (posted.headers.contains("content-length")) posted.body = hearing.bytes(std::stoul(posted.headers.at("content-length")));
    std::string answer;
    {
        const std::lock_guard lock(mutex_);
        answer = answers_[std::min(posted_.size(), answers_.size() - 1)];
        posted_.push_back(posted);
        changed_.notify_all();
    }
    if (!answer.empty()) say(connection, "HTTP/1.1 " + answer + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

std::vector<ReceivedMail> MailServer::mails() {
    const std::lock_guard lock(mutex_);
    return mails_;
}

void MailServer::talk(int connection) {
    Hearing hearing(connection);
    ReceivedMail mail;
    say(connection, "220 test ESMTP\r\n");
    for (auto line = hearing.line(); line; line = hearing.line()) {
        const std::string word = lower(line->substr(0, line->find_first_of(" :")));
        if (word == "ehlo") say(connection, "250-test\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n");
        else if (word == "auth") {
            say(connection, "334 \r\n");  // curl waits to be asked
            mail.login = hearing.line().value_or("");
            say(connection, "235 welcome\r\n");
        }
        else if (word == "mail") mail.from = address_in(*line), say(connection, "250 fine\r\n");
        else if (word == "rcpt") mail.to.push_back(address_in(*line)), say(connection, to_recipient_ + "\r\n");
        else if (word == "data") {
            say(connection, "354 go on\r\n");
            for (auto text = hearing.line(); text && *text != "."; text = hearing.line()) mail.text += (text->starts_with('.') ? text->substr(1) : *text) + "\r\n";
            const std::lock_guard lock(mutex_);
            mails_.push_back(mail);
            say(connection, "250 taken\r\n");
        } else if (word == "quit") {
            say(connection, "221 bye\r\n");
            return;
        } else say(connection, "502 what?\r\n");
    }
}

}  // namespace patchlab::tests
