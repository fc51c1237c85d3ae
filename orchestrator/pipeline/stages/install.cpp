// SPDX-License-Identifier: Apache-2.0
//
// Installing packages in a guest and proving what got installed. Used by the stages apply and
// drill.
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <regex>
#include <sstream>
#include <thread>

#include "guest_scripts.hpp"
#include "orchestrator/families/scripts.hpp"
#include "orchestrator/pipeline/stages/install_log.hpp"
#include "orchestrator/pipeline/stages/trial.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::pipeline {

namespace {

constexpr std::string_view guest_folder = "/run/patchlab";
constexpr Seconds look_again{4};
constexpr double most_deadlines =
    2;  ///< what an installation gets that is slow, as long as it goes on
constexpr int looks_without_shell =
    6;  ///< the patch may be replacing what the shell needs; about 20 s
constexpr std::size_t max_log = 4U << 20;

/// Names and versions go into a guest's command line: nothing but what Debian policy allows may.
void require_plain(const std::string& text, const std::regex& pattern, const char* what) {
    if (!std::regex_match(text, pattern))
        throw Error(ErrorCode::invalid, std::string(what) + " '" + text + "' is not one");
}

std::vector<std::string> package_words(const InstallOrder& order) {
    static const std::regex package(R"([a-z0-9][a-z0-9+.-]{0,127}(:[a-z0-9-]{1,32})?)");
    static const std::regex version(R"([A-Za-z0-9.+:~-]{1,256})");
    std::vector<std::string> words;
    for (const ExpectedPackage& expected : order.packages) {
        require_plain(expected.name, package, "package name");
        require_plain(expected.version, version, "version");
        words.push_back(expected.name + "=" + expected.version);
    }
    for (const std::string& removal : order.removals) {
        require_plain(removal, package, "package name");
        words.push_back(removal + "-");
    }
    return words;
}

std::string last_line(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return text.substr(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
}

void feed_answers(guest::GuestChannel& channel, const labdefs::Machine& machine) {
    if (machine.answers.empty()) return;
    std::string lines;
    for (const auto& [question, answer] : machine.answers) lines += question + " " + answer + "\n";
    guest::GuestCommand command{guest::shell_words(families::script("deb", "keep_answers.sh"), {}),
                                lines,
                                {},
                                Seconds(30),
                                4096};
    if (!channel.run(command).ok())
        throw Error(ErrorCode::lab,
                    "the prepared answers could not be handed to machine '" + machine.name + "'");
}

enum class Progress { running, ended, vanished };

/// The last line of await_install.sh; nullopt when it is none of its answers.
struct Look {
    Progress progress = Progress::running;
    int exit_code = -1;
};
std::optional<Look> read_look(const std::string& out) {
    const std::string answer = last_line(out);
    if (answer == "running") return Look{};
    if (answer == "gone") return Look{Progress::vanished, -1};
    constexpr std::string_view ended = "ended ";
    int code = 0;
    if (!answer.starts_with(ended)) return std::nullopt;
    const auto [at, wrong] =
        std::from_chars(answer.data() + ended.size(), answer.data() + answer.size(), code);
    if (wrong != std::errc() || at != answer.data() + answer.size()) return std::nullopt;
    return Look{Progress::ended, code};
}

/// "running" is preceded by the newest line of the installation's log.
std::string progress_in(const std::string& out) {
    const std::size_t answer = out.rfind("running");
    return answer == 0 || answer == std::string::npos
               ? ""
               : last_line(out.substr(0, answer)).substr(0, 120);
}

/// How long an installation is waited for. On a host that is busy enough a good one needs longer
/// than its deadline: one whose log goes on may take twice as long, one that has said nothing new
/// for a quarter of it hangs.
class Patience {
  public:
    explicit Patience(Seconds deadline) : deadline_(deadline.count()) {}
    void heard(const std::string& line) {
        if (line == newest_) return;
        newest_ = line;
        heard_ = watch_.seconds();
    }
    bool is_over() const {
        const double now = watch_.seconds();
        return now >= deadline_ &&
               (now >= most_deadlines * deadline_ || now - heard_ >= deadline_ / 4);
    }

  private:
    double deadline_;
    Stopwatch watch_;
    std::string newest_;
    double heard_ = 0;
};

/// Still running when patience is over, ended or vanished. The guest agent may be replaced by the
/// installation: then the channel is lost for a while. MachineBroken when no shell runs any more.
Look await_installation(const Trial& trial, const InstallOrder& order,
                        guest::GuestChannel& channel) {
    Patience patience(order.deadline);
    int failed = 0;
    while (!patience.is_over()) {
        try {
            const guest::GuestResult seen = channel.run_script(
                embedded::guest_scripts::file("await_install.sh"), look_again + Seconds(20), 65536);
            if (const auto look = read_look(seen.out)) {
                if (look->progress != Progress::running) return *look;
                failed = 0;
                const std::string progress = progress_in(seen.out);
                patience.heard(progress);
                if (!progress.empty()) trial.tell(order.stage, order.machine + ": " + progress);
                continue;
            }
            if (!seen.timed_out &&
                ++failed == looks_without_shell)  // one that is slow is not broken
                throw MachineBroken(order.machine, "can run no shell any more: /bin/sh " +
                                                       guest::how_it_ended(seen));
            std::this_thread::sleep_for(look_again);
        } catch (const guest::ChannelLost&) {
            if (trial.session.explain_silence(order.machine) != Silence::silent) throw;
            channel.wait_until_ready(std::min(Seconds(60), order.deadline));
        }
    }
    return {};
}

void read_log(guest::GuestChannel& channel, const InstallOrder& order, Installation& installation) {
    guest::GuestCommand command{
        {"/bin/cat", std::string(guest_folder) + "/install.log"}, "", {}, Seconds(60), max_log};
    std::string log = channel.run(command).out;
    if (installation.timed_out) {
        log +=
            "\n--- still running at the deadline ---\n" +
            channel.run_script(families::script("deb", "end_install.sh"), Seconds(90), 65536).out;
    }
    write_file_atomic(order.log, log);
    installation.last_lines = last_lines(log, 12);
    installation.why = failure_in(log);
}

void prove(guest::GuestChannel& channel, const std::string& machine, Installation& installation) {
    const guest::GuestResult listed =
        channel.run_script(families::script("deb", "list_packages.sh"), Seconds(60));
    if (!listed.ok()) {
        const std::string how = "cannot list its packages after the installation: dpkg-query " +
                                guest::how_it_ended(listed);
        if (installation.timed_out || installation.exit_code != 0) {
            installation.audit = "the machine " + how;  // nobody knows what is installed, and the
                                                        // patch is judged by what happened before
            return;
        }
        throw MachineBroken(machine, how);
    }
    std::map<std::string, std::pair<std::string, std::string>> installed;  // name → version, status
    std::istringstream lines(listed.out);
    for (std::string line; std::getline(lines, line);) {
        const auto tab = line.find('\t'), second = line.find('\t', tab + 1);
        if (tab == std::string::npos || second == std::string::npos) continue;
        const std::string full = line.substr(0, tab);
        const auto entry =
            std::make_pair(line.substr(tab + 1, second - tab - 1), line.substr(second + 1));
        installed[full] = entry;
        installed.emplace(full.substr(0, full.find(':')), entry);
    }
    for (const ExpectedPackage& expected : installation.expected) {
        const auto found = installed.find(expected.name);
        if (found == installed.end())
            installation.wrong.emplace_back(expected.name, "not installed");
        else if (found->second.first != expected.version)
            installation.wrong.emplace_back(expected.name, found->second.first);
        else if (found->second.second.rfind("ii", 0) != 0 &&
                 found->second.second.rfind("hi", 0) != 0)
            installation.wrong.emplace_back(expected.name,
                                            "half installed (" + found->second.second + ")");
    }
}

}  // namespace

Json to_json(const Installation& installation) {
    Json expected = Json::array(), wrong = Json::array();
    for (const ExpectedPackage& package : installation.expected)
        expected.push_back(
            {{"name", package.name}, {"from", package.from}, {"to", package.version}});
    for (const auto& [package, instead] : installation.wrong)
        wrong.push_back({{"name", package}, {"instead", instead}});
    return {{"attempted", installation.attempted},
            {"exit", installation.exit_code},
            {"timed_out", installation.timed_out},
            {"seconds", installation.seconds},
            {"expected", expected},
            {"wrong", wrong},
            {"audit", installation.audit},
            {"why", installation.why},
            {"last_lines", installation.last_lines}};
}

void begin_installation(const Trial& trial, const InstallOrder& order) {
    guest::GuestChannel& channel = trial.session.channel(order.machine);
    feed_answers(channel, trial.run.request.machine(order.machine).definition);
    trial.session.attach_disk(order.machine, order.patch_disk, order.serial);
    // kept where its unit can start it again; one message all the same
    std::vector<std::string> words{std::string(guest_folder) + "/install.sh", "begin", order.serial,
                                   order.downgrade ? "--allow-downgrades" : ""};
    for (std::string& word : package_words(order)) words.push_back(std::move(word));
    const guest::GuestResult started =
        channel.run({guest::shell_words(families::script("keep_and_run.sh"), words),
                     families::script("deb", "install.sh"),
                     {},
                     Seconds(120),
                     65536});
    if (!started.ok())
        throw Error(ErrorCode::lab, "the installation could not be started on machine '" +
                                        order.machine + "': its script " +
                                        guest::how_it_ended(started));
}

Installation install(const Trial& trial, const InstallOrder& order) {
    const Stopwatch watch;
    guest::GuestChannel& channel = trial.session.channel(order.machine);
    Installation installation;
    installation.attempted = true;
    installation.expected = order.packages;
    begin_installation(trial, order);
    const Look end = await_installation(trial, order, channel);
    installation.timed_out = end.progress == Progress::running;
    installation.exit_code = end.exit_code;
    read_log(channel, order, installation);
    if (end.progress == Progress::vanished)
        installation.why = "its shell is gone and did not say how it ended: something killed it";
    prove(channel, order.machine, installation);
    const std::string audit =
        channel.run_script(families::script("deb", "after_install.sh"), Seconds(60), 65536).out;
    if (installation.audit.empty()) installation.audit = audit;
    trial.session.detach_disk(order.machine, order.serial);
    installation.seconds = watch.seconds();
    return installation;
}

}  // namespace patchlab::pipeline
