// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/request.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

constexpr std::uint64_t max_head_bytes = 64U << 20;
constexpr std::size_t usual_rows = 1000;

constexpr std::size_t digest_digits = 12;

bool is_digest(const std::string& text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// A value of a row's detail in words; a digest with its first digits.
std::string detail_text(const Json& value) {
    if (value.is_null()) return "none";
    if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
    if (value.is_string()) {
        const std::string text = value.get<std::string>();
        return is_digest(text) ? text.substr(0, digest_digits) : text;
    }
    if (!value.is_structured()) return to_line(value);
    std::vector<std::string> words;
    for (const auto& [key, member] : value.items())
        words.push_back((value.is_object() ? key + " " : "") + detail_text(member));
    return joined(words);
}

/// "role release-manager; reason read the report".
std::string details_text(const Json& detail) {
    std::string text;
    for (const auto& [key, value] : detail.items())
        if (!value.empty()) text += (text.empty() ? "" : "; ") + key + " " + detail_text(value);
    return text;
}

Cells audit_line(const JsonReader& row) {
    const std::string user = row.string("user"), os_user = row.string("os_user");
    return {std::to_string(row.integer("seq")),
            row.string("time"),
            user == os_user ? user : user + " (" + os_user + ")",
            row.string("action"),
            row.string("subject"),
            details_text(row.raw("detail"))};
}

void add_audit_list(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("list", "list what was decided and by whom, oldest first");
    auto words =
        add_list_options(*verb, context,
                         {{"--subject", "subject", "only what was done to this run, user, entry …"},
                          {"--user", "user", "only what this user did"},
                          {"--action", "action", "only rows of this action"}});
    words->limit = usual_rows;
    verb->callback([&context, words] {
        const Json document = context.invoke("audit.list", list_request(*words));
        print_list(context, document, "rows", {"ROW", "TIME", "WHO", "ACTION", "SUBJECT", "DETAIL"},
                   audit_line, "No row of the audit trail is of this kind.");
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
        std::cout << "intact: " << count_text(rows, "row")
                  << (found.has("head") ? ", head " + found.string("head") : "") << "\n";
    else std::cout << "NOT intact: " << count_text(problems.size(), "problem") << "\n";
}

void add_verify(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("verify", "find any row that was removed, altered, moved or added");
    auto head = std::make_shared<std::string>();
    verb->add_option(
            "--against,--head", *head,
            "a head kept elsewhere (from `audit head`), or the file of published heads: the trail "
            "must still hold those rows")
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
            context.invoke_exact("audit.head", Json::object()).at("text").get<std::string>();
        if (file->empty()) std::cout << Exact{head};
        else write_file_atomic(*file, head);
    });
}

void add_witness(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "witness",
        "say who else gets the head with each publish and step of a rollout; without options, "
        "nobody does");
    auto syslog = std::make_shared<bool>(false);
    auto command = std::make_shared<std::vector<std::string>>();
    verb->add_flag("--syslog", *syslog, "a line with its number and digests (authpriv.notice)");
    verb->add_option("--command", *command,
                     "a program and its words; it gets the signed head on its standard input")
        ->type_name("WORD…");
    add_json_flag(*verb, context);
    verb->callback([&context, syslog, command] {
        const Json set =
            context.invoke("audit.witness", {{"syslog", *syslog}, {"command", *command}});
        context.print(set, [&] {
            std::cout << (*syslog || !command->empty() ? "published heads go there, too\n"
                                                       : "published heads go to nobody else\n");
        });
    });
}

}  // namespace

void add_audit(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand("audit", "the audit trail: every decision and who took it");
    noun->require_subcommand(1);
    add_audit_list(*noun, context);
    add_verify(*noun, context);
    add_head(*noun, context);
    add_witness(*noun, context);
}

}  // namespace patchlab::cli
