// SPDX-License-Identifier: Apache-2.0
//
// Logging in to a service from this host. On the host of the state folder nobody logs in: there
// the operating system says who acts.
#include <iostream>
#include <memory>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/credentials.hpp"
#include "orchestrator/cli/secret_input.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::cli {

namespace {

struct LoginWords {
    std::string user;
    bool token = false;
    int descriptor = -1;
};

/// The service that is meant.
std::string server_of(Context& context) {
    const std::string server = context.settings().at("server").value;
    if (server.empty())
        throw Error(ErrorCode::usage, "which service?",
                    "name it with --server unix:PATH, --server https://HOST or PATCHLAB_SERVER; on "
                    "the host of the state folder nobody has to log in");
    return server;
}

std::string user_of(const LoginWords& words) {
    if (!words.user.empty()) return words.user;
    const std::string named = environment("PATCHLAB_USER");
    const std::string user = named.empty() ? environment("USER") : named;
    if (user.empty()) throw Error(ErrorCode::usage, "who logs in?", "give --user NAME");
    return user;
}

/// A token is tried before it takes the place of what was stored.
void log_in_by_token(Context& context, const std::string& server, const LoginWords& words) {
    const auto before = credential_for(server);
    store_credential(server, StoredCredential{"token", ask_secret("token", words.descriptor), ""});
    try {
        const Json document = context.invoke("session.show", Json::object());
        context.print(document, [&] {
            std::cout << "logged in to " << server << " as "
                      << JsonReader(document, "session").string("user") << "\n";
        });
    } catch (...) {
        store_credential(server, before);
        throw;
    }
}

void log_in_by_password(Context& context, const std::string& server, const LoginWords& words) {
    const std::string user = user_of(words);
    const Json request{{"user", user},
                       {"password", ask_secret("password of " + user, words.descriptor)}};
    Json document = context.invoke_exact("session.login", request);
    const JsonReader in(document, "session");
    store_credential(server, StoredCredential{"session", in.string("session"), in.string("user")});
    document.erase("session");  // it is kept, and shown to nobody
    context.print(document, [&] {
        std::cout << "logged in to " << server << " as " << document.at("user").get<std::string>()
                  << ", until " << document.at("expires").get<std::string>() << " at most\n";
    });
}

void log_out(Context& context, const std::string& server) {
    const auto stored = credential_for(server);
    if (!stored) throw Error(ErrorCode::not_found, "nothing is stored for " + server);
    try {
        if (stored->kind == "session") context.invoke("session.logout", Json::object());
    } catch (const Error& error) {
        if (error.code() != ErrorCode::not_authenticated) throw;  // it has ended by itself
    }
    store_credential(server, std::nullopt);
    const Json document{{"schema", "patchlab/logged-out/v1"}, {"server", server}};
    context.print(document, [&] { std::cout << "logged out of " << server << "\n"; });
}

void print_who(Context& context) {
    const Json document = context.invoke("session.show", Json::object());
    context.print(document, [&] {
        const JsonReader in(document, "session");
        const std::string expires = in.string_or("expires", "");
        std::cout << in.string("user") << " (" << in.string("login")
                  << "): " << joined(in.strings("roles"))
                  << (expires.empty() ? "" : "; until " + expires + " at most") << "\n";
    });
}

}  // namespace

void add_login(CLI::App& app, Context& context) {
    CLI::App* login = app.add_subcommand(
        "login", "log in to a service; what it gives is kept in a file that only you can read");
    auto words = std::make_shared<LoginWords>();
    login->add_option("--user", words->user, "who logs in (else PATCHLAB_USER, USER)")
        ->type_name("NAME");
    login->add_flag("--token", words->token, "with a token instead of a password");
    login
        ->add_option("--fd", words->descriptor,
                     "read the secret from this descriptor instead of the terminal")
        ->type_name("N");
    add_json_flag(*login, context);
    login->callback([&context, words] {
        const std::string server = server_of(context);
        if (words->token) log_in_by_token(context, server, *words);
        else log_in_by_password(context, server, *words);
    });
    CLI::App* whoami = app.add_subcommand(
        "whoami", "who you are here, how that is known, and which roles you have");
    add_json_flag(*whoami, context);
    whoami->callback([&context] { print_who(context); });
    CLI::App* logout = app.add_subcommand("logout", "end the login to a service, and forget it");
    add_json_flag(*logout, context);
    logout->callback([&context] { log_out(context, server_of(context)); });
}

}  // namespace patchlab::cli
