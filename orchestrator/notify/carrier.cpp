// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/notify/carrier.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/text.hpp"
#include "platform/core/version.hpp"

namespace patchlab::notify {

namespace {

constexpr Seconds patience{20};
/// curl's own limits come first, so that its words about them are heard.
constexpr const char* curl_limits = "connect-timeout = 5\nmax-time = 15\n";

/// One plain line of what a tool or server said.
std::string last_words(const std::string& text) {
    std::string_view said = text;
    while (said.ends_with('\n') || said.ends_with('\r')) said.remove_suffix(1);
    std::string line = plain_text(said.substr(said.rfind('\n') + 1), 300);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
    return line;
}

std::string host_name() {
    std::array<char, 256> name{};
    std::string host = ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
    const auto plain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '.' || c == '-';
    };
    return !host.empty() && std::all_of(host.begin(), host.end(), plain) ? host : "localhost";
}

MailAddresses addresses_of(const NotifyTarget& target) {
    return {target.mail_from.empty() ? "patchlab@" + host_name() : target.mail_from,
            target.mail_to};
}

/// Exits of curl after which another attempt may do better: no name, no connection, a connection
/// that broke, time that ran out.
bool worth_another(int curl_exit) {
    static constexpr std::array exits{5, 6, 7, 16, 18, 28, 35, 52, 55, 56, 92};
    return std::find(exits.begin(), exits.end(), curl_exit) != exits.end();
}

Attempt failed(const process::CommandResult& result) {
    if (result.timed_out) return {Taking::busy, "gave no answer in time"};
    const std::string said = last_words(result.err);
    return {worth_another(result.exit_code) ? Taking::busy : Taking::refused,
            said.empty() ? "curl ended with exit " + std::to_string(result.exit_code) : said};
}

Attempt by_status(int status) {
    const std::string said = "answered " + std::to_string(status);
    if (status >= 200 && status < 300) return {Taking::taken, said};
    if (status >= 300 && status < 400)
        return {Taking::refused, said + ": redirects are not followed"};
    const bool busy = status >= 500 || status == 408 || status == 425 || status == 429;
    return {busy ? Taking::busy : Taking::refused, said};
}

}  // namespace

Attempt Carrier::carry(const Message& message, const NotifyTarget& target) {
    try {
        if (!target.url.empty()) return post(message, target);
        if (!target.command.empty()) return run_command(message, target);
        return target.smtp.empty() ? hand_to_sendmail(message, target)
                                   : hand_to_server(message, target);
    } catch (const Error& error) {
        return {Taking::refused, last_words(std::string(error.what()) +
                                            (error.advice().empty() ? "" : "; " + error.advice()))};
    }
}

process::CommandResult Carrier::curl(const std::string& configuration, const std::string& purpose) {
    process::CommandSpec spec;
    spec.program = "curl";
    spec.args = {"--disable", "--config",
                 "-"};  // no ~/.curlrc; the rest comes on stdin, where `ps` does not see it
    spec.purpose = purpose;
    spec.deadline = patience;
    spec.input = configuration;
    spec.max_output = 64U << 10;
    return runner_.run(spec);
}

Attempt Carrier::post(const Message& message, const NotifyTarget& target) {
    const std::string body = target.cloud_events
                                 ? cloud_event_of(message, host_name(), clock_.now())
                                 : body_of(message, clock_.now());
    const std::string type =
        target.cloud_events ? "application/cloudevents+json; charset=utf-8" : "application/json";
    const std::string signature = hmac_sha256_hex(read_secret(target.secret_file), body);
    std::string configuration(curl_limits);
    configuration +=
        "silent\nshow-error\ngloboff\nproto = \"=http,https\"\nrequest = \"POST\"\noutput = "
        "\"/dev/null\"\nwrite-out = \"%{http_code}\"\n";
    configuration += "url = " + curl_quoted(target.url) +
                     "\nuser-agent = " + curl_quoted(std::string("patchlab/") + version) + "\n";
    for (const std::string& header :
         {"Content-Type: " + type, "X-Patchlab-Event: " + std::string(name(message.notice.kind)),
          "X-Patchlab-Delivery: " + message.id, "X-Patchlab-Timestamp: " + to_rfc3339(clock_.now()),
          "X-Patchlab-Signature-256: sha256=" + signature, std::string("Expect:")})
        configuration += "header = " + curl_quoted(header) + "\n";
    configuration += "data-raw = " + curl_quoted(body) + "\n";
    const process::CommandResult result = curl(configuration, "telling " + label(target));
    if (!result.ok()) return failed(result);
    const bool number =
        result.out.size() == 3 && std::all_of(result.out.begin(), result.out.end(),
                                              [](char c) { return c >= '0' && c <= '9'; });
    return number ? by_status(std::stoi(result.out))
                  : Attempt{Taking::refused, "gave an answer that is none"};
}

Attempt Carrier::hand_to_server(const Message& message, const NotifyTarget& target) {
    make_folder(scratch_, 0700);
    const TempFolder folder(scratch_, "mail");
    const MailAddresses addresses = addresses_of(target);
    const fs::path mail = folder.path() / "mail.eml";
    write_file_atomic(mail, mail_of(message, addresses, host_name(), clock_.now()), 0600);
    std::string configuration(curl_limits);
    configuration += "silent\nshow-error\nproto = \"=smtp,smtps\"\n";
    configuration += "url = " + curl_quoted(target.smtp + "/" + host_name()) +
                     "\nmail-from = " + curl_quoted(addresses.from) +
                     "\nupload-file = " + curl_quoted(mail.string()) + "\n";
    for (const std::string& to : addresses.to)
        configuration += "mail-rcpt = " + curl_quoted(to) + "\n";
    if (target.smtp_tls == MailTls::required) configuration += "ssl-reqd\n";
    if (target.smtp_tls == MailTls::opportunistic) configuration += "ssl\n";
    if (!target.smtp_user.empty())
        configuration +=
            "user = " +
            curl_quoted(target.smtp_user + ":" + read_secret(target.smtp_password_file)) + "\n";
    const process::CommandResult result = curl(configuration, "telling " + label(target));
    return result.ok() ? Attempt{Taking::taken, "taken by " + target.smtp} : failed(result);
}

Attempt Carrier::hand_to_sendmail(const Message& message, const NotifyTarget& target) {
    if (!process::find_program("sendmail"))
        return {Taking::refused,
                "this host has no sendmail: install one (postfix, exim4, msmtp-mta, \u2026), or "
                "name a mail server with smtp"};
    const MailAddresses addresses = addresses_of(target);
    process::CommandSpec spec;
    spec.program = "sendmail";
    spec.args = {"-i"};
    if (!target.mail_from.empty()) spec.args.insert(spec.args.end(), {"-f", target.mail_from});
    for (const std::string& to : addresses.to) {
        if (to.starts_with('-')) return {Taking::refused, "'" + to + "' is no mail address"};
        spec.args.push_back(to);
    }
    spec.purpose = "telling " + label(target);
    spec.deadline = patience;
    spec.input = mail_of(message, addresses, host_name(), clock_.now());
    std::erase(spec.input, '\r');  // programs of this host end lines with LF
    const process::CommandResult result = runner_.run(spec);
    if (result.ok()) return {Taking::taken, "taken by sendmail"};
    constexpr int try_again = 75;  // EX_TEMPFAIL
    if (result.timed_out || result.exit_code == try_again)
        return {Taking::busy, "sendmail could not take it now: " + last_words(result.err)};
    return {Taking::refused, "sendmail ended with exit " + std::to_string(result.exit_code) + ": " +
                                 last_words(result.err)};
}

Attempt Carrier::run_command(const Message& message, const NotifyTarget& target) {
    process::CommandSpec spec;
    spec.program = target.command.front();
    spec.args.assign(target.command.begin() + 1, target.command.end());
    spec.purpose = "telling " + label(target);
    spec.deadline = patience;
    spec.input = body_of(message, clock_.now()) + "\n";
    spec.max_output = 64U << 10;
    const process::CommandResult result = runner_.run(spec);
    if (result.ok()) return {Taking::taken, "exit 0"};
    if (result.timed_out) return {Taking::refused, "did not end in time"};
    return {Taking::refused, "exit " + std::to_string(result.exit_code) +
                                 (result.err.empty() ? "" : ": " + last_words(result.err))};
}

}  // namespace patchlab::notify
