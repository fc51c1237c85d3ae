// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/nodes/link/address.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "platform/core/unix_socket.hpp"

namespace patchlab::nodes {

namespace {

constexpr std::string_view ssh_scheme = "ssh://", unix_scheme = "unix:", local_scheme = "local:";

[[noreturn]] void no_address(const std::string& text) {
    throw Error(ErrorCode::usage, "'" + text + "' is not the address of a head",
                "write ssh://USER@HOST, unix:PATH or local:STATE-FOLDER");
}

/// What ssh gets as an argument: never an option.
bool is_plain_name(std::string_view word) {
    return !word.empty() && word.front() != '-' &&
           std::all_of(word.begin(), word.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_';
           });
}

HeadAddress ssh_address(const std::string& text) {
    HeadAddress address;
    address.kind = HeadAddress::Kind::ssh;
    std::string rest = text.substr(ssh_scheme.size());
    if (!rest.empty() && rest.back() == '/') rest.pop_back();
    if (const auto at = rest.find('@'); at != std::string::npos) {
        address.user = rest.substr(0, at);
        rest.erase(0, at + 1);
        if (!is_plain_name(address.user)) no_address(text);
    }
    if (const auto colon = rest.find(':'); colon != std::string::npos) {
        address.port = rest.substr(colon + 1);
        rest.resize(colon);
        if (address.port.empty() || address.port.size() > 5 ||
            address.port.find_first_not_of("0123456789") != std::string::npos)
            no_address(text);
    }
    address.host = rest;
    if (!is_plain_name(address.host)) no_address(text);
    return address;
}

UniqueFd connect_to(const std::string& path) {
    UniqueFd fd = connect_to_path(path);
    if (!fd) throw ContactLost("no head at " + path + ": " + std::strerror(errno));
    return fd;
}

std::vector<std::string> ssh_command(const HeadAddress& address) {
    std::vector<std::string> command{"ssh", "-T",
                                     "-o",  "BatchMode=yes",
                                     "-o",  "ConnectTimeout=10",
                                     "-o",  "ServerAliveInterval=10"};
    if (!address.port.empty()) command.insert(command.end(), {"-p", address.port});
    if (!address.user.empty()) command.insert(command.end(), {"-l", address.user});
    command.push_back(address.host);
    return command;
}

}  // namespace

HeadAddress head_address(const std::string& text) {
    if (text.starts_with(ssh_scheme)) return ssh_address(text);
    HeadAddress address;
    if (text.starts_with(unix_scheme)) {
        address.kind = HeadAddress::Kind::socket;
        address.path = text.substr(unix_scheme.size());
    } else if (text.starts_with(local_scheme)) {
        address.path = text.substr(local_scheme.size());
    }
    if (address.path.empty()) no_address(text);
    return address;
}

std::unique_ptr<HeadStream> HeadStream::open(const HeadAddress& address) {
    auto stream = std::make_unique<HeadStream>();
    switch (address.kind) {
        case HeadAddress::Kind::socket: stream->socket_ = connect_to(address.path); break;
        case HeadAddress::Kind::ssh:
            stream->partner_.emplace(process::Partner::start(ssh_command(address), "ssh"));
            break;
        case HeadAddress::Kind::local:
            stream->partner_.emplace(process::Partner::start_ourselves(
                {"--state-dir", address.path, "node", "serve"}, "the head"));
            break;
    }
    const int fd = stream->partner_ ? stream->partner_->socket() : stream->socket_.get();
    stream->link_.emplace(fd, fd);
    return stream;
}

}  // namespace patchlab::nodes
