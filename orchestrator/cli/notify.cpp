// SPDX-License-Identifier: Apache-2.0
//
// `notify`: where notices go, which of them were delivered, and another try for those that were
// not.
#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/notify/notifier.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

using notify::Delivery;
using notify::DeliveryState;
using notify::NotifyTarget;

constexpr std::uint64_t max_definition_bytes = 1U << 20;

std::vector<NotifyTarget> read(const std::string& file, Diagnostics& diagnostics) {
    const fs::path folder = fs::absolute(file).lexically_normal().parent_path();
    return notify::parse_notify(read_file(file, max_definition_bytes), file, folder, diagnostics);
}

/// Without mistakes, and with secrets that can be read.
std::vector<NotifyTarget> read_checked_targets(const std::string& file) {
    Diagnostics diagnostics;
    std::vector<NotifyTarget> targets = read(file, diagnostics);
    diagnostics.throw_if_any("reading " + file);
    for (const NotifyTarget& target : targets)
        for (const fs::path& secret : {target.secret_file, target.smtp_password_file})
            if (!secret.empty())
                during("reading the secret of " + notify::label(target),
                       [&] { notify::read_secret(secret); });
    return targets;
}

std::string events_of(const NotifyTarget& target) {
    std::string events;
    for (const notify::NoticeKind kind : target.on)
        events += (events.empty() ? "" : ", ") + std::string(notify::name(kind));
    return events.empty() ? "all" : events;
}

void print_targets(Context& context, const std::vector<NotifyTarget>& targets) {
    Json items = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const NotifyTarget& target : targets) {
        items.push_back(notify::to_json(target));
        rows.push_back({one_line(notify::label(target)), events_of(target)});
    }
    context.print({{"schema", "patchlab/notify/v1"}, {"targets", items}}, [&] {
        if (rows.empty())
            std::cout << "No targets: nobody is told of anything. Name some with: patchlab notify "
                         "add FILE\n";
        else print_table(context, {"TARGET", "EVENTS"}, rows);
    });
}

void add_notify_check(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("check", "check a file of targets (schema patchlab/notify/v1)");
    auto file = std::make_shared<std::string>();
    verb->add_option("FILE", *file, "the YAML file")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, file] {
        Diagnostics diagnostics;
        read(*file, diagnostics);
        if (context.json) {
            context.print({{"schema", "patchlab/notify-check/v1"},
                           {"file", *file},
                           {"ok", diagnostics.ok()},
                           {"mistakes", diagnostics.to_json()}},
                          [] {});
            if (!diagnostics.ok()) context.exit = 2;
            return;
        }
        const std::size_t targets = read_checked_targets(*file).size();
        std::cout << *file << " is well defined: " << targets
                  << (targets == 1 ? " target\n" : " targets\n");
    });
}

void add_notify_add(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "add", "tell the targets of this file from now on, in place of those before (role admin)");
    auto file = std::make_shared<std::string>();
    verb->add_option("FILE", *file, "the YAML file; names of secret files in it are relative to it")
        ->required();
    add_json_flag(*verb, context);
    verb->callback([&context, file] {
        governance::Governance& house = context.governance();
        const governance::Actor actor = context.actor();
        governance::require_role(house, actor, {governance::Role::admin},
                                 "say who is told of what");
        const std::vector<NotifyTarget> targets = read_checked_targets(*file);
        Json labels = Json::array();
        for (const NotifyTarget& target : targets) labels.push_back(notify::label(target));
        house.audit.append({actor, "notify-set", "targets", {{"targets", labels}}},
                           [&] { notify::install_targets(context.state(), targets); });
        print_targets(context, targets);
    });
}

std::string last_words(const Delivery& delivery) {
    return delivery.tries.empty() ? "" : delivery.tries.back().attempt.detail;
}

void print_deliveries(Context& context, const std::vector<Delivery>& deliveries) {
    Json items = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (auto delivery = deliveries.rbegin(); delivery != deliveries.rend(); ++delivery) {
        items.push_back(notify::to_json(*delivery));
        rows.push_back({delivery->message.id, std::string(notify::name(delivery->state)),
                        std::string(notify::name(delivery->message.notice.kind)),
                        one_line(notify::label(delivery->target)), std::to_string(delivery->tried),
                        one_line(last_words(*delivery))});
    }
    context.print({{"schema", "patchlab/deliveries/v1"}, {"deliveries", items}}, [&] {
        if (rows.empty()) std::cout << "No deliveries.\n";
        else
            print_table(context, {"DELIVERY", "STATE", "EVENT", "TARGET", "TRIES", "LAST ANSWER"},
                        rows);
    });
}

void add_notify_list(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("list", "list the deliveries of notices, newest first");
    auto open = std::make_shared<bool>(false);
    verb->add_flag("--open", *open, "only those that are not delivered");
    add_json_flag(*verb, context);
    verb->callback([&context, open] {
        std::vector<Delivery> deliveries = notify::Outbox(context.state()).list();
        if (*open)
            std::erase_if(deliveries, [](const Delivery& delivery) {
                return delivery.state == DeliveryState::delivered;
            });
        print_deliveries(context, deliveries);
    });
}

void add_notify_show(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "show",
        "show a delivery with every attempt; without one, the targets of this installation");
    auto id = std::make_shared<std::string>();
    verb->add_option("DELIVERY", *id, "its id, as `notify list` tells it");
    add_json_flag(*verb, context);
    verb->callback([&context, id] {
        if (id->empty()) return print_targets(context, notify::installed_targets(context.state()));
        const Delivery delivery = notify::Outbox(context.state()).get(*id);
        context.print(notify::to_json(delivery), [&] {
            std::cout << delivery.message.id << "  " << notify::name(delivery.state) << ", "
                      << one_line(notify::label(delivery.target)) << "\n"
                      << notify::name(delivery.message.notice.kind) << "  "
                      << one_line(delivery.message.notice.text) << "\n";
            for (const Delivery::Try& one : delivery.tries)
                std::cout << one.time << "  " << one_line(one.attempt.detail) << "\n";
        });
    });
}

void add_retry(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "retry",
        "try again to deliver: these, or all that are not delivered; exit 1 when one still is not");
    auto ids = std::make_shared<std::vector<std::string>>();
    verb->add_option("DELIVERY", *ids, "ids, as `notify list` tells them");
    add_json_flag(*verb, context);
    verb->callback([&context, ids] {
        const std::vector<Delivery> after =
            notify::Notifier(context.state(), {}, context.commands(), context.clock()).retry(*ids);
        print_deliveries(context, after);
        for (const Delivery& delivery : after)
            if (delivery.state != DeliveryState::delivered)
                context.exit = exit_code(ErrorCode::refused);
    });
}

void print_attempts(Context& context, const std::vector<NotifyTarget>& targets,
                    const std::vector<notify::Attempt>& attempts) {
    Json items = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < attempts.size(); ++i) {
        const bool taken = attempts[i].taking == notify::Taking::taken;
        items.push_back({{"target", notify::label(targets[i])},
                         {"delivered", taken},
                         {"detail", attempts[i].detail}});
        rows.push_back({one_line(notify::label(targets[i])), taken ? "delivered" : "not delivered",
                        one_line(attempts[i].detail)});
        if (!taken) context.exit = exit_code(ErrorCode::refused);
    }
    context.print({{"schema", "patchlab/notify-test/v1"}, {"attempts", items}}, [&] {
        print_table(context, {"TARGET", "", "ANSWER"}, rows);
    });
}

void add_test(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "test",
        "send a notice that says it is a test to every target; exit 1 when one does not take it");
    auto file = std::make_shared<std::string>();
    verb->add_option("FILE", *file,
                     "the targets of this file (default: those of this installation)");
    add_json_flag(*verb, context);
    verb->callback([&context, file] {
        const std::vector<NotifyTarget> targets = file->empty()
                                                      ? notify::installed_targets(context.state())
                                                      : read_checked_targets(*file);
        if (targets.empty())
            throw Error(ErrorCode::not_found, "there are no targets",
                        "name some with: patchlab notify add FILE");
        notify::Notice notice;
        notice.kind = notify::NoticeKind::finished;
        notice.text = "this is a test of patchlab's notices; nothing happened";
        notice.details = {{"test", true}};
        print_attempts(
            context, targets,
            notify::Notifier(context.state(), targets, context.commands(), context.clock())
                .test(notice));
    });
}

}  // namespace

void add_notify(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand(
        "notify", "who is told when an approval is wanted, a ring starts or ends, a rollout halts");
    noun->require_subcommand(1);
    add_notify_check(*noun, context);
    add_notify_add(*noun, context);
    add_notify_show(*noun, context);
    add_test(*noun, context);
    add_notify_list(*noun, context);
    add_retry(*noun, context);
}

}  // namespace patchlab::cli
