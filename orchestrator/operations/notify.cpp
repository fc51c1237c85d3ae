// SPDX-License-Identifier: Apache-2.0
//
// Where notices go, which of them were delivered, and another try for those that were not.
#include "orchestrator/notify/notifier.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/guests.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "platform/core/files.hpp"

namespace patchlab::operations {

namespace {

using notify::Delivery;
using notify::DeliveryState;
using notify::NotifyTarget;

/// Names of secret files in the definition are relative to its folder, on the host where the
/// operation runs.
std::vector<NotifyTarget> targets_in(Call& call, const JsonReader& request,
                                     Diagnostics& diagnostics) {
    const auto [file, text] = text_file(request, "definition");
    const fs::path folder = fs::absolute(file).lexically_normal().parent_path();
    std::vector<NotifyTarget> targets = notify::parse_notify(text, file, folder, diagnostics);
    expect_fit_for_guests(call.session, targets);
    return targets;
}

void try_secrets(const std::vector<NotifyTarget>& targets) {
    for (const NotifyTarget& target : targets)
        for (const fs::path& secret : {target.secret_file, target.smtp_password_file})
            if (!secret.empty())
                during("reading the secret of " + notify::label(target),
                       [&] { notify::read_secret(secret); });
}

/// Without mistakes, and with secrets that can be read.
std::vector<NotifyTarget> checked_targets(Call& call, const JsonReader& request) {
    Diagnostics diagnostics;
    std::vector<NotifyTarget> targets = targets_in(call, request, diagnostics);
    diagnostics.throw_if_any("reading " + text_file(request, "definition").file);
    try_secrets(targets);
    return targets;
}

Outcome targets_document(const std::vector<NotifyTarget>& targets) {
    Json items = Json::array();
    for (const NotifyTarget& target : targets) items.push_back(notify::to_json(target));
    return {{{"schema", "patchlab/notify/v1"}, {"targets", items}}};
}

/// `with_secrets`: Error as read_secret() for a secret that cannot be read.
Outcome check_targets(Call& call, const JsonReader& request) {
    const std::string file = text_file(request, "definition").file;
    Diagnostics diagnostics;
    const std::vector<NotifyTarget> targets = targets_in(call, request, diagnostics);
    if (diagnostics.ok() && request.boolean_or("with_secrets", false)) try_secrets(targets);
    Outcome outcome = checked("patchlab/notify-check/v1", file, "", diagnostics);
    outcome.document["targets"] = targets.size();
    return outcome;
}

Outcome set_targets(Call& call, const JsonReader& request) {
    const std::vector<NotifyTarget> targets = checked_targets(call, request);
    Json labels = Json::array();
    for (const NotifyTarget& target : targets) labels.push_back(notify::label(target));
    call.session.governance().audit.append(
        {call.actor, "notify-set", "targets", {{"targets", labels}}},
        [&] { notify::install_targets(call.session.state(), targets); });
    return targets_document(targets);
}

Outcome show_targets(Call& call, const JsonReader&) {
    return targets_document(notify::installed_targets(call.session.state()));
}

/// Newest first.
Json deliveries_document(const std::vector<Delivery>& deliveries) {
    Json items = Json::array();
    for (auto delivery = deliveries.rbegin(); delivery != deliveries.rend(); ++delivery)
        items.push_back(notify::to_json(*delivery));
    return {{"schema", "patchlab/deliveries/v1"}, {"deliveries", items}};
}

bool delivered(const Delivery& delivery) { return delivery.state == DeliveryState::delivered; }

Outcome list_deliveries(Call& call, const JsonReader& request) {
    std::vector<Delivery> deliveries = notify::Outbox(call.session.state()).list();
    if (request.boolean_or("open", false)) std::erase_if(deliveries, delivered);
    return {deliveries_document(deliveries)};
}

Outcome show_delivery(Call& call, const JsonReader& request) {
    return {notify::to_json(notify::Outbox(call.session.state()).get(request.string("delivery")))};
}

notify::Notifier notifier(Call& call, std::vector<NotifyTarget> targets) {
    return {call.session.state(), std::move(targets), call.session.commands(),
            call.session.clock()};
}

Outcome retry_deliveries(Call& call, const JsonReader& request) {
    const std::vector<Delivery> after =
        notifier(call, {}).retry(request.strings_or_empty("deliveries"));
    const bool all = std::all_of(after.begin(), after.end(), delivered);
    return {deliveries_document(after), all ? 0 : exit_code(ErrorCode::refused)};
}

/// Sends a notice that says it is a test, to the targets of the definition in the request, or to
/// those of this installation.
Outcome test_targets(Call& call, const JsonReader& request) {
    const std::vector<NotifyTarget> targets = request.has("definition")
                                                  ? checked_targets(call, request)
                                                  : notify::installed_targets(call.session.state());
    if (targets.empty())
        throw Error(ErrorCode::not_found, "there are no targets",
                    "name some with: patchlab notify add FILE");
    notify::Notice notice;
    notice.kind = notify::NoticeKind::test;
    notice.text = "this is a test of patchlab's notices; nothing happened";
    notice.details = {{"test", true}};
    const std::vector<notify::Attempt> attempts = notifier(call, targets).test(notice);
    Json items = Json::array();
    int exit = 0;
    for (std::size_t i = 0; i < attempts.size(); ++i) {
        const bool taken = attempts[i].taking == notify::Taking::taken;
        items.push_back({{"target", notify::label(targets[i])},
                         {"delivered", taken},
                         {"detail", attempts[i].detail}});
        if (!taken) exit = exit_code(ErrorCode::refused);
    }
    return {{{"schema", "patchlab/notify-test/v1"}, {"attempts", items}},
            exit,
            Audit{"targets", {{"targets", targets.size()}}}};
}

}  // namespace

std::vector<Operation> notify_operations() {
    using governance::Role;
    const Access senders{{Role::tester, Role::release_manager, Role::system_owner, Role::admin},
                         "send notices"};
    return {
        {"notify.check", "Check a definition of targets", Kind::read, anyone(), check_targets},
        {"notify.add", "Tell these targets from now on, in place of those before", Kind::write,
         administrators("say who is told of what"), set_targets},
        {"notify.targets", "Show the targets of this installation", Kind::read, anyone(),
         show_targets},
        {"notify.test", "Send a notice that says it is a test to every target", Kind::write,
         senders, test_targets},
        {"notify.list", "List the deliveries of notices, newest first", Kind::read, anyone(),
         list_deliveries},
        {"notify.show", "Show a delivery with every attempt", Kind::read, anyone(), show_delivery,
         "delivery"},
        {"notify.retry", "Try again to deliver what was not delivered", Kind::write, senders,
         retry_deliveries},
    };
}

}  // namespace patchlab::operations
