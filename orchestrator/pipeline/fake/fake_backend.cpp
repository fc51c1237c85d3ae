// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/fake/fake_backend.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "orchestrator/families/guest_installer.hpp"
#include "orchestrator/families/package_family.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/guest/fake_channel.hpp"
#include "platform/virt/fake_hypervisor.hpp"

namespace patchlab::pipeline {

namespace {

using Packages = std::map<std::string, std::string>;

/// What one played guest remembers; kept beside its disk, so that a clone begins where the
/// checkpoint was.
struct PlayedGuest {
    Packages packages;
    bool patched = false;
    std::optional<Stopwatch> installing;
    bool first_patched = false;  ///< the patch was installed here before it was anywhere else
    int reboots = 0;             ///< since the patch
    bool was_patched = false;    ///< even if it is not any more
    bool was_rebooted = false;   ///< while it was patched, even if it is not any more
    double boot_seconds = 12;
    bool silent = false;      ///< its agent was stopped
    bool dead = false;        ///< it does not start any more
    std::string last_boot{};  ///< in which its console said so
    double processor = 0;     ///< seconds that its installation used
};

class Play {
  public:
    Play() {
        const char* file = std::getenv("PATCHLAB_FAKE_SCRIPT");
        if (file && *file) script_ = read_json(file);
    }

    virt::FakeHypervisor* hypervisor = nullptr;

    PlayedGuest& guest(const std::string& disk) {
        auto [it, fresh] = guests_.try_emplace(disk);
        if (fresh) it->second.packages = packages("packages");
        return it->second;
    }
    Packages packages(const char* key) const {
        Packages found;
        if (script_.contains(key))
            for (const auto& [name, version] : script_[key].items())
                found[name] = version.get<std::string>();
        return found;
    }
    bool lists(const char* key, const std::string& item) const {
        return script_.contains(key) &&
               std::count(script_[key].begin(), script_[key].end(), Json(item)) > 0;
    }
    std::string text(const char* key) const { return script_.value(key, ""); }
    std::optional<std::string> lines(const char* key) const {
        return script_.contains(key) ? std::optional(text(key)) : std::nullopt;
    }
    bool flag(const char* key) const { return script_.value(key, false); }
    int number(const char* key) const { return script_.value(key, 0); }
    /// Whether `fails_with` names a package that this guest has at another version than in the
    /// beginning.
    bool fails_by_package(const std::string& check, const Packages& now) const {
        const Packages first = packages("packages");
        for (const auto& [package, failing] : packages("fails_with"))
            if (failing == check && now.contains(package) && first.contains(package) &&
                now.at(package) != first.at(package))
                return true;
        return false;
    }
    int next_run() { return ++runs_; }
    int next_line() { return ++lines_; }
    bool is_first_installation() { return installations_++ == 0; }
    /// What the installation of this guest ends with.
    int install_exit(const PlayedGuest& guest) const {
        return guest.first_patched && flag("install_fails_first") ? 100 : number("install_exit");
    }

    bool host_is_busy = false;
    std::mutex mutex;  ///< the guests of one lab may be asked from two threads

  private:
    Json script_ = Json::object();
    std::map<std::string, PlayedGuest> guests_;
    int runs_ = 0;
    int installations_ = 0;
    int lines_ = 0;
};

/// `words`: the command that starts install.sh.
void play_installation(Play& play, PlayedGuest& guest, const std::vector<std::string>& words) {
    if (play.flag("install_silent")) throw guest::ChannelLost("the guest fell silent");
    const bool is_patch = std::find(words.begin(), words.end(), "patchlab-patch") != words.end();
    if (is_patch) guest.first_patched = play.is_first_installation();
    if (play.install_exit(guest) == 0) {
        for (auto at = std::find(words.begin(), words.end(), "begin"); at != words.end(); ++at) {
            const std::string& word = *at;
            const auto equals = word.find('=');
            if (equals != std::string::npos)
                guest.packages[word.substr(0, equals)] = word.substr(equals + 1);
            else if (word.ends_with('-')) guest.packages.erase(word.substr(0, word.size() - 1));
        }
        for (const auto& [name, version] : play.packages("installs"))
            guest.packages[name] = version;
    }
    guest.patched = is_patch;
    guest.was_patched = guest.was_patched || is_patch;
    guest.installing.emplace();
    if (!guest.patched) guest.reboots = 0;
    play.host_is_busy = play.flag("busy_host_after");
}

/// As installation.pl prints it.
std::string play_activity(const Play& play, PlayedGuest& guest) {
    const double seconds = guest.installing ? guest.installing->seconds() : 0;
    if (!play.flag("install_stalls")) guest.processor = seconds;
    return "activity " + std::to_string(1000 + seconds) + " " + std::to_string(guest.processor) +
           " 100 4096 5.0 1000 0\n";
}

/// What a machine says that does not start; it is not heard of otherwise.
[[noreturn]] void play_dead(Play& play, PlayedGuest& guest, const guest::FakeMachineView& machine) {
    if (guest.last_boot != machine.boot)
        play.hypervisor->say(machine.machine, play.text("console_after_reboot"));
    guest.last_boot = machine.boot;
    throw guest::ChannelLost("the guest fell silent");
}

std::string look_at_installation(Play& play, const PlayedGuest& guest) {
    if (play.flag("install_stalls") && guest.patched) return "the last line\nrunning\n";
    if (guest.installing && guest.installing->seconds() < play.number("install_seconds"))
        return (play.flag("install_talks") ? "line " + std::to_string(play.next_line())
                                           : "the last line") +
               "\nrunning\n";
    return play.flag("install_vanishes")
               ? "gone\n"
               : "ended " + std::to_string(play.install_exit(guest)) + "\n";
}

std::vector<double> play_samples(int count, bool slow) {
    std::vector<double> seconds;
    for (int i = 0; i < count; ++i) seconds.push_back((slow ? 0.040 : 0.004) + 0.0001 * (i % 7));
    return seconds;
}

guest::GuestResult answer(Play& play, const guest::FakeMachineView& machine,
                          const guest::GuestCommand& command) {
    guest::GuestResult result;
    result.exit_code = 0;
    const families::PackageFamily& family = families::family(families::default_family);
    std::string all;
    for (const std::string& word : command.argv) all += word + " ";
    all += "\n" + command.input;
    const auto asks = [&](const char* word) { return all.find(word) != std::string::npos; };
    PlayedGuest& guest = play.guest(machine.disk);
    if (asks("mask --now --runtime qemu-guest-agent")) guest.silent = true;
    if (guest.silent) throw guest::ChannelLost("the guest fell silent");
    if (guest.dead) play_dead(play, guest, machine);
    if (const std::string broken = play.text("broken_after");
        guest.patched && !broken.empty() && asks(broken.c_str())) {
        result.exit_code = -1;
        result.signal = SIGSEGV;
        return result;
    }
    if (asks("systemd-run --quiet --unit=patchlab-install"))
        play_installation(play, guest, command.argv);
    else if (asks("systemctl --no-block") && command.argv.back() == "reboot") {
        if (guest.patched) {
            ++guest.reboots;
            guest.was_rebooted = true;
        }
        guest.boot_seconds =
            play.host_is_busy || (guest.patched && play.flag("slow_boot_after")) ? 60 : 12;
        guest.dead = guest.patched && !play.text("console_after_reboot").empty();
        if (guest.patched && play.flag("no_boot")) play.hypervisor->crash(machine.machine);
        else play.hypervisor->reboot(machine.machine);
    } else if (asks("read -r code <$dir/install.exit"))
        result.out = look_at_installation(play, guest);
    else if (command.argv.back() == "activity") result.out = play_activity(play, guest);
    else if (command.argv.back() == "waits")
        result.out = "waits 'sleep infinity' of hello.postinst sleeps\n7 sleep infinity\n";
    else if (asks("date -u +%s"))
        result.out =
            std::to_string(std::time(nullptr) + (guest.patched ? play.number("clock_off") : 0)) +
            "\n";
    else if (asks("boot_id")) result.out = machine.boot + "\n";
    else if (asks("is-system-running --wait"))
        result.exit_code = guest.patched && play.flag("unsettled_after") ? 1 : 0;
    else if (command.argv == family.installer().complaints().argv)
        result.out = play.text("complains_before");
    else if (command.argv == family.installer().list().argv)
        for (const auto& [name, version] : guest.packages)
            result.out += name + ":amd64\t" + version + "\tii \n";
    return result;
}

std::vector<testsuites::CheckResult> play_suites(Play& play, PlayedGuest& guest,
                                                 const std::vector<testsuites::Suite>& suites) {
    if (guest.silent) throw guest::ChannelLost("the guest fell silent");
    std::vector<testsuites::CheckResult> results;
    const int run = play.next_run();
    for (const testsuites::Suite& suite : suites)
        for (const testsuites::Check& check : suite.checks) {
            const std::string subject = suite.name + "/" + check.name;
            testsuites::CheckResult result;
            result.suite = suite.name;
            result.name = check.name;
            result.outcome = testsuites::Outcome::pass;
            if ((guest.patched && play.lists("fail_after", subject)) ||
                (guest.reboots > 0 && play.lists("fail_after_reboot", subject)) ||
                (guest.was_rebooted && play.lists("fail_for_good_after_reboot", subject)) ||
                (guest.patched && guest.first_patched &&
                 play.lists("fail_in_first_trial", subject)) ||
                (guest.reboots == 1 && play.lists("fail_after_first_reboot", subject)) ||
                play.fails_by_package(subject, guest.packages) ||
                (run % 2 == 0 && play.lists("flicker", subject))) {
                result.outcome = testsuites::Outcome::fail;
                result.detail = "played failure";
            }
            if (guest.patched && play.lists("unknown_after", subject))
                result.outcome = testsuites::Outcome::unknown;
            result.wanted_samples = check.samples;
            result.sampling_limit = check.timeout.count();
            const bool crawls = guest.patched && play.lists("crawls_after", subject);
            result.samples = play_samples(
                crawls ? std::min(check.samples, 2) : check.samples,
                play.host_is_busy || (guest.patched && play.lists("slow_after", subject)));
            if (crawls)
                for (double& seconds : result.samples) seconds = 4;
            result.seconds = crawls ? 4 : 0.004;
            results.push_back(std::move(result));
        }
    return results;
}

snapshots::Capture play_capture(const Play& play, const guest::FakeMachineView& machine,
                                const PlayedGuest& guest) {
    snapshots::Capture capture;
    capture.boot_id = machine.boot;
    capture.kernel = "0.0-fake";
    for (const snapshots::ChangeClass cls : snapshots::live_classes())
        capture.facts[cls];  // read, and nothing there
    capture.measures["boot-seconds"] = guest.boot_seconds;
    if (play.flag("much_memory_after"))
        capture.measures["memory-kib"] = guest.patched ? 400000 : 100000;
    for (const auto& [name, version] : guest.packages)
        capture.facts[snapshots::ChangeClass::package][name + ":amd64"] =
            version + " installed" + (play.lists("held", name) ? " hold" : "");
    if (guest.patched && !play.text("adds_port").empty())
        capture.facts[snapshots::ChangeClass::port][play.text("adds_port")] = "/usr/bin/played";
    if (guest.reboots > 0 && !play.text("adds_port_after_reboot").empty())
        capture.facts[snapshots::ChangeClass::port][play.text("adds_port_after_reboot")] =
            "/usr/bin/played";
    if (const std::string line = play.text(guest.was_patched ? "complains_after" : "complains");
        !line.empty())
        capture.health.kernel_errors.push_back(line);
    if (guest.patched && !play.text("unreadable_after").empty())
        capture.unreadable[snapshots::change_class_from(play.text("unreadable_after"))] = "played";
    return capture;
}

disk::OverlayComparison play_comparison(const Play& play, const PlayedGuest& guest) {
    disk::OverlayComparison comparison;
    comparison.method = "fake";
    disk::FileState before{'f', 0644, 0, 0, 10, 0, std::string(64, 'a'), {}, 1, ""};
    disk::FileState after = before;
    after.content = std::string(64, 'b');
    if (guest.patched && !play.text("changes_file").empty()) {
        disk::FileChange& change = comparison.changes.emplace_back(disk::FileChange{
            play.text("changes_file"), disk::FileChangeKind::changed, before, after, ""});
        change.text_before = play.lines("text_before");
        change.text_after = play.lines("text_after");
    }
    if (guest.was_patched && !play.text("leaves_file").empty())
        comparison.changes.push_back(
            {play.text("leaves_file"), disk::FileChangeKind::changed, before, after, ""});
    if (guest.reboots > 0 && !play.text("clears_after_reboot").empty())
        comparison.changes.push_back(
            {play.text("clears_after_reboot"), disk::FileChangeKind::removed, before, {}, ""});
    return comparison;
}

/// Which machine a channel leads to is not part of the port; the fake keeps it beside.
struct Channels {
    std::map<guest::GuestChannel*, fs::path> sockets;
    guest::FakeMachineView look(guest::GuestChannel& channel) const {
        const auto it = sockets.find(&channel);
        const auto view =
            it == sockets.end() ? std::nullopt : guest::look_at_fake_machine(it->second);
        if (!view) throw guest::ChannelLost("there is no machine behind the channel");
        return *view;
    }
};

}  // namespace

Backend fake_backend(process::CommandRunner& commands, const Clock& clock) {
    const auto play = std::make_shared<Play>();
    const auto channels = std::make_shared<Channels>();
    Backend backend;
    backend.name = "fake";
    backend.emulator = "fake";
    backend.isolated_network = true;
    backend.commands = &commands;
    backend.clock = &clock;
    backend.open_hypervisor = [play](const fs::path&) {
        auto hypervisor = std::make_unique<virt::FakeHypervisor>();
        play->hypervisor = hypervisor.get();
        return hypervisor;
    };
    backend.open_channel = [play, channels](const fs::path& socket) {
        auto guest = std::make_shared<guest::FakeGuest>();
        guest->handler = [play, socket](const guest::GuestCommand& command) {
            const std::lock_guard lock(play->mutex);
            const auto machine = guest::look_at_fake_machine(socket);
            if (!machine) throw guest::ChannelLost("there is no machine behind " + socket.string());
            return answer(*play, *machine, command);
        };
        auto channel = guest::open_fake(socket, guest);
        const std::lock_guard lock(play->mutex);
        channels->sockets[channel.get()] = socket;
        return channel;
    };
    backend.create_overlay = [](const fs::path& base, const fs::path& overlay) {
        write_json(overlay, {{"schema", "patchlab/fake-disk/v1"}, {"backing", base.string()}});
    };
    backend.compare_disks = [play](const disk::OverlayQuery& query) {
        const std::lock_guard lock(play->mutex);
        return play_comparison(*play, play->guest(query.overlay.string()));
    };
    backend.run_suites = [play, channels](guest::GuestChannel& channel,
                                          const std::vector<testsuites::Suite>& suites) {
        const std::lock_guard lock(play->mutex);
        return play_suites(*play, play->guest(channels->look(channel).disk), suites);
    };
    backend.capture = [play, channels](guest::GuestChannel& channel,
                                       const snapshots::CaptureOptions& /*options*/) {
        const std::lock_guard lock(play->mutex);
        const guest::FakeMachineView machine = channels->look(channel);
        return play_capture(*play, machine, play->guest(machine.disk));
    };
    return backend;
}

}  // namespace patchlab::pipeline
