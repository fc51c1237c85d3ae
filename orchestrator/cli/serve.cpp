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
#include "orchestrator/service/back/front_child.hpp"
#include "orchestrator/service/back/server.hpp"
#include "orchestrator/service/front/serve.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/unix_socket.hpp"

namespace patchlab::cli {

namespace {

struct ServeWords {
    std::string socket, group, proxy_socket;
    std::vector<std::string> listen, hosts;
    bool behind_proxy = false;
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

using Listeners = std::vector<http::Listener>;

/// Opened here, so that what is wrong with an address is said before anything begins.
Listeners http_listeners(const ServeWords& words) {
    Listeners all;
    if (UniqueFd given = service::activated_socket("http"))
        all.push_back({std::move(given), false, words.behind_proxy});
    if (UniqueFd given = service::activated_socket("proxy"))
        all.push_back({std::move(given), true});
    for (const std::string& address : words.listen) {
        service::front::expect_permitted(address, words.behind_proxy);
        all.push_back({http::listen_tcp(address), false, words.behind_proxy});
    }
    if (!words.proxy_socket.empty())
        all.push_back({listen_at_path(words.proxy_socket, words.group), true});
    return all;
}

/// The process that speaks HTTP. It comes first: nothing is open yet that it must not have.
service::FrontChild start_http(const ServeWords& words) {
    auto listeners = std::make_shared<Listeners>(http_listeners(words));
    if (listeners->empty()) return {};
    return service::start_front([&](UniqueFd door) {
        const int way = door.get();
        return service::front::keep_serving(
            [&] {
                service::front::ServeOptions options;
                options.listeners = std::move(*listeners);
                options.hosts = words.hosts;
                options.kept = {way};
                options.connect = [way] { return service::open_through(way); };
                return options;
            },
            [&] { listeners->clear(); });
    });
}

void serve(Context& context, const ServeWords& words) {
    service::FrontChild front = start_http(words);
    service::ServerOptions options;
    options.front = std::move(front);
    options.session = context.session_options();
    options.session.user.clear();
    options.session.state = service::take_state(options.session);
    options.most = words.workers;
    options.listener = service::activated_socket("back");
    std::string where = "the socket that systemd listens at";
    if (!options.listener) {
        options.path = socket_path(words);
        make_folder_if_missing(options.path.parent_path());
        options.listener = listen_at_path(options.path, words.group);
        where = "unix:" + options.path.string();
    }
    service::forget_activation();
    for (const std::string& address : words.listen) where += " and http://" + address + "/";
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
    verb->add_option("--listen", words->listen,
                     "speak HTTP at this address of loopback, such as 127.0.0.1:8443")
        ->type_name("ADDRESS");
    verb->add_option(
            "--proxy-socket", words->proxy_socket,
            "speak HTTP with a proxy that connects here, speaks TLS and may sign people in")
        ->type_name("PATH");
    verb->add_option("--host", words->hosts, "a name that browsers ask this service by")
        ->type_name("NAME");
    verb->add_flag("--behind-tls-proxy", words->behind_proxy,
                   "browsers reach what --listen names only by a proxy that speaks TLS, and so "
                   "https; it may then be an address beyond loopback");
    verb->add_option("--workers", words->workers, "calls at the same time (default: 64)")
        ->check(CLI::Range(1, 1000).description(""));
    add_json_flag(*verb, context);
    verb->callback([&context, words] { serve(context, *words); });
}

}  // namespace patchlab::cli
