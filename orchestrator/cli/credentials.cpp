// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/credentials.hpp"

#include <sys/stat.h>

#include "orchestrator/cli/config.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/core/json_text.hpp"
#include "platform/core/yaml.hpp"

namespace patchlab::cli {

namespace {

constexpr std::uint64_t max_credentials_bytes = 1U << 18;
constexpr const char* credentials_schema = "patchlab/credentials/v1";

/// Empty when nothing says where it is.
fs::path credentials_place() {
    if (const std::string named = environment("PATCHLAB_CREDENTIALS"); !named.empty()) return named;
    return own_file("credentials.yaml");
}

/// Servers with what was stored for each, as the file has them.
Json stored_servers() {
    const fs::path file = credentials_place();
    if (file.empty()) return Json::array();
    const auto text = read_file_if_any(file, max_credentials_bytes);
    if (!text) return Json::array();
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0 || (info.st_mode & 077) != 0)
        throw Error(ErrorCode::lab,
                    "the credentials in " + file.string() + " can be read by others",
                    "chmod 600 " + file.string() + ", and revoke what others may have read");
    Diagnostics mistakes;
    const YamlDocument document = parse_yaml(*text, file.string(), mistakes);
    mistakes.throw_if_any("reading " + file.string());
    const JsonReader in(document.value, file.string());
    if (in.string("schema") != credentials_schema) in.fail("schema", "is another one");
    return in.raw("servers");
}

}  // namespace

fs::path credentials_file() {
    const fs::path file = credentials_place();
    if (file.empty())
        throw Error(ErrorCode::usage, "there is no place for credentials: HOME is not set",
                    "name a file with PATCHLAB_CREDENTIALS");
    return file;
}

std::optional<StoredCredential> credential_for(const std::string& server) {
    const Json servers = stored_servers();
    for (const Json& item : servers) {
        const JsonReader one(item, "credentials");
        if (one.string("server") != server) continue;
        const char* kind = one.has("token") ? "token" : "session";
        return StoredCredential{kind, one.string(kind), one.string_or("user", "")};
    }
    return std::nullopt;
}

void store_credential(const std::string& server,
                      const std::optional<StoredCredential>& credential) {
    Json kept = Json::array();
    const Json servers = stored_servers();
    for (const Json& item : servers)
        if (JsonReader(item, "credentials").string("server") != server) kept.push_back(item);
    if (credential) {
        Json item{{"server", server}, {credential->kind, credential->value}};
        if (!credential->user.empty()) item["user"] = credential->user;
        kept.push_back(std::move(item));
    }
    const fs::path file = credentials_file();
    make_folder(file.parent_path(), 0700);
    write_file_atomic(file, to_yaml({{"schema", credentials_schema}, {"servers", kept}}), 0600);
}

}  // namespace patchlab::cli
