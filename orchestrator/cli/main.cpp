// SPDX-License-Identifier: Apache-2.0
//
// The door of the command line: words in, exit code out. Errors are printed here, once, and nowhere
// else.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/program.hpp"
#include "orchestrator/cli/screen.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/words.hpp"
#include "orchestrator/operations/process_entry.hpp"
#include "platform/core/error_document.hpp"
#include "platform/core/json.hpp"
#include "platform/core/json_text.hpp"
#include "platform/core/version.hpp"
#include "platform/process/command.hpp"

namespace patchlab::cli {

namespace {

constexpr int wrong_words = 2;
constexpr int lab_failed = 3;

/// Ctrl-C does not reach the tools that we started (each is its own session), so they are taken
/// along.
void end_with_signal(int signal) {
    process::kill_running_commands();
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void prepare_signals() {
    std::signal(SIGPIPE,
                SIG_IGN);  // a guest or reader that hangs up is an error of that write, not our end
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
        if (std::signal(signal, end_with_signal) == SIG_IGN)
            std::signal(signal, SIG_IGN);  // nohup means it
}

void add_nouns(CLI::App& app, Context& context) {
    add_doctor(app, context);
    add_init(app, context);
    add_config(app, context);
    add_image(app, context);
    add_lab(app, context);
    add_patch(app, context);
    add_feed(app, context);
    add_run(app, context);
    add_campaign(app, context);
    add_watch(app, context);
    add_diff(app, context);
    add_snapshot(app, context);
    add_report(app, context);
    add_evidence(app, context);
    add_policy(app, context);
    add_rulings(app, context);
    add_user(app, context);
    add_token(app, context);
    add_login(app, context);
    add_key(app, context);
    add_change(app, context);
    add_catalog(app, context);
    add_inventory(app, context);
    add_node(app, context);
    add_notify(app, context);
    add_rollout(app, context);
    add_audit(app, context);
    add_event(app, context);
    add_metrics(app, context);
    add_management(app, context);
    add_backup(app, context);
    add_reap(app, context);
    add_serve(app, context);
    add_openapi(app, context);
    add_gc(app, context);
    add_completion(app, context);
    add_man(app, context);
}

/// What could not be done, and what to do about it.
struct Failure {
    std::string what, advice;
    std::string code;  ///< as name(ErrorCode) has it
    int exit = lab_failed;
};

/// With --json an error is a document, too: one line on stderr.
void print_failure(const Failure& failure, bool for_programs) {
    std::cout.flush();
    if (for_programs) {
        std::cerr << to_plain_line(
            error_document(failure.code, failure.what, failure.advice, failure.exit));
        return;
    }
    std::cerr << "patchlab: " << one_line(failure.what) << "\n";
    if (!failure.advice.empty()) std::cerr << plain_text(failure.advice, std::string::npos) << "\n";
}

/// Parses and runs; the callbacks of the verbs run inside parse().
int run_words(CLI::App& app, Context& context, std::vector<std::string> words) {
    if (words.empty()) {
        std::cout << app.help();
        return wrong_words;
    }
    if (words.front() == "help") {  // `patchlab help image build`, as git takes it
        words.erase(words.begin());
        words.emplace_back("--help");
    }
    const bool json = std::find(words.begin(), words.end(), "--json") != words.end();
    try {
        std::reverse(words.begin(), words.end());  // CLI11 takes them from the back, and away
        app.parse(words);
    } catch (const CLI::Success& wanted) {  // --help, --version
        return app.exit(wanted, std::cout, std::cerr);
    } catch (const CLI::ParseError& error) {
        print_failure({explain(app, error), hint(app), "usage", wrong_words}, json);
        return wrong_words;
    }
    if (noun_without_verb(app)) {
        std::cout << app.help();  // of the noun that was given
        return wrong_words;
    }
    return context.exit;
}

/// `patchlab run list | head`: why a stream failed on the way is forgotten by now, the pipe itself
/// still says it.
bool reader_left() {
    pollfd out{STDOUT_FILENO, POLLOUT, 0};
    return ::poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

/// Output that could not be written is a failure (a full disk), except to a reader that wanted no
/// more of it.
int finish_output(int exit) {
    errno = 0;
    std::cout.flush();
    if (std::cout.good() || errno == EPIPE || reader_left()) return exit;
    // it failed before this flush, and why is forgotten: it fails once more
    if (errno == 0 && ::write(STDOUT_FILENO, "\n", 1) >= 0) errno = 0;
    print_failure(
        {std::string("writing the output: ") + (errno != 0 ? std::strerror(errno) : "failed"), "",
         std::string(name(ErrorCode::lab))},
        false);
    return lab_failed;
}

void set_colours(const std::string& when) {
    if (when == "auto") return;
    for (std::ostream* stream : {&std::cout, &std::cerr})
        if (GuardedOutput* guard = guard_of(*stream)) guard->set_colours(when == "always");
}

void add_screen_options(CLI::App& app, Context& context) {
    app.add_option_function<std::string>(
           "--color", set_colours, "always, auto (on a terminal, unless NO_COLOR is set) or never")
        ->type_name("WHEN")
        ->check(CLI::IsMember({"always", "auto", "never"}).description(""));
    app.add_flag("!--no-pager", context.paging,
                 "show everything at once (else by PATCHLAB_PAGER, PAGER or less)");
}

int run(const std::vector<std::string>& words, const operations::Backends& backends) {
    const GuardedOutput out(std::cout, STDOUT_FILENO), err(std::cerr, STDERR_FILENO);
    Context context(backends);
    CLI::App app("Rehearse a vendor's patch on a clone of production before it reaches production.",
                 "patchlab");
    app.add_option("-C,--state-dir", context.state_option,
                   "folder of images, labs, patches and runs (or PATCHLAB_STATE)")
        ->type_name("DIR");
    app.add_option("--state", context.state_option, "as --state-dir")
        ->type_name("DIR")
        ->group("");  // its name until lists had a filter of that name
    app.add_option("--server", context.server_option,
                   "the service that works for you: unix:/run/patchlab/back.sock or https://HOST "
                   "(or PATCHLAB_SERVER)")
        ->type_name("ADDRESS");
    app.add_option("--ca", context.ca_option,
                   "certificates of the authorities that the service's is signed by (or "
                   "PATCHLAB_CA; else those that this host trusts)")
        ->type_name("FILE");
    app.add_option(
           "--as", context.as_option,
           "the user of patchlab who acts (or PATCHLAB_USER; else who you are logged in as)")
        ->type_name("USER");
    add_screen_options(app, context);
    app.set_version_flag("--version", std::string("patchlab ") + version, "print the version");
    app.get_formatter()->column_width(34);
    add_nouns(app, context);
    shape(app);

    int exit = lab_failed;
    try {
        exit = run_words(app, context, words);
    } catch (Error& error) {
        context.progress_done();
        if (error.message() == error.what())
            error.during(words_so_far(app));  // nobody said what was tried
        exit = exit_code(error.code());
        print_failure({error.what(), error.advice(), std::string(name(error.code())), exit},
                      context.for_programs());
    } catch (const std::exception& error) {
        context.progress_done();
        print_failure({std::string("internal error: ") + error.what(), "this is a bug in patchlab",
                       std::string(name(ErrorCode::internal))},
                      context.for_programs());
    }
    context.progress_done();
    return finish_output(exit);
}

}  // namespace

int run_program(int argc, char** argv, const operations::Backends& backends) {
    if (const auto code = operations::run_if_child(argc, argv)) return *code;
    const std::vector<std::string> words(argv + std::min(1, argc), argv + argc);
    const std::array<std::string, 2> building{"image", "build"};
    if (std::search(words.begin(), words.end(), building.begin(), building.end()) != words.end())
        operations::prepare_to_build_images(argv);
    prepare_signals();
    return run(words, backends);
}

}  // namespace patchlab::cli
