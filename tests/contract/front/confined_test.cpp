// SPDX-License-Identifier: Apache-2.0
//
// The front as a process of its own, without rights, before a back in this one.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orchestrator/service/front/serve.hpp"
#include "orchestrator/service/wire/connection.hpp"
#include "tests/contract/front/fake_back.hpp"

namespace patchlab::service::front {
namespace {

using testing::body_of;
using testing::status_of;

struct Ends {
    UniqueFd ours, theirs;
};
Ends pair_of(int type) {
    int ends[2];
    if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0)
        throw std::runtime_error("socketpair");
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// Forks the front; the back answers in threads of this process.
class ConfinedFront {
  public:
    explicit ConfinedFront(Answers answers, bool kept = false) : back_(std::move(answers)) {
        UniqueFd listener = http::listen_tcp("127.0.0.1:0");
        port = http::port_of(listener);
        Ends door = pair_of(SOCK_SEQPACKET);
        pid = ::fork();
        if (pid == 0) ::_exit(run(std::move(listener), door.theirs.get(), kept));
        door.theirs.reset();
        keeper_ = std::thread([this, fd = std::make_shared<UniqueFd>(std::move(door.ours))] {
            while (auto next = take_over(fd->get())) back_.serve_at(std::move(next->descriptor));
        });
    }
    ~ConfinedFront() {
        if (pid > 0) end();
        keeper_.join();
    }
    int end() {
        ::kill(pid, SIGTERM);
        int status = 0;
        ::waitpid(pid, &status, 0);
        pid = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    }
    std::string ask(const std::string& method, const std::string& target,
                    const std::string& fields = "", const std::string& body = "") {
        return ask_at(port, method, target, fields, body, "plt_good", 30);
    }

    std::uint16_t port = 0;
    pid_t pid = 0;

  private:
    static ServeOptions options_for(UniqueFd& listener, int door) {
        ServeOptions options;
        options.listeners.push_back({std::move(listener)});
        options.kept = {door};
        options.connect = [door] {
            Ends ends = pair_of(SOCK_STREAM);
            if (!hand_over(door, ends.theirs.get(), "c")) throw Error(ErrorCode::lab, "no back");
            return std::move(ends.ours);
        };
        return options;
    }
    static int run(UniqueFd listener, int door, bool kept) {
        try {
            if (kept) return keep_serving([&] { return options_for(listener, door); });
            return serve_http(options_for(listener, door));
        } catch (const std::exception& error) {
            std::fprintf(stderr, "front: %s\n", error.what());
            return 99;
        }
    }
    FakeBack back_;
    std::thread keeper_;
};

std::vector<Json> answer(const Seen& seen) {
    Json sizes = Json::array();
    for (const std::string& file : seen.files) sizes.push_back(file.size());
    return {ok({{"schema", "test"}, {"call", seen.call}, {"files", sizes}})};
}

TEST(ConfinedFront, answers_without_any_right_and_ends_when_told) {
    ConfinedFront front(answer);
    EXPECT_EQ(status_of(front.ask("GET", "/healthz")), 200);
    const std::string shown = front.ask("GET", "/api/v1/runs/r-1");
    EXPECT_EQ(status_of(shown), 200) << shown;
    EXPECT_EQ(status_of(front.ask("GET", "/readyz")), 200);
    EXPECT_EQ(status_of(front.ask("GET", "/api/v1/openapi.json")), 200);
    EXPECT_EQ(front.end(), 0);
}

TEST(ConfinedFront, takes_an_upload_of_many_megabytes) {
    ConfinedFront front(answer);
    const std::string file(30U << 20, 'f');
    const std::string body =
        "--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"x.deb\"\r\n\r\n" + file +
        "\r\n--b--\r\n";
    const std::string response = front.ask(
        "POST", "/api/v1/patches", "Content-Type: multipart/form-data; boundary=b\r\n", body);
    EXPECT_EQ(status_of(response), 201) << response.substr(0, 500);
    EXPECT_EQ(parse_json(body_of(response), "response").at("files"), Json({file.size()}));
}

/// The process that keeps the front, and its child.
pid_t child_of(pid_t parent) {
    const std::string file =
        "/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children";
    const std::string children = read_file(file);
    return children.empty() ? 0 : std::stoi(children);
}

TEST(ConfinedFront, that_was_killed_is_replaced) {
    ConfinedFront front(answer, true);
    ASSERT_EQ(status_of(front.ask("GET", "/healthz")), 200);
    const pid_t first = child_of(front.pid);
    ASSERT_GT(first, 0);
    ::kill(first, SIGKILL);
    EXPECT_EQ(status_of(front.ask("GET", "/api/v1/runs/r-1")), 200);
    EXPECT_NE(child_of(front.pid), first);
    EXPECT_EQ(front.end(), 0);
}

TEST(ConfinedFront, has_nothing_open_but_its_sockets) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root may look at the descriptors of another user";
    const UniqueFd secret(::open("/etc/passwd", O_RDONLY));  // not close-on-exec, as by mistake
    ConfinedFront front(answer);
    ASSERT_EQ(status_of(front.ask("GET", "/healthz")), 200);
    const fs::path folder = "/proc/" + std::to_string(front.pid) + "/fd";
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (std::stoi(entry.path().filename()) <= 2) continue;
        std::error_code closed;  // one that was of a connection may just be
        const std::string target = fs::read_symlink(entry.path(), closed).string();
        if (closed) continue;
        EXPECT_TRUE(target.starts_with("socket:") || target.starts_with("anon_inode:") ||
                    target.starts_with("pipe:"))
            << target;
    }
    const std::string status = read_file("/proc/" + std::to_string(front.pid) + "/status");
    EXPECT_NE(status.find("NoNewPrivs:\t1"), std::string::npos);
    EXPECT_NE(status.find("Seccomp:\t2"), std::string::npos);
    EXPECT_EQ(status.find("Uid:\t0"), std::string::npos);
    EXPECT_NE(status.find("CapEff:\t0000000000000000"), std::string::npos);
}

}  // namespace
}  // namespace patchlab::service::front
