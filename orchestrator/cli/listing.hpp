// SPDX-License-Identifier: Apache-2.0
//
// The options that all lists share: --since, --until, --sort, --limit, -o, --json, --no-header,
// and those filters by a member that make sense for a list.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "orchestrator/cli/context.hpp"

namespace patchlab::cli {

/// An option that filters a list by a member of its items.
struct Filter {
    const char* option;  ///< "--lab"
    const char* member;  ///< of an item in the JSON document: "lab"
    const char* help;
};

struct ListWords {
    std::map<std::string, std::vector<std::string>> where;
    std::string since, until, sort;
    std::size_t limit = 0;  ///< 0: all
};

/// `filters`: each may be repeated, or given values with commas between. The callback of the verb
/// keeps what this gives: the options write to it.
std::shared_ptr<ListWords> add_list_options(CLI::App& verb, Context& context,
                                            const std::vector<Filter>& filters);
/// The request of a list: what else it asks for, and its `filter`.
Json list_request(const ListWords& words, Json request = Json::object());

}  // namespace patchlab::cli
