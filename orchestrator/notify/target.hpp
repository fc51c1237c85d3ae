// SPDX-License-Identifier: Apache-2.0
//
// Targets of notices, as rollout definitions and notify.yaml write them. A value holds names of
// files with secrets, never a secret. Pure functions but for read_secret(); thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/notify/message.hpp"
#include "platform/core/diagnostics.hpp"
#include "platform/core/json_fwd.hpp"

namespace patchlab::notify {

/// How a connection to a mail server is protected.
enum class MailTls { required, opportunistic, none };
std::string_view name(MailTls tls);

/// Where notices go: exactly one of webhook, mail and command. In a rollout's definition a program
/// of this host is never written down; `target` there names one of the installation's.
struct NotifyTarget {
    std::string name;            ///< of one of the installation that rollouts name
    std::string target;          ///< in a definition: the name of one of the installation
    std::vector<NoticeKind> on;  ///< empty: all
    std::string url;             ///< webhook
    bool cloud_events = false;   ///< the webhook takes CloudEvents
    std::filesystem::path secret_file;
    std::vector<std::string> mail_to;
    std::string mail_from;
    std::string smtp;  ///< smtp://… or smtps://…; empty: the host's sendmail
    MailTls smtp_tls = MailTls::required;
    std::string smtp_user;
    std::filesystem::path smtp_password_file;
    std::vector<std::string> command;
};

using Mistake = std::function<void(const std::string& path, const std::string& message)>;

///   installation  written by administrators: may run commands, may give names
///   definition    written by whoever starts a rollout: a command is a mistake
///   stored        a definition that was taken before; a command in it is read, and never run
enum class TargetsOf { installation, definition, stored };

/// Reads a list that obeys the schema; what the schema cannot say is told to `mistake`.
std::vector<NotifyTarget> notify_targets(const Json& list, const std::string& path,
                                         const Mistake& mistake,
                                         TargetsOf where = TargetsOf::installation);
/// Names of secret files are relative to the folder of the definition.
void resolve_files(std::vector<NotifyTarget>& targets, const std::filesystem::path& folder);

/// As notify_targets() reads it.
Json to_json(const NotifyTarget& target);

bool wants(const NotifyTarget& target, NoticeKind kind);
/// "webhook https://hooks.example.org", "mail to ops@example.org", "command /usr/local/bin/page":
/// nothing of it is secret (an address of a webhook may hold a token, so its path is left out).
std::string label(const NotifyTarget& target);

/// The content of a file with a secret, without the line break at its end. Error(not_found);
/// Error(lab) when others may read it; Error(invalid) when it is empty.
std::string read_secret(const std::filesystem::path& file);

/// notify.yaml (schema patchlab/notify/v1). Every mistake goes to `diagnostics`, with file, line
/// and path.
std::vector<NotifyTarget> parse_notify(const std::string& yaml, const std::string& file,
                                       const std::filesystem::path& folder,
                                       Diagnostics& diagnostics);
/// The published JSON Schema (2020-12).
std::string notify_schema();

}  // namespace patchlab::notify
