// SPDX-License-Identifier: Apache-2.0
#include "tests/live/nodes/cluster_fixture.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

namespace patchlab::tests {

namespace {

const fs::path shared = "/mnt/cluster";
const fs::path socket_of_head = shared / "head.sock";
const fs::path configuration = "/mnt/patchlab.yaml";

/// The process on the head that lab hosts call.
class HeadService {
  public:
    explicit HeadService(const fs::path& state) : pid_(::fork()) {
        if (pid_ != 0) return;
        ::setenv("PATCHLAB_BACKEND", "fake", 1);
        ::execl(PATCHLAB_SIM, PATCHLAB_SIM, "--state-dir", state.c_str(), "node", "serve",
                "--listen", socket_of_head.c_str(), nullptr);
        ::_exit(127);
    }
    ~HeadService() {
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }
    HeadService(const HeadService&) = delete;
    HeadService& operator=(const HeadService&) = delete;

  private:
    pid_t pid_;
};

std::unique_ptr<PlayedLab> the_lab;
std::unique_ptr<HeadService> the_service;

const Json usual_script = {{"packages", {{"hello", "1.0"}, {"other", "5"}}}};

process::CommandResult run(const std::string& program, const std::vector<std::string>& words) {
    process::CommandSpec spec;
    spec.program = program;
    spec.args = words;
    spec.purpose = "calling " + program;
    spec.deadline = Seconds(120);
    return process::SystemCommandRunner().run(spec);
}

bool head_has_no_nodes() { return run(PATCHLAB_SIM, {"node", "--help"}).exit_code != 0; }

}  // namespace

PlayedLab& Cluster::lab() { return *the_lab; }
fs::path Cluster::disk_of(const std::string& host) { return shared / "hosts" / host; }

std::string Cluster::cluster(const std::vector<std::string>& words) {
    const char* tool = std::getenv("PATCHLAB_CLUSTER_TOOL");
    if (!tool) {
        ADD_FAILURE() << "call this program through tests/live/nodes/with-cluster";
        return "";
    }
    const process::CommandResult result = run(tool, words);
    EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(words) << ": " << result.err;
    return result.out;
}

process::CommandResult Cluster::head(const std::vector<std::string>& words) {
    return the_lab->run(
        words, {{"PATCHLAB_BACKEND", "fake"}, {"PATCHLAB_CONFIG", configuration.string()}});
}

void Cluster::SetUpTestSuite() {
    if (the_lab || head_has_no_nodes()) return;
    the_lab = std::make_unique<PlayedLab>();
    write_file_atomic(configuration, "schema: patchlab/config/v1\nslurm-program: " +
                                         (shared / "bin/patchlab").string() +
                                         "\nslurm-output: /mnt/here/job-%j.log\n");
    play(usual_script);
    for (const std::string& host : hosts) {
        set_environment(host, {});
        cluster({"on", host, (shared / "bin/patchlab").string(), "node", "init", host, "--head",
                 "unix:" + socket_of_head.string(), "--keep-free", "1MiB", "--drain",
                 (shared / "bin/drain").string(), "-o", "/mnt/here/key.pem"});
        const process::CommandResult added =
            head({"node", "add", host, "--key", (disk_of(host) / "key.pem").string()});
        EXPECT_EQ(added.exit_code, 0) << added.err;
    }
    the_service = std::make_unique<HeadService>(the_lab->state());
    wait_until("the head listens", [] { return fs::exists(socket_of_head); });
}

void Cluster::TearDownTestSuite() {}

void Cluster::SetUp() {
    if (head_has_no_nodes()) GTEST_SKIP() << "this program has no lab hosts";
    play(usual_script);
}

void Cluster::TearDown() {
    if (!the_lab) return;
    for (const std::string& host : hosts) {
        release(host);
        set_environment(host, {});
    }
}

process::CommandResult Cluster::rehearse(const std::vector<std::string>& more) {
    std::vector<std::string> words{"run",       "start",      "--lab",   "shop", "--patch",
                                   "hello_2.0", "--no-drill", "--queue", "slurm"};
    words.insert(words.end(), more.begin(), more.end());
    return head(words);
}

std::string Cluster::start(const std::vector<std::string>& more) {
    std::vector<std::string> words{"--detach"};
    words.insert(words.end(), more.begin(), more.end());
    const process::CommandResult started = rehearse(words);
    EXPECT_EQ(started.exit_code, 0) << started.err;
    return started.out.substr(0, started.out.find('\n'));
}

Json Cluster::show(const std::string& run) {
    return parse_json(head({"run", "show", run, "--json"}).out, "run show");
}

std::string Cluster::log_of(const std::string& run) { return head({"run", "log", run}).out; }

void Cluster::wait_until(const std::string& what, const std::function<bool()>& is_so) {
    for (const Deadline patience(Seconds(60)); !is_so();
         std::this_thread::sleep_for(std::chrono::milliseconds(100)))
        ASSERT_FALSE(patience.passed()) << what;
}

void Cluster::wait_until_over(const std::string& run) {
    wait_until(run + " is over", [&] { return show(run).at("state") == "finished"; });
}

void Cluster::wait_until_held(const std::string& run, const std::string& stage,
                              const std::string& host) {
    wait_until(run + " stands in " + stage + " on " + host + "\n" + log_of(run), [&] {
        const Json now = show(run);
        return now.at("stage") == stage && now.contains("place") &&
               now.at("place").at("host") == host;
    });
}

void Cluster::hold(const std::string& host, const std::string& stage) {
    write_file_atomic(disk_of(host) / "state" / "hold", "");
    set_environment(host, {{"PATCHLAB_FAULT", stage + ":hold"}});
}

void Cluster::release(const std::string& host) {
    std::error_code none;
    fs::remove(disk_of(host) / "state" / "hold", none);
}

void Cluster::set_environment(const std::string& host,
                              const std::map<std::string, std::string>& variables) {
    std::string text = "export PATCHLAB_BACKEND=fake\nexport PATCHLAB_FAKE_SCRIPT=" +
                       (shared / "script.json").string() + "\n";
    for (const auto& [name, value] : variables) text += "export " + name + "='" + value + "'\n";
    write_file_atomic(disk_of(host) / "environment", text);
}

void Cluster::play(const Json& script) { write_json(shared / "script.json", script); }

}  // namespace patchlab::tests
