// SPDX-License-Identifier: Apache-2.0
//
// `serve`: the service that other accounts of this host ask, so that a team shares one
// installation.
#include <unistd.h>

#include <filesystem>
#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/service_choice.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/service/back/activation.hpp"
#include "orchestrator/service/back/server.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

struct ServeWords {
    std::string socket, group;
    unsigned workers = 64;
};

std::filesystem::path socket_path(const ServeWords& words) {
    if (!words.socket.empty()) return std::filesystem::absolute(words.socket).lexically_normal();
    if (::geteuid() == 0) return usual_socket();
    const std::string runtime = environment("XDG_RUNTIME_DIR");
    if (runtime.empty())
        throw Error(ErrorCode::usage,
                    "there is no place for the socket: XDG_RUNTIME_DIR is not set",
                    "give one with --back-socket PATH");
    return std::filesystem::path(runtime) / "patchlab/back.sock";
}

void serve(Context& context, const ServeWords& words) {
    service::ServerOptions options;
    options.session = context.session_options();
    options.session.user.clear();
    options.session.state = service::take_state(options.session);
    options.most = words.workers;
    options.listener = service::activated_socket("back");
    std::string where = "the socket that systemd listens at";
    if (!options.listener) {
        options.path = socket_path(words);
        make_folder(options.path.parent_path(), 0755);
        options.listener = service::listen_at(options.path, words.group);
        where = "unix:" + options.path.string();
    }
    service::forget_activation();
    options.started = [where] {
        std::cerr << "patchlab serves at " << where << std::endl;
        service::tell_systemd("READY=1");
    };
    context.exit = service::serve(std::move(options));
}

}  // namespace

void add_serve(CLI::App& app, Context& context) {
    CLI::App* verb = app.add_subcommand(
        "serve", "let other accounts of this host use this installation, each as themselves");
    auto words = std::make_shared<ServeWords>();
    verb->add_option("--back-socket", words->socket,
                     "where their command lines connect (default: /run/patchlab/back.sock; with "
                     "systemd, the socket that it gives)")
        ->type_name("PATH");
    verb->add_option("--group", words->group,
                     "whose members may connect (default: the group of this process)")
        ->type_name("GROUP");
    verb->add_option("--workers", words->workers, "calls at the same time (default: 64)")
        ->check(CLI::Range(1, 1000).description(""));
    add_json_flag(*verb, context);
    verb->callback([&context, words] { serve(context, *words); });
}

}  // namespace patchlab::cli
