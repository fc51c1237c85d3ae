// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/context.hpp"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

/// Empty when nothing says where it is.
std::filesystem::path default_state() {
    if (::geteuid() == 0) return "/var/lib/patchlab";
    if (const std::string home = environment("XDG_STATE_HOME"); !home.empty())
        return std::filesystem::path(home) / "patchlab";
    if (const std::string home = environment("HOME"); !home.empty())
        return std::filesystem::path(home) / ".local/state/patchlab";
    return {};
}

std::string first_of(const std::string& option, const std::string& otherwise) {
    return option.empty() ? otherwise : option;
}

}  // namespace

Context::Context() = default;
Context::~Context() = default;

operations::Session& Context::session() {
    if (!session_) {
        operations::SessionOptions options;
        options.state = first_of(state_option, environment("PATCHLAB_STATE"));
        if (options.state.empty()) options.state = default_state();
        options.user = first_of(as_option, environment("PATCHLAB_USER"));
        options.backend = environment("PATCHLAB_BACKEND");
        session_ = std::make_unique<operations::Session>(options, commands_, clock_);
    }
    return *session_;
}

Json Context::invoke(std::string_view operation, const Json& request) {
    return invoke(operation, request, events_);
}

Json Context::invoke(std::string_view operation, const Json& request,
                     operations::EventSink& events) {
    operations::Outcome outcome = operations::invoke(session(), events, operation, request);
    exit = outcome.exit;
    return std::move(outcome.document);
}

void Context::print(const Json& document, const std::function<void()>& print_text) {
    progress_done();
    if (json) std::cout << to_text(document);
    else print_text();
}

bool Context::colours_on_stdout() const {
    return environment("NO_COLOR").empty() && is_terminal(STDOUT_FILENO);
}

void add_json_flag(CLI::App& command, Context& context) {
    command.add_flag("--json", context.json, "print JSON, for programs");
}

void print_table(Context& context, const std::vector<std::string>& header,
                 const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::vector<std::string>> all{header};
    all.insert(all.end(), rows.begin(), rows.end());
    const bool bold = context.colours_on_stdout();
    bool first = true;
    for (const std::string& line : table_lines(all)) {
        std::cout << (first && bold ? "\033[1m" + line + "\033[0m" : line) << "\n";
        first = false;
    }
}

}  // namespace patchlab::cli
