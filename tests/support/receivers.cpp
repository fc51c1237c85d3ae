// SPDX-License-Identifier: Apache-2.0
#include "tests/support/receivers.hpp"

#include <algorithm>

namespace patchlab::tests {

namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// "MAIL FROM:<a@b> SIZE=…" → "a@b"
std::string address_in(const std::string& line) {
    const auto open = line.find('<'), close = line.find('>');
    return open == std::string::npos || close == std::string::npos
               ? ""
               : line.substr(open + 1, close - open - 1);
}

}  // namespace

HookServer::HookServer(std::vector<std::string> answers) : answers_(std::move(answers)) { start(); }

std::vector<Posted> HookServer::posted() {
    const std::lock_guard lock(mutex_);
    return posted_;
}

bool HookServer::wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20),
                             [&] { return posted_.size() >= count; });
}

void HookServer::talk(int connection) {
    Hearing hearing(connection);
    const auto first = hearing.line();
    if (!first) return;
    Posted posted;
    posted.method = first->substr(0, first->find(' '));
    posted.path =
        first->substr(posted.method.size() + 1, first->rfind(' ') - posted.method.size() - 1);
    for (auto line = hearing.line(); line && !line->empty(); line = hearing.line()) {
        const auto colon = line->find(": ");
        if (colon != std::string::npos)
            posted.headers[lower(line->substr(0, colon))] = line->substr(colon + 2);
    }
    if (posted.headers.contains("content-length"))
        posted.body = hearing.bytes(std::stoul(posted.headers.at("content-length")));
    std::string answer;
    {
        const std::lock_guard lock(mutex_);
        answer = answers_[std::min(posted_.size(), answers_.size() - 1)];
        posted_.push_back(posted);
        changed_.notify_all();
    }
    if (!answer.empty())
        say(connection,
            "HTTP/1.1 " + answer + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
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
        } else if (word == "mail") mail.from = address_in(*line), say(connection, "250 fine\r\n");
        else if (word == "rcpt")
            mail.to.push_back(address_in(*line)), say(connection, to_recipient_ + "\r\n");
        else if (word == "data") {
            say(connection, "354 go on\r\n");
            for (auto text = hearing.line(); text && *text != "."; text = hearing.line())
                mail.text += (text->starts_with('.') ? text->substr(1) : *text) + "\r\n";
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
