// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/notify/target.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <set>

#include "notify_files.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/schema.hpp"

namespace patchlab::notify {

namespace {

constexpr std::uint64_t max_secret_bytes = 64U << 10;

constexpr std::array<std::pair<MailTls, std::string_view>, 3> tls_words{
    {{MailTls::required, "required"},
     {MailTls::opportunistic, "opportunistic"},
     {MailTls::none, "none"}}};

void read_mail(const Json& json, NotifyTarget& target, const std::string& path,
               const Mistake& mistake) {
    target.mail_to = json.at("to").get<std::vector<std::string>>();
    target.mail_from = json.value("from", "");
    target.smtp = json.value("smtp", "");
    for (const auto& [tls, word] : tls_words)
        if (json.value("tls", "required") == word) target.smtp_tls = tls;
    target.smtp_user = json.value("user", "");
    target.smtp_password_file = json.value("password-file", "");
    if (target.smtp.empty())
        for (const char* key : {"tls", "user", "password-file"})
            if (json.contains(key))
                mistake(path + "/" + key, "is for a mail server: name one with smtp");
    if (target.smtp_user.empty() != target.smtp_password_file.empty())
        mistake(path, "needs both of user and password-file, or neither");
    // smtps:// is protected from the first byte, whatever is said about starting it
    if (!target.smtp_user.empty() && target.smtp_tls != MailTls::required &&
        !target.smtp.starts_with("smtps://"))
        mistake(path + "/tls", "must be required where a password is sent");
}

void require_one_way(const Json& json, const std::string& path, const Mistake& mistake,
                     TargetsOf where) {
    const int ways = json.contains("webhook") + json.contains("mail") + json.contains("command") +
                     json.contains("target");
    if (where == TargetsOf::definition && json.contains("command"))
        mistake(path + "/command",
                "a definition runs no program: an administrator gives it a name in notify.yaml "
                "(name: NAME), and the definition says target: NAME");
    else if (ways != 1)
        mistake(path, where == TargetsOf::installation
                          ? "must be exactly one of webhook, mail and command"
                          : "must be exactly one of target, webhook and mail");
}

NotifyTarget read(const Json& json, const std::string& path, const Mistake& mistake,
                  TargetsOf where) {
    NotifyTarget target;
    target.name = json.value("name", "");
    target.target = json.value("target", "");
    if (json.contains("on"))
        for (const Json& word : json.at("on"))
            target.on.push_back(notice_kind_from(word.get<std::string>()));
    if (json.contains("webhook")) {
        target.url = json.at("webhook").at("url").get<std::string>();
        target.secret_file = json.at("webhook").at("secret-file").get<std::string>();
        target.cloud_events = json.at("webhook").value("format", "patchlab") == "cloudevents";
    }
    if (json.contains("mail")) read_mail(json.at("mail"), target, path + "/mail", mistake);
    if (json.contains("command"))
        target.command = json.at("command").get<std::vector<std::string>>();
    require_one_way(json, path, mistake, where);
    return target;
}

}  // namespace

std::string_view name(MailTls tls) {
    for (const auto& [value, word] : tls_words)
        if (value == tls) return word;
    throw Error(ErrorCode::internal, "a kind of protection has no name");
}

std::vector<NotifyTarget> notify_targets(const Json& list, const std::string& path,
                                         const Mistake& mistake, TargetsOf where) {
    std::vector<NotifyTarget> targets;
    std::set<std::string> names;
    for (const Json& json : list) {
        const std::string at = path + "/" + std::to_string(targets.size());
        targets.push_back(read(json, at, mistake, where));
        const std::string& name = targets.back().name;
        if (!name.empty() && !names.insert(name).second)
            mistake(at + "/name", "is the name of another target as well");
    }
    return targets;
}

void resolve_files(std::vector<NotifyTarget>& targets, const std::filesystem::path& folder) {
    for (NotifyTarget& target : targets)
        for (std::filesystem::path* file : {&target.secret_file, &target.smtp_password_file})
            if (!file->empty() && file->is_relative()) *file = folder / *file;
}

Json to_json(const NotifyTarget& target) {
    Json json = Json::object();
    for (const NoticeKind kind : target.on) json["on"].push_back(name(kind));
    if (!target.name.empty()) json["name"] = target.name;
    if (!target.target.empty()) json["target"] = target.target;
    if (!target.url.empty())
        json["webhook"] = {{"url", target.url}, {"secret-file", target.secret_file.string()}};
    if (target.cloud_events) json["webhook"]["format"] = "cloudevents";
    if (!target.command.empty()) json["command"] = target.command;
    if (target.mail_to.empty()) return json;
    Json& mail = json["mail"] = {{"to", target.mail_to}};
    if (!target.mail_from.empty()) mail["from"] = target.mail_from;
    if (target.smtp.empty()) return json;
    mail["smtp"] = target.smtp;
    mail["tls"] = name(target.smtp_tls);
    if (!target.smtp_user.empty()) mail["user"] = target.smtp_user;
    if (!target.smtp_password_file.empty())
        mail["password-file"] = target.smtp_password_file.string();
    return json;
}

bool wants(const NotifyTarget& target, NoticeKind kind) {
    // whoever did not ask for it would hear of each run from one day to the next
    if (target.on.empty()) return kind != NoticeKind::run_finished;
    return std::find(target.on.begin(), target.on.end(), kind) != target.on.end();
}

std::string label(const NotifyTarget& target) {
    if (!target.url.empty()) {
        const std::size_t scheme = target.url.find("://");
        const std::size_t host = scheme == std::string::npos ? 0 : scheme + 3;
        std::string authority =
            target.url.substr(host, target.url.find_first_of("/?#", host) - host);
        authority.erase(0, authority.rfind('@') + 1);  // a name and password before it
        return "webhook " + target.url.substr(0, host) + authority;
    }
    if (!target.command.empty()) return "command " + target.command.front();
    if (!target.target.empty()) return "target " + target.target;
    std::string to;
    for (const std::string& address : target.mail_to) to += (to.empty() ? "" : ", ") + address;
    return "mail to " + to;
}

std::string read_secret(const std::filesystem::path& file) {
    std::string secret = read_file(file, max_secret_bytes);
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0 || (info.st_mode & 077) != 0)
        throw Error(ErrorCode::lab, "the secret in " + file.string() + " can be read by others",
                    "chmod 600 " + file.string());
    if (secret.ends_with('\n')) secret.pop_back();
    if (secret.ends_with('\r')) secret.pop_back();
    if (secret.empty())
        throw Error(ErrorCode::invalid,
                    "the file " + file.string() + " is empty: it should hold a secret");
    return secret;
}

std::vector<NotifyTarget> parse_notify(const std::string& yaml, const std::string& file,
                                       const std::filesystem::path& folder,
                                       Diagnostics& diagnostics) {
    Diagnostics own;
    const YamlDocument document = parse_yaml(yaml, file, own);
    static const Schema schema(notify_schema());
    if (own.ok()) schema.check(document, own);
    std::vector<NotifyTarget> targets;
    if (own.ok())
        targets = notify_targets(document.value.at("targets"), "/targets",
                                 [&](const std::string& path, const std::string& message) {
                                     own.add(file, document.line_of(path), path, message);
                                 });
    resolve_files(targets, folder);
    diagnostics.items.insert(diagnostics.items.end(), own.items.begin(), own.items.end());
    return targets;
}

std::string notify_schema() {
    return std::string(embedded::notify_files::file("notify.schema.json"));
}

}  // namespace patchlab::notify
