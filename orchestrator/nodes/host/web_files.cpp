// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/nodes/host/web_files.hpp"

#include <cstdio>

#include "platform/core/error.hpp"
#include "platform/core/text.hpp"
#include "platform/process/curl.hpp"

namespace patchlab::nodes {

namespace {

constexpr std::uint64_t range_bytes = 32U << 20;

process::CommandSpec curl_for(const std::string& address, std::uint64_t offset) {
    process::CommandSpec command = process::curl_get(
        address, {"--max-redirs", "0", "--connect-timeout", "5", "--range",
                  std::to_string(offset) + "-" + std::to_string(offset + range_bytes - 1),
                  "--write-out", "%{stderr}%{http_code}"});
    command.purpose = "fetching from the web server";
    command.deadline = Seconds(120);
    command.max_output = range_bytes;
    return command;
}

}  // namespace

void check_web_address(const std::string& base) {
    const bool web = base.starts_with("http://") || base.starts_with("https://");
    if (!web || base.find_first_of(" \t\r\n?#") != std::string::npos)
        throw Error(ErrorCode::usage, "'" + base + "' is not the address of a web server",
                    "write http://HOST:PORT or https://HOST");
}

std::string web_address(const std::string& base, const std::string& path) {
    static constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    std::string address = base;
    if (address.empty() || address.back() != '/') address += '/';
    for (const char c : path) {
        if (plain.find(c) != std::string_view::npos) {
            address += c;
            continue;
        }
        char escaped[4];
        std::snprintf(escaped, sizeof escaped, "%%%02X", static_cast<unsigned char>(c));
        address += escaped;
    }
    return address;
}

std::optional<std::string> WebFiles::read(const std::string& path, std::uint64_t offset) {
    if (base_.empty() || !trouble_.empty()) return std::nullopt;
    try {
        process::CommandResult result = commands_.run(curl_for(web_address(base_, path), offset));
        // 206: a range; a server that knows no ranges sends 200 and the whole file
        if (result.ok() && !result.truncated && result.err.ends_with("206"))
            return std::move(result.out);
        trouble_ = "the web server does not serve " + path + ": " + printable(result.err, 200);
    } catch (const Error& error) {
        trouble_ = error.message();
    }
    return std::nullopt;
}

}  // namespace patchlab::nodes
