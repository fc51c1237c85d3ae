// SPDX-License-Identifier: Apache-2.0
//
// One attempt to tell each kind of target, with the real curl and servers on the loopback device.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <regex>

#include "orchestrator/notify/carrier.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "tests/support/receivers.hpp"

namespace patchlab::notify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using tests::HookServer;
using tests::MailServer;

constexpr const char* secret = "a \"secret\" with \\ in it";

/// Runs commands for real and keeps what was asked for.
class Watched final : public process::CommandRunner {
  public:
    process::CommandResult run(const process::CommandSpec& spec) override {
        specs.push_back(spec);
        return real_.run(spec);
    }
    std::vector<process::CommandSpec> specs;

  private:
    process::SystemCommandRunner real_;
};

class Carried : public testing::Test {
  protected:
    Carried() {
        write_file_atomic(file("secret"), std::string(secret) + "\n", 0600);
        message.id = "n-20261124T220000Z-0a0b0c0d";
        message.time = "2026-11-24T22:00:00Z";
        message.notice.kind = NoticeKind::halted;
        message.notice.rollout = "ro-1";
        message.notice.ring = "canary";
        message.notice.text = "ring canary halted: 1 of 2 hosts failed";
        message.notice.details = {{"failed", 1}};
    }
    fs::path file(const std::string& name) const { return folder.path() / name; }
    NotifyTarget hook(const std::string& url) const {
        NotifyTarget target;
        target.url = url;
        target.secret_file = file("secret");
        return target;
    }
    NotifyTarget mail(const std::string& smtp = "") const {
        NotifyTarget target;
        target.mail_to = {"ops@example.org", "olga@example.org"};
        target.mail_from = "patchlab@example.org";
        target.smtp = smtp;
        target.smtp_tls = MailTls::none;
        return target;
    }
    Attempt carry(const NotifyTarget& target) {
        return Carrier(runner, clock, file("scratch")).carry(message, target);
    }
    /// A program that keeps its arguments and what comes on its standard input, and ends so.
    fs::path program(const std::string& name, int exit) const {
        make_folder(file("bin"));
        write_file_atomic(file("bin") / name,
                          "#!/bin/sh\nprintf '%s\\n' \"$@\" > '" + file("args").string() +
                              "'\ncat > '" + file("stdin").string() +
                              "'\necho 'it is full' >&2\nexit " + std::to_string(exit) + "\n",
                          0755);
        return file("bin") / name;
    }

    TempFolder folder{fs::temp_directory_path(), "notify"};
    Watched runner;
    SystemClock clock;
    Message message;
};

TEST_F(Carried, a_webhook_gets_a_body_that_the_signature_proves) {
    HookServer server({"200 OK"});
    const Attempt attempt = carry(hook(server.url("/hook?token=t&a=[1-3]{x,y}")));
    EXPECT_EQ(attempt.taking, Taking::taken) << attempt.detail;
    ASSERT_EQ(server.posted().size(), 1U);
    const tests::Posted posted = server.posted().front();
    EXPECT_EQ(posted.method, "POST");
    EXPECT_EQ(posted.path, "/hook?token=t&a=[1-3]{x,y}");
    EXPECT_EQ(posted.headers.at("x-patchlab-signature-256"),
              "sha256=" + hmac_sha256_hex(secret, posted.body));
    EXPECT_EQ(posted.headers.at("x-patchlab-event"), "halted");
    EXPECT_EQ(posted.headers.at("x-patchlab-delivery"), message.id);
    EXPECT_EQ(posted.headers.at("content-type"), "application/json");
    const Json body = parse_json(posted.body, "the body");
    EXPECT_EQ(body.at("schema"), "patchlab/notice/v1");
    EXPECT_EQ(body.at("id"), message.id);
    EXPECT_EQ(body.at("sent"), posted.headers.at("x-patchlab-timestamp"));
    EXPECT_EQ(body.at("details").at("failed"), 1);
    EXPECT_TRUE(body.at("entry").is_null());
}

TEST_F(Carried, hostile_text_reaches_a_webhook_as_it_is_and_changes_no_header) {
    HookServer server({"204 No Content"});
    message.notice.text =
        "a\"\r\nX-Evil: 1\n\\ \t\v url = \"http://127.0.0.1:1/\" \u202e\xff $(id) `id` "
        "@/etc/passwd";
    message.notice.details = {{"said", message.notice.text}};
    ASSERT_EQ(carry(hook(server.url())).taking, Taking::taken);
    ASSERT_EQ(server.posted().size(), 1U);
    const tests::Posted posted = server.posted().front();
    EXPECT_FALSE(posted.headers.contains("x-evil"));
    EXPECT_EQ(posted.headers.at("x-patchlab-signature-256"),
              "sha256=" + hmac_sha256_hex(secret, posted.body));
    EXPECT_THAT(parse_json(posted.body, "body").at("text").get<std::string>(),
                HasSubstr("\r\nX-Evil: 1\n\\ \t\v url"));
}

TEST_F(Carried, no_secret_stands_in_the_list_of_processes_or_in_the_environment) {
    HookServer server({"200 OK"});
    carry(hook(server.url("/hook/token-in-the-path")));
    MailServer mails;
    NotifyTarget target = mail(mails.url());
    target.smtp_user = "robot";
    target.smtp_password_file = file("secret");
    carry(target);
    ASSERT_EQ(runner.specs.size(), 2U);
    for (const process::CommandSpec& spec : runner.specs) {
        EXPECT_THAT(spec.args, ElementsAre("--disable", "--config", "-"));
        EXPECT_TRUE(spec.environment.empty());
    }
    EXPECT_THAT(runner.specs.front().input, Not(HasSubstr(secret)))
        << "not even curl needs the key";
}

TEST_F(Carried, an_answer_says_whether_another_try_is_worth_it) {
    for (const auto& [answer, taking] :
         {std::pair{"200 OK", Taking::taken},
          {"500 Oops", Taking::busy},
          {"503 Busy", Taking::busy},
          {"429 Slow", Taking::busy},
          {"", Taking::busy},
          {"404 Not Found", Taking::refused},
          {"401 No", Taking::refused},
          {"302 Found\r\nLocation: /other", Taking::refused},
          {"302 Found\r\nLocation: file:///etc/passwd", Taking::refused}}) {
        HookServer server({answer});
        const Attempt attempt = carry(hook(server.url()));
        EXPECT_EQ(attempt.taking, taking) << answer << ": " << attempt.detail;
        EXPECT_EQ(server.posted().size(), 1U) << "a redirect is not followed";
    }
    int closed = 0;
    { closed = HookServer({"200 OK"}).port(); }
    const Attempt none = carry(hook("http://127.0.0.1:" + std::to_string(closed) + "/"));
    EXPECT_EQ(none.taking, Taking::busy);
    EXPECT_THAT(none.detail, HasSubstr("curl: (7)"));
}

TEST_F(Carried, only_http_and_https_are_spoken_to_a_webhook) {
    write_file_atomic(file("page"), "x");
    for (const std::string& url :
         {"file://" + file("page").string(), std::string("smtp://127.0.0.1:1/"),
          std::string("gopher://127.0.0.1:1/")})
        EXPECT_EQ(carry(hook(url)).taking, Taking::refused) << url;
}

TEST_F(Carried, a_secret_that_others_may_read_is_not_used) {
    HookServer server({"200 OK"});
    ASSERT_EQ(::chmod(file("secret").c_str(), 0640), 0);
    const Attempt attempt = carry(hook(server.url()));
    EXPECT_EQ(attempt.taking, Taking::refused);
    EXPECT_THAT(attempt.detail, HasSubstr("can be read by others"));
    write_file_atomic(file("secret"), "\n", 0600);
    EXPECT_EQ(carry(hook(server.url())).taking, Taking::refused) << "an empty one";
    fs::remove(file("secret"));
    EXPECT_EQ(carry(hook(server.url())).taking, Taking::refused) << "none";
    EXPECT_TRUE(server.posted().empty());
}

std::map<std::string, std::string> headers_of(const std::string& mail) {
    std::map<std::string, std::string> headers;
    std::string name;
    for (std::size_t at = 0;;) {
        const std::size_t end = mail.find('\n', at);
        std::string line = mail.substr(at, end - at);
        if (line.ends_with('\r')) line.pop_back();
        at = end + 1;
        if (line.empty() || end == std::string::npos) return headers;
        if (line.starts_with(' ')) headers[name] += line;
        else {
            name = line.substr(0, line.find(": "));
            EXPECT_FALSE(headers.contains(name)) << name << " is there twice";
            headers[name] = line.substr(name.size() + 2);
        }
    }
}

std::string body_of_mail(const std::string& mail) {
    const std::string ends = mail.find("\r\n\r\n") != std::string::npos ? "\r\n\r\n" : "\n\n";
    std::string body = mail.substr(mail.find(ends) + ends.size());
    std::erase_if(body, [](char c) { return c == '\r' || c == '\n'; });
    return base64_decode(body);
}

TEST_F(Carried, a_mail_server_gets_the_mail_for_every_recipient) {
    MailServer server;
    NotifyTarget target = mail(server.url());
    const Attempt attempt = carry(target);
    ASSERT_EQ(attempt.taking, Taking::taken) << attempt.detail;
    ASSERT_EQ(server.mails().size(), 1U);
    const tests::ReceivedMail got = server.mails().front();
    EXPECT_EQ(got.from, "patchlab@example.org");
    EXPECT_THAT(got.to, ElementsAre("ops@example.org", "olga@example.org"));
    const auto headers = headers_of(got.text);
    EXPECT_EQ(headers.at("Subject"), "patchlab: ring canary halted: 1 of 2 hosts failed");
    EXPECT_EQ(headers.at("To"), "ops@example.org, olga@example.org");
    EXPECT_TRUE(std::regex_match(headers.at("Message-ID"),
                                 std::regex("<n-20261124T220000Z-0a0b0c0d@[A-Za-z0-9.-]+>")));
    EXPECT_TRUE(std::regex_match(headers.at("Date"),
                                 std::regex("(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{1,2} "
                                            "[A-Z][a-z]{2} 20[0-9]{2} [0-9:]{8} \\+0000")));
    EXPECT_THAT(body_of_mail(got.text), HasSubstr("Ring:     canary"));
    EXPECT_TRUE(fs::is_empty(file("scratch"))) << "no mail is left lying about";
}

TEST_F(Carried, a_mail_server_that_wants_a_login_gets_it) {
    MailServer server;
    NotifyTarget target = mail(server.url());
    target.smtp_user = "robot";
    target.smtp_password_file = file("secret");
    ASSERT_EQ(carry(target).taking, Taking::taken);
    EXPECT_EQ(base64_decode(server.mails().front().login), std::string("\0robot\0", 7) + secret);
}

TEST_F(Carried, no_mail_goes_unprotected_where_protection_is_required) {
    MailServer server;
    NotifyTarget target = mail(server.url());
    target.smtp_tls = MailTls::required;
    EXPECT_EQ(carry(target).taking, Taking::refused);
    EXPECT_TRUE(server.mails().empty());
    target.smtp_tls = MailTls::opportunistic;
    EXPECT_EQ(carry(target).taking, Taking::taken);
}

TEST_F(Carried, a_recipient_that_is_refused_is_told) {
    MailServer server("550 nobody of this name");
    const Attempt attempt = carry(mail(server.url()));
    EXPECT_NE(attempt.taking, Taking::taken);
    EXPECT_THAT(attempt.detail, HasSubstr("550"));
}

class Sendmail : public Carried {
  protected:
    Attempt with_sendmail(int exit) {
        program("sendmail", exit);
        const std::string before = std::getenv("PATH");
        ::setenv("PATH", (file("bin").string() + ":" + before).c_str(), 1);
        const Attempt attempt = carry(mail());
        ::setenv("PATH", before.c_str(), 1);
        return attempt;
    }
};

TEST_F(Sendmail, gets_the_mail_with_every_recipient_as_a_word_of_its_own) {
    const Attempt attempt = with_sendmail(0);
    ASSERT_EQ(attempt.taking, Taking::taken) << attempt.detail;
    EXPECT_EQ(read_file(file("args")),
              "-i\n-f\npatchlab@example.org\nops@example.org\nolga@example.org\n");
    const std::string text = read_file(file("stdin"));
    EXPECT_THAT(text, Not(HasSubstr("\r")));
    EXPECT_EQ(headers_of(text).at("From"), "patchlab <patchlab@example.org>");
}

TEST_F(Sendmail, gets_no_header_out_of_what_somebody_said) {
    message.notice.text =
        "gr\u00fc\u00df Gott\r\nBcc: evil@example.org\n\nbody \u202e\xff " + std::string(300, 'x');
    message.notice.ring = "r\nBcc: evil@example.org";
    ASSERT_EQ(with_sendmail(0).taking, Taking::taken);
    const std::string text = read_file(file("stdin"));
    const auto headers = headers_of(text);
    EXPECT_FALSE(headers.contains("Bcc"));
    EXPECT_THAT(headers.at("Subject"), testing::StartsWith("=?UTF-8?B?"));
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
        EXPECT_LE(end - begin, 100U) << "lines stay short";
    EXPECT_THAT(body_of_mail(text),
                HasSubstr("gr\u00fc\u00df Gott\u27e8U+000D\u27e9 Bcc: evil@example.org"));
}

TEST_F(Sendmail, that_is_busy_or_refuses_says_so) {
    EXPECT_EQ(with_sendmail(75).taking, Taking::busy);
    const Attempt refused = with_sendmail(64);
    EXPECT_EQ(refused.taking, Taking::refused);
    EXPECT_THAT(refused.detail, HasSubstr("it is full"));
}

TEST_F(Carried, a_command_gets_the_notice_on_its_standard_input_and_no_shell) {
    NotifyTarget target;
    target.command = {program("page", 0).string(), "$(reboot)", "a b"};
    ASSERT_EQ(carry(target).taking, Taking::taken);
    EXPECT_EQ(read_file(file("args")), "$(reboot)\na b\n");
    EXPECT_EQ(parse_json(read_file(file("stdin")), "stdin").at("event"), "halted");
    target.command = {program("page", 3).string()};
    EXPECT_EQ(carry(target).detail, "exit 3: it is full");
    target.command = {file("no-such-program").string()};
    EXPECT_EQ(carry(target).taking, Taking::refused);
}

}  // namespace
}  // namespace patchlab::notify
