// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/overlay/block_server.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "platform/process/command.hpp"

namespace patchlab::disk {

namespace {

constexpr int listening_fd = 3;

/// JSON, because a file name may hold commas and equal signs.
Json block_device(const ChainLink& link, const std::string& node, const Json& backing) {
    const Json file = {{"driver", "file"},
                       {"filename", link.file.string()},
                       {"read-only", true},
                       {"locking", "off"}};
    Json device = {
        {"driver", link.format}, {"node-name", node}, {"read-only", true}, {"file", file}};
    if (!backing.is_null()) device["backing"] = backing;
    return device;
}

UniqueFd listen_on(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.string().size() >= sizeof address.sun_path)
        throw Error(ErrorCode::lab,
                    "the path of the temporary folder is too long: " + path.string());
    std::memcpy(address.sun_path, path.c_str(), path.string().size());
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(fd.get(), 4) != 0)
        throw Error(ErrorCode::lab,
                    "cannot listen on " + path.string() + ": " + std::strerror(errno));
    return fd;
}

[[noreturn]] void become(std::vector<std::string> words, int listening, pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    if (listening == listening_fd) {
        ::fcntl(listening, F_SETFD, 0);
    } else {
        ::dup2(listening, listening_fd);
    }
    const int null = ::open("/dev/null", O_RDWR);
    ::dup2(null, STDIN_FILENO);
    ::dup2(null, STDOUT_FILENO);  // the caller's stdout carries its answer
    ::close_range(listening_fd + 1, ~0U, 0);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(127);
}

}  // namespace

BlockServer::BlockServer(const std::vector<ChainLink>& chain)
    : folder_(std::filesystem::temp_directory_path(), "patchlab-blocks") {
    const auto program = process::find_program("qemu-storage-daemon");
    if (!program)
        throw Error(ErrorCode::lab, "qemu-storage-daemon is not installed",
                    "apt install qemu-system-common");
    // The base's own backing files are QEMU's affair. The layers above name what lies below them as
    // a node, so that base and overlay share one opened base and nobody follows a file name a
    // second time.
    std::vector<std::string> words{program->string()};
    Json below;
    for (std::size_t i = chain.size(); i-- > 0;) {
        const std::string node = "layer" + std::to_string(i);
        words.insert(words.end(), {"--blockdev", block_device(chain[i], node, below).dump()});
        below = node;
    }
    words.insert(words.end(),
                 {"--nbd-server", R"({"addr":{"type":"fd","str":"3"},"max-connections":0})"});
    const std::string base = "layer" + std::to_string(chain.size() - 1);
    words.insert(words.end(),
                 {"--export", R"({"type":"nbd","id":"o","node-name":"layer0","name":"overlay",)"
                              R"("allocation-depth":true})"});
    words.insert(words.end(), {"--export", R"({"type":"nbd","id":"b","name":"base","node-name":")" +
                                               base + "\"}"});
    const UniqueFd listening = listen_on(socket());
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0)
        throw Error(ErrorCode::lab,
                    std::string("cannot start qemu-storage-daemon: ") + std::strerror(errno));
    if (pid_ == 0) become(std::move(words), listening.get(), parent);
}

BlockServer::~BlockServer() {
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

}  // namespace patchlab::disk
