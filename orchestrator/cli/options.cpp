// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/options.hpp"

#include <unistd.h>

#include <iostream>

#include "orchestrator/cli/terminal.hpp"
#include "platform/core/error.hpp"

namespace patchlab::cli {

CLI::Option* add_duration(CLI::App& command, const std::string& name, double& seconds,
                          const std::string& help) {
    const CLI::Validator is_duration(
        [](std::string& text) -> std::string {
            const auto length = parse_duration(text);
            if (!length) return "'" + text + "' is not " + std::string(duration_form);
            text = std::to_string(length->count());
            return {};
        },
        "");
    return command.add_option(name, seconds, help)->transform(is_duration)->type_name("DURATION");
}

void add_queue(CLI::App& command, std::string& queue) {
    command
        .add_option("--queue", queue,
                    "where runs are worked: local (this host) or slurm (default: the "
                    "configuration's queue)")
        ->check(CLI::IsMember({"local", "slurm"}));
}

std::shared_ptr<Caution> add_caution(CLI::App& command) {
    auto caution = std::make_shared<Caution>();
    command.add_flag("-y,--yes", caution->yes, "do not ask");
    command.add_flag("--dry-run", caution->dry_run, "only say what would be done");
    return caution;
}

bool go_ahead(Context& context, const Caution& caution, const std::string& what) {
    context.progress_done();
    if (caution.dry_run) {
        std::cout << "would " << one_line(what) << "\n";
        return false;
    }
    if (caution.yes || !is_terminal(STDIN_FILENO) || !is_terminal(STDERR_FILENO)) return true;
    std::cerr << "This will " << one_line(what) << ". It cannot be undone. Go ahead? [y/N] "
              << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    if (answer == "y" || answer == "Y" || answer == "yes") return true;
    throw Error(ErrorCode::refused, "nothing was done");
}

}  // namespace patchlab::cli
