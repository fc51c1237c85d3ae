// SPDX-License-Identifier: Apache-2.0
//
// Links: a socket that several nodes share, a head that is out of reach, bytes from a web server.
#include <gmock/gmock.h>

#include <optional>
#include <thread>

#include "orchestrator/nodes/host/web_files.hpp"
#include "orchestrator/nodes/link/address.hpp"
#include "orchestrator/nodes/link/handshake.hpp"
#include "platform/core/clock.hpp"
#include "platform/core/error.hpp"
#include "platform/core/key_ring.hpp"
#include "platform/process/partner.hpp"
#include "tests/pipeline/nodes/node_lab.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;

class NodeLink : public NodeTest {
  protected:
    std::string socket() const { return (head.state().parent_path() / "head.sock").string(); }
    bool answers() const {
        try {
            nodes::HeadStream::open(nodes::head_address("unix:" + socket()));
            return true;
        } catch (const nodes::ContactLost&) {
            return false;
        }
    }
    /// `node serve --listen` of the head, until it goes out of scope.
    process::Partner serve(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> words{
            PATCHLAB_SIM, "--state", head.state().string(), "node", "serve", "--listen", socket()};
        words.insert(words.end(), more.begin(), more.end());
        process::Partner server = process::Partner::start(words, "the head");
        for (const Deadline end(Seconds(20)); !answers() && !end.passed();)
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        return server;
    }
    std::map<std::string, std::string> by_socket() const {
        return {{"PATCHLAB_HEAD", "unix:" + socket()}};
    }
    void install_for(double seconds) {
        head.play({{"packages", {{"hello", "1.0"}, {"other", "5"}}}, {"install_seconds", seconds}});
    }
    void wait_for_installation(const std::string& run) const {
        for (const Deadline end(Seconds(60)); !end.passed() && state(run).at("stage") != "apply";)
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
};

TEST_F(NodeLink, several_nodes_share_a_socket) {
    LabHost one(head, "lab1"), two(head, "lab2");
    const std::string first = submitted();
    const std::string second = submitted();
    const process::Partner server = serve();
    std::thread other([&] { EXPECT_EQ(two.work(second, 1, by_socket()).exit_code, 0); });
    const auto worked = one.work(first, 1, by_socket());
    other.join();
    EXPECT_EQ(worked.exit_code, 0) << worked.err;
    expect_delivered(first);
    expect_delivered(second);
}

TEST_F(NodeLink, a_socket_that_is_for_one_node_serves_no_other) {
    LabHost one(head, "lab1"), two(head, "lab2");
    const std::string run = submitted();
    const process::Partner server = serve({"--node", "lab1"});
    const auto refused = two.work(run, 1, by_socket());
    EXPECT_EQ(refused.exit_code, 75);
    EXPECT_THAT(refused.err, HasSubstr("is not known here"));
    EXPECT_EQ(one.work(run, 1, by_socket()).exit_code, 0);
}

TEST_F(NodeLink, a_node_that_lost_its_head_ends_its_sandbox_and_delivers_nothing) {
    LabHost host(head, "lab1");
    Json configuration = read_json(host.state() / "node.json");
    configuration["lost_after"] = 1;
    write_json(host.state() / "node.json", configuration);
    install_for(60);
    const std::string run = submitted();
    std::optional<process::Partner> server(serve());
    std::thread killer([&] {
        wait_for_installation(run);
        server.reset();
    });
    const Stopwatch watch;
    const auto worked = host.work(run, 1, by_socket());
    killer.join();
    EXPECT_EQ(worked.exit_code, 75);
    EXPECT_THAT(worked.err, HasSubstr("the head cannot be reached"));
    EXPECT_LT(watch.seconds(), 55);
    EXPECT_TRUE(FileLock::try_acquire(host.state() / "runs" / run / "lock"));
    EXPECT_EQ(host.drained(), "");
    expect_open(run);
}

TEST_F(NodeLink, a_head_that_is_away_for_a_moment_loses_nothing) {
    LabHost host(head, "lab1");
    install_for(3);
    const std::string run = submitted();
    std::optional<process::Partner> server(serve());
    std::thread restart([&] {
        wait_for_installation(run);
        server.reset();
        server.emplace(serve());
    });
    const auto worked = host.work(run, 1, by_socket());
    restart.join();
    EXPECT_EQ(worked.exit_code, 0) << worked.err;
    expect_delivered(run);
}

TEST_F(NodeLink, what_is_handed_in_of_one_run_is_taken_for_no_other) {
    LabHost host(head, "lab1");
    const std::string first = submitted();
    const std::string second = submitted();
    const process::Partner server = serve();
    const auto stream = nodes::HeadStream::open(nodes::head_address("unix:" + socket()));
    const SystemClock clock;
    nodes::greet_head(stream->link(), "lab1", installation_keys(host.state()).current(clock), {});
    const auto ask = [&](const char* what, const std::string& run, Json request) {
        request["ask"] = what;
        request["run"] = run;
        request["attempt"] = 1;
        stream->link().send({std::move(request), {}}, Seconds(30));
        return stream->link().receive(Seconds(30)).json;
    };
    for (const std::string& run : {first, second})
        EXPECT_FALSE(ask("begin", run, Json::object()).contains("error"));
    EXPECT_FALSE(ask("deliver", first, {{"evidence", ""}}).contains("error"));
    const Json put{{"path", "final.json"}, {"offset", 0}};
    EXPECT_FALSE(ask("put", first, put).contains("error"));
    EXPECT_EQ(ask("put", second, put).at("error").at("code"), "invalid");
    EXPECT_EQ(ask("finish", second, Json::object()).at("error").at("code"), "invalid");
}

TEST_F(NodeLink, a_run_that_is_cancelled_ends_on_its_node) {
    LabHost host(head, "lab1");
    install_for(60);
    const std::string run = submitted();
    std::thread cancel([&] {
        wait_for_installation(run);
        write_file_atomic(folder(run) / "cancel", "now\n");
    });
    const Stopwatch watch;
    EXPECT_EQ(host.work(run, 1).exit_code, 3);
    cancel.join();
    EXPECT_LT(watch.seconds(), 55);
    expect_open(run);
}

TEST(NodeAddress, of_a_head_is_ssh_a_socket_or_a_folder_and_never_an_option_of_ssh) {
    const nodes::HeadAddress ssh = nodes::head_address("ssh://patchlab-node@head.example:2222/");
    EXPECT_EQ(ssh.user, "patchlab-node");
    EXPECT_EQ(ssh.host, "head.example");
    EXPECT_EQ(ssh.port, "2222");
    EXPECT_EQ(nodes::head_address("unix:/run/head.sock").path, "/run/head.sock");
    EXPECT_EQ(nodes::head_address("local:/srv/state").path, "/srv/state");
    for (const char* wrong : {"", "head", "unix:", "ssh://", "ssh://-oProxyCommand=x",
                              "ssh://-l@head", "ssh://head:22x", "ssh://he ad", "http://head"})
        EXPECT_THROW(nodes::head_address(wrong), Error) << wrong;
}

TEST(NodeAddress, of_the_web_escapes_what_has_a_meaning_in_addresses) {
    EXPECT_EQ(nodes::web_address("http://h:1/x", "patches/a_1.0+b/new/c_1%3a2~d.deb"),
              "http://h:1/x/patches/a_1.0%2Bb/new/c_1%253a2~d.deb");
    EXPECT_THROW(nodes::check_web_address("file:///etc"), Error);
    EXPECT_THROW(nodes::check_web_address("http://a b"), Error);
}

/// Answers as curl would.
class PlayedCurl final : public process::CommandRunner {
  public:
    process::CommandResult run(const process::CommandSpec& spec) override {
        last = spec;
        process::CommandResult result;
        result.exit_code = 0;
        result.out = "bytes";
        result.err = code;
        return result;
    }
    process::CommandSpec last;
    std::string code = "206";
};

TEST(NodeWebFiles, gives_ranges_and_is_not_asked_again_once_it_failed) {
    PlayedCurl curl;
    nodes::WebFiles web("http://h", curl);
    EXPECT_EQ(web.read("images/a.qcow2", 100), "bytes");
    EXPECT_THAT(curl.last.args, testing::Contains("100-33554531"));
    curl.code = "200";  // the whole file, from its beginning
    EXPECT_EQ(web.read("images/a.qcow2", 100), std::nullopt);
    EXPECT_THAT(web.trouble(), HasSubstr("does not serve"));
    curl.code = "206";
    EXPECT_EQ(web.read("images/a.qcow2", 100), std::nullopt);
}

}  // namespace
}  // namespace patchlab::tests
