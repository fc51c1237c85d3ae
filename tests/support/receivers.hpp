// SPDX-License-Identifier: Apache-2.0
//
// Somebody to tell: a web server that keeps what was posted to it, and a mail server that keeps the
// mails handed to it. Both listen on the loopback device and have one conversation at a time, on a
// thread of their own. Thread safety: the getters may be called from the test's thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tests/support/loopback.hpp"

namespace patchlab::tests {

struct Posted {
    std::string method, path, body;
    std::map<std::string, std::string> headers;  ///< names in lower case
};

class HookServer final : public LoopbackServer {
  public:
    /// What it answers, in this order, the last one for ever: "200 OK", "503 Busy", "302
    /// Found\r\nLocation: …"; empty: it hangs up.
    explicit HookServer(std::vector<std::string> answers);
    ~HookServer() override { stop(); }
    std::string url(const std::string& path = "/hook") const {
        return "http://127.0.0.1:" + std::to_string(port()) + path;
    }
    std::vector<Posted> posted();
    /// True once so many were posted; false after 20 seconds.
    bool wait_for(std::size_t count);

  private:
    void talk(int connection) override;
    std::vector<std::string> answers_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Posted> posted_;
};

struct ReceivedMail {
    std::string from;
    std::vector<std::string> to;
    std::string text;   ///< as sent, the dots of the protocol taken out
    std::string login;  ///< user and password of AUTH PLAIN, decoded; empty: none
};

class MailServer final : public LoopbackServer {
  public:
    /// `to_recipient`: what it says to RCPT TO.
    explicit MailServer(std::string to_recipient = "250 fine")
        : to_recipient_(std::move(to_recipient)) {
        start();
    }
    ~MailServer() override { stop(); }
    std::string url() const { return "smtp://127.0.0.1:" + std::to_string(port()); }
    std::vector<ReceivedMail> mails();

  private:
    void talk(int connection) override;
    std::string to_recipient_;
    std::mutex mutex_;
    std::vector<ReceivedMail> mails_;
};

}  // namespace patchlab::tests
