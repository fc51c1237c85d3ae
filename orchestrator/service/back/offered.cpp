// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/back/offered.hpp"

#include <string>

#include "platform/core/error.hpp"

namespace patchlab::service {

namespace {

[[noreturn]] void only_there(const std::string& what) {
    throw Error(ErrorCode::usage, what + " is done on the host of the service itself",
                "there, without --server: as root, or as the owner of its state folder");
}

[[noreturn]] void not_for_guests(const std::string& what) {
    throw Error(ErrorCode::not_allowed, what + " would run programs with the rights of the service",
                "on its host, as root or as the owner of its state folder, it works");
}

bool is_true(const Json& request, const char* key) {
    return request.contains(key) && request.at(key) == Json(true);
}

bool is_folder(const Json& request, const char* key) {
    return request.contains(key) && request.at(key).is_object() && request.at(key).contains("is") &&
           request.at(key).at("is") == Json("folder");
}

}  // namespace

void expect_offered(operations::Session& session, const operations::Operation& operation,
                    const Json& request) {
    if (operation.name == "backup.restore") only_there("restoring a backup");
    if (operation.name == "evidence.verify" && request.contains("folder"))
        throw Error(ErrorCode::usage, "a folder of evidence is verified where it is",
                    "name the run, or verify the folder without --server");
    if (request.contains("key_file"))
        throw Error(ErrorCode::usage, "a secret key is not lent to a service",
                    "sign where the key is, and give the signature");
    if (operation.name == "inventory.import" && is_folder(request, "file"))
        only_there("importing a folder of inventories");
    if (!session.has_guest()) return;
    if (operation.name == "inventory.import" && is_true(request, "allow_scripts"))
        not_for_guests("--allow-scripts");
    if (operation.name == "audit.witness" && request.contains("command") &&
        !request.at("command").empty())
        not_for_guests("a command as a witness");
}

}  // namespace patchlab::service
