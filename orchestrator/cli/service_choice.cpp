// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/service_choice.hpp"

#include <unistd.h>

#include <cerrno>

#include "orchestrator/cli/credentials.hpp"
#include "platform/core/error.hpp"

namespace patchlab::cli {

namespace {

/// How near a value was named: 3 an option, 2 the environment, 1 a file, 0 nowhere.
int nearness(const ConfigValue& value) {
    if (value.value.empty() || value.origin == "default") return 0;
    if (value.origin.starts_with("--")) return 3;
    return value.origin.starts_with("PATCHLAB_") ? 2 : 1;
}

bool may_connect_to(const std::filesystem::path& path) {
    std::error_code error;
    return std::filesystem::is_socket(path, error) && ::access(path.c_str(), W_OK) == 0;
}

/// Whether the state is somebody else's: it is there, and we may not write it; or nobody named one,
/// and we have none of our own.
bool is_not_ours(const ConfigValue& state) {
    std::error_code error;
    const std::filesystem::path folder = state.value;
    if (nearness(state) == 0)
        return ::geteuid() != 0 && !std::filesystem::exists(folder / "patchlab.db", error);
    return ::access(folder.c_str(), W_OK | X_OK) != 0 && errno == EACCES;
}

/// The installation's service, when it stands on that very state.
std::unique_ptr<service::RemoteClient> usual_service(const ConfigValue& state,
                                                     const std::string& user) {
    if (!is_not_ours(state) || !may_connect_to(usual_socket())) return nullptr;
    auto client =
        std::make_unique<service::RemoteClient>(service::socket_transport(usual_socket()), user);
    const std::filesystem::path named = std::filesystem::absolute(state.value).lexically_normal();
    if (nearness(state) > 0 && client->ask_state() != named) return nullptr;
    return client;
}

/// What this user logged in to the service with; nothing: their account says who they are.
std::optional<service::Credential> stored_login(const std::string& server) {
    const auto stored = credential_for(server);
    if (!stored) return std::nullopt;
    const auto kind = stored->kind == "token" ? service::Credential::Kind::token
                                              : service::Credential::Kind::session;
    return service::Credential{kind, stored->value, {}};
}

}  // namespace

std::filesystem::path usual_socket() { return "/run/patchlab/back.sock"; }

std::unique_ptr<service::RemoteClient> choose_service(const Config& settings) {
    const ConfigValue &server = settings.at("server"), &state = settings.at("state-dir");
    const std::string& user = settings.at("user").value;
    if (nearness(server) == 0) return usual_service(state, user);
    if (nearness(server) == 3 && nearness(state) == 3)
        throw Error(ErrorCode::usage, "--server and --state-dir name two installations",
                    "leave out one of them");
    if (nearness(state) > nearness(server)) return nullptr;
    return std::make_unique<service::RemoteClient>(
        service::transport_to(server.value, settings.at("ca").value), user,
        stored_login(server.value));
}

}  // namespace patchlab::cli
