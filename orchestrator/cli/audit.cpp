// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

void add_audit_list(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("list", "list what was decided and by whom, oldest first");
    auto limit = std::make_shared<std::size_t>(1000);
    auto subject = std::make_shared<std::string>();
    verb->add_option("--limit", *limit, "the newest so many rows")->check(CLI::Range(1, 1'000'000));
    verb->add_option("--subject", *subject, "only what was done to this run, user, entry …");
    add_json_flag(*verb, context);
    verb->callback([&context, limit, subject] {
        Json rows = Json::array();
        std::vector<std::vector<std::string>> table;
        for (const governance::AuditRow& row : context.governance().audit.list(*limit)) {
            if (!subject->empty() && row.event.subject != *subject) continue;
            rows.push_back(governance::to_json(row));
            const governance::AuditEvent& event = row.event;
            const std::string who = event.actor.user == event.actor.os_user
                                        ? event.actor.user
                                        : event.actor.user + " (" + event.actor.os_user + ")";
            table.push_back({std::to_string(row.seq), row.time, who, event.action, event.subject,
                             event.detail.empty() ? "" : to_line(event.detail)});
        }
        context.print({{"schema", "patchlab/audit/v1"}, {"rows", rows}}, [&] {
            print_table(context, {"ROW", "TIME", "WHO", "ACTION", "SUBJECT", "DETAIL"}, table);
        });
    });
}

void print_verification(const governance::AuditVerification& found) {
    for (const governance::AuditProblem& problem : found.problems)
        std::cout << (problem.seq == 0 ? "the trail: "
                                       : "row " + std::to_string(problem.seq) + ": ")
                  << problem.what << "\n";
    if (found.ok())
        std::cout << "intact: " << found.rows << (found.rows == 1 ? " row" : " rows")
                  << (found.head.empty() ? "" : ", head " + found.head) << "\n";
    else
        std::cout << "NOT intact: " << found.problems.size()
                  << (found.problems.size() == 1 ? " problem" : " problems") << "\n";
}

void add_verify(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("verify", "find any row that was removed, altered, moved or added");
    auto head = std::make_shared<std::string>();
    verb->add_option(
            "--head", *head,
            "a head kept elsewhere (from `audit head`): the trail must still hold that row")
        ->type_name("FILE");
    add_json_flag(*verb, context);
    verb->callback([&context, head] {
        const governance::AuditVerification found =
            context.governance().audit.verify(head->empty() ? "" : read_file(*head, 1U << 20));
        Json problems = Json::array();
        for (const governance::AuditProblem& problem : found.problems)
            problems.push_back({{"row", problem.seq}, {"what", problem.what}});
        context.print({{"schema", "patchlab/audit-verification/v1"},
                       {"intact", found.ok()},
                       {"rows", found.rows},
                       {"head", found.head.empty() ? Json(nullptr) : Json(found.head)},
                       {"problems", problems}},
                      [&] { print_verification(found); });
        if (!found.ok()) context.exit = exit_code(ErrorCode::refused);
    });
}

void add_head(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("head", "print the signed head, to be kept where nobody can change it");
    auto file = std::make_shared<std::string>();
    verb->add_option("-o,--output", *file, "write to this file instead of stdout")
        ->type_name("FILE");
    verb->callback([&context, file] {
        const std::string head = context.governance().audit.head();
        if (file->empty()) std::cout << head;
        else write_file_atomic(*file, head);
    });
}

}  // namespace

void add_audit(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand("audit", "the audit trail: every decision and who took it");
    noun->require_subcommand(1);
    add_audit_list(*noun, context);
    add_verify(*noun, context);
    add_head(*noun, context);
}

}  // namespace patchlab::cli
