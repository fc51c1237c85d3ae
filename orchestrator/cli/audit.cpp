// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/request.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

constexpr std::uint64_t max_head_bytes = 1U << 20;

std::vector<std::string> audit_line(const JsonReader& row) {
    const std::string user = row.string("user"), os_user = row.string("os_user");
    const Json& detail = row.raw("detail");
    return {std::to_string(row.integer("seq")),
            row.string("time"),
            user == os_user ? user : user + " (" + os_user + ")",
            row.string("action"),
            row.string("subject"),
            detail.empty() ? "" : to_line(detail)};
}

void add_audit_list(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("list", "list what was decided and by whom, oldest first");
    auto limit = std::make_shared<std::size_t>(1000);
    auto subject = std::make_shared<std::string>();
    verb->add_option("--limit", *limit, "the newest so many rows")->check(CLI::Range(1, 1'000'000));
    verb->add_option("--subject", *subject, "only what was done to this run, user, entry …");
    add_json_flag(*verb, context);
    verb->callback([&context, limit, subject] {
        Json request{{"limit", *limit}};
        put(request, "subject", *subject);
        const Json document = context.invoke("audit.list", request);
        context.print(document, [&] {
            std::vector<std::vector<std::string>> rows;
            for (const JsonReader& row : JsonReader(document, "audit").objects("rows"))
                rows.push_back(audit_line(row));
            print_table(context, {"ROW", "TIME", "WHO", "ACTION", "SUBJECT", "DETAIL"}, rows);
        });
    });
}

void print_verification(const JsonReader& found) {
    const std::vector<JsonReader> problems = found.objects("problems");
    for (const JsonReader& problem : problems) {
        const std::int64_t row = problem.integer("row");
        std::cout << (row == 0 ? "the trail: " : "row " + std::to_string(row) + ": ")
                  << problem.string("what") << "\n";
    }
    const std::int64_t rows = found.integer("rows");
    if (found.boolean("intact"))
        std::cout << "intact: " << rows << (rows == 1 ? " row" : " rows")
                  << (found.has("head") ? ", head " + found.string("head") : "") << "\n";
    else
        std::cout << "NOT intact: " << problems.size()
                  << (problems.size() == 1 ? " problem" : " problems") << "\n";
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
        Json request = Json::object();
        if (!head->empty()) request["head"] = read_file(*head, max_head_bytes);
        const Json found = context.invoke("audit.verify", request);
        context.print(found, [&] { print_verification(JsonReader(found, "verification")); });
    });
}

void add_head(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("head", "print the signed head, to be kept where nobody can change it");
    auto file = std::make_shared<std::string>();
    verb->add_option("-o,--output", *file, "write to this file instead of stdout")
        ->type_name("FILE");
    verb->callback([&context, file] {
        const std::string head =
            context.invoke("audit.head", Json::object()).at("text").get<std::string>();
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
