// SPDX-License-Identifier: Apache-2.0
//
// Installing packages in a guest and proving what got installed. Used by the stages apply and
// drill.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <thread>

#include "orchestrator/families/guest_installer.hpp"
#include "orchestrator/families/package_family.hpp"
#include "orchestrator/pipeline/stages/stall_watch.hpp"
#include "orchestrator/pipeline/stages/trial.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::pipeline {

namespace {

constexpr Seconds look_again{4};
constexpr double most_deadlines =
    2;  ///< what an installation gets that is slow, as long as it goes on
constexpr int looks_without_shell =
    6;  ///< the patch may be replacing what the shell needs; about 20 s

/// How packages are installed on the order's machine.
const families::GuestInstaller& installer_for(const Trial& trial, const InstallOrder& order) {
    return families::family(trial.run.request.machine(order.machine).family).installer();
}

families::InstallJob job_of(const InstallOrder& order) {
    families::InstallJob job{{}, order.removals, order.downgrade, order.serial};
    for (const ExpectedPackage& expected : order.packages)
        job.packages.push_back({expected.name, expected.version});
    return job;
}

std::string last_line(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return text.substr(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
}

void feed_answers(guest::GuestChannel& channel, const families::GuestInstaller& installer,
                  const labdefs::Machine& machine) {
    if (machine.answers.empty()) return;
    const auto keep = installer.keep_answers(machine.answers);
    if (keep && !channel.run(*keep).ok())
        throw Error(ErrorCode::lab,
                    "the prepared answers could not be handed to machine '" + machine.name + "'");
}

enum class Progress { running, ended, vanished };

/// The last line of GuestInstaller::look(); nullopt when it is none of its answers.
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

/// Asks now and then whether the installation stands still, and then what it waits for.
class Standstills {
  public:
    Standstills(const families::GuestInstaller& installer, Seconds limit)
        : installer_(installer), watch_(limit), next_(watch_.interval()) {}

    /// What it waits for is added to `log`.
    std::optional<Standing> look(guest::GuestChannel& channel, std::string& log) {
        if (!next_.passed()) return std::nullopt;
        const guest::GuestResult told = channel.run(installer_.activity());
        next_ = Deadline(watch_.interval());
        const auto stalled =
            watch_.look(told.ok() ? installer_.read_activity(told.out) : std::nullopt);
        if (!stalled) return std::nullopt;
        const std::string waits = channel.run(installer_.waits()).out;
        log = "\n--- it stood still; what it waited for ---\n" + waits;
        return Standing{*stalled, installer_.read_waits(waits)};
    }

  private:
    const families::GuestInstaller& installer_;
    StallWatch watch_;
    Deadline next_;
};

/// Still running when patience is over, ended or vanished. The guest agent may be replaced by the
/// installation: then the channel is lost for a while. MachineBroken when no shell runs any more.
Look await_installation(const Trial& trial, const InstallOrder& order, guest::GuestChannel& channel,
                        Installation& installation) {
    const families::GuestInstaller& installer = installer_for(trial, order);
    Patience patience(order.deadline);
    Standstills standstills(installer, order.stall_after);
    int failed = 0;
    while (!patience.is_over()) {
        try {
            const guest::GuestResult seen = channel.run(installer.look());
            if (const auto look = read_look(seen.out)) {
                if (look->progress != Progress::running) return *look;
                failed = 0;
                const std::string progress = progress_in(seen.out);
                patience.heard(progress);
                if (!progress.empty()) trial.tell(order.stage, order.machine + ": " + progress);
                installation.stalled = standstills.look(channel, installation.processes);
                if (installation.stalled) return {};
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

void read_log(guest::GuestChannel& channel, const families::GuestInstaller& installer,
              const InstallOrder& order, Installation& installation) {
    std::string log = channel.run(installer.read_log()).out + installation.processes;
    if (installation.timed_out)
        log += "\n--- still running; ended now ---\n" + channel.run(installer.end()).out;
    write_file_atomic(order.log, log);
    installation.last_lines = families::last_lines(log, 12);
    installation.why = installer.failure_in(log);
}

void prove(guest::GuestChannel& channel, const families::GuestInstaller& installer,
           const std::string& machine, Installation& installation) {
    const guest::GuestResult listed = channel.run(installer.list());
    if (!listed.ok()) {
        const std::string how = "cannot list its packages after the installation: " +
                                std::string(installer.list_program()) + " " +
                                guest::how_it_ended(listed);
        if (installation.timed_out || installation.exit_code != 0) {
            installation.audit = "the machine " + how;  // nobody knows what is installed, and the
                                                        // patch is judged by what happened before
            return;
        }
        throw MachineBroken(machine, how);
    }
    std::map<std::string, families::ListedPackage> installed;  // by name, and with architecture
    for (const families::ListedPackage& package : installer.read_list(listed.out)) {
        installed[package.name + ":" + package.architecture] = package;
        installed.emplace(package.name, package);
    }
    for (const ExpectedPackage& expected : installation.expected) {
        const auto found = installed.find(expected.name);
        if (found == installed.end())
            installation.wrong.emplace_back(expected.name, "not installed");
        else if (found->second.version != expected.version)
            installation.wrong.emplace_back(expected.name, found->second.version);
        else if (!found->second.whole)
            installation.wrong.emplace_back(expected.name,
                                            "half installed (" + found->second.state + ")");
    }
}

}  // namespace

std::string described(const Standing& standing) {
    return "for " + std::to_string(std::lround(standing.seconds)) +
           " s the installation used neither processor nor disk and wrote nothing to its log" +
           (standing.waits.empty() ? "" : ": " + standing.waits);
}

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
            {"stalled", installation.stalled ? Json(installation.stalled->seconds) : Json()},
            {"seconds", installation.seconds},
            {"expected", expected},
            {"wrong", wrong},
            {"audit", installation.audit},
            {"held", installation.held},
            {"why", installation.why},
            {"last_lines", installation.last_lines}};
}

void begin_installation(const Trial& trial, const InstallOrder& order) {
    guest::GuestChannel& channel = trial.session.channel(order.machine);
    const families::GuestInstaller& installer = installer_for(trial, order);
    feed_answers(channel, installer, trial.run.request.machine(order.machine).definition);
    trial.session.attach_disk(order.machine, order.patch_disk, order.serial);
    const guest::GuestResult started = channel.run(installer.begin(job_of(order)));
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
    const Look end = await_installation(trial, order, channel, installation);
    installation.timed_out = end.progress == Progress::running;
    installation.exit_code = end.exit_code;
    const families::GuestInstaller& installer = installer_for(trial, order);
    read_log(channel, installer, order, installation);
    if (end.progress == Progress::vanished)
        installation.why = "its shell is gone and did not say how it ended: something killed it";
    if (installation.stalled) installation.why = described(*installation.stalled);
    prove(channel, installer, order.machine, installation);
    const std::string audit = channel.run(installer.clean_up()).out;
    if (installation.audit.empty()) installation.audit = audit;
    trial.session.detach_disk(order.machine, order.serial);
    installation.seconds = watch.seconds();
    return installation;
}

}  // namespace patchlab::pipeline
