// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/listing.hpp"

#include <sstream>

namespace patchlab::cli {

namespace {

/// `--state` once named the state folder everywhere. Where it filters, a path still does.
bool is_state_folder(const std::string& member, const std::string& value) {
    return member == "state" && value.find('/') != std::string::npos;
}

void take(Context& context, ListWords& words, const std::string& member, const std::string& given) {
    if (is_state_folder(member, given)) {
        context.state_option = given;
        return;
    }
    std::istringstream values(given);
    for (std::string value; std::getline(values, value, ',');)
        if (!value.empty()) words.where[member].push_back(value);
}

void add_filter(CLI::App& verb, Context& context, ListWords& words, const Filter& filter) {
    const std::string member = filter.member;
    verb.add_option_function<std::vector<std::string>>(
            filter.option,
            [&context, &words, member](const std::vector<std::string>& given) {
                for (const std::string& one : given) take(context, words, member, one);
            },
            filter.help)
        ->allow_extra_args(false)
        ->type_name("VALUE");
}

}  // namespace

std::shared_ptr<ListWords> add_list_options(CLI::App& verb, Context& context,
                                            const std::vector<Filter>& filters) {
    auto words = std::make_shared<ListWords>();
    for (const Filter& filter : filters) add_filter(verb, context, *words, filter);
    verb.add_option("--since", words->since,
                    "only what is newer: a date, a time, or how long ago (90m, 12h, 7d)")
        ->type_name("TIME");
    verb.add_option("--until", words->until, "only what is older")->type_name("TIME");
    verb.add_option("--sort", words->sort,
                    "by this member of the JSON document; -MEMBER: from large to small")
        ->type_name("MEMBER");
    verb.add_option("--limit", words->limit, "at most so many, the newest")
        ->check(CLI::Range(1, 1'000'000))
        ->type_name("COUNT");
    add_output_options(verb, context);
    return words;
}

Json list_request(const ListWords& words, Json request) {
    Json filter = Json::object();
    if (!words.where.empty()) filter["where"] = words.where;
    if (!words.since.empty()) filter["since"] = words.since;
    if (!words.until.empty()) filter["until"] = words.until;
    if (!words.sort.empty()) filter["sort"] = words.sort;
    if (words.limit > 0) filter["limit"] = words.limit;
    if (!filter.empty()) request["filter"] = std::move(filter);
    return request;
}

}  // namespace patchlab::cli
