// SPDX-License-Identifier: Apache-2.0
//
// A play's private folder, which goes with it:
//   ansible.cfg inventory.json variables.json   what would else come from the caller's environment
//                                               and home
//   callback/ library/                          our plugin, the play's modules
//   play/play.yml play/tasks.yml play/…         the play and its files
//   c/                                          sockets of shared SSH connections (elsewhere where
//                                               their names would be too long)
//   answers                                     one JSON line a host, read while Ansible runs
// Beside it, its name with .lock: held while the play runs. A folder without a holder was left by a
// crash and is removed, as everything below tmp/ of the state.
#include "orchestrator/inventory/ansible.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <regex>

#include "ansible_files.hpp"
#include "orchestrator/inventory/ansible_answers.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/log.hpp"
#include "platform/process/cell.hpp"

namespace patchlab::inventory {

namespace {

constexpr const char* folder_prefix = "ansible";
/// A socket's path has 107 bytes; ssh adds 28 to the folder's.
constexpr std::size_t longest_socket_folder = 79;
constexpr const char* play_program = "ansible-playbook";
/// What of the caller's environment reaches Ansible and SSH; nothing else does
/// (docs/reference/hosts.md).
constexpr std::array passed_on{"PATH",
                               "HOME",
                               "USER",
                               "LOGNAME",
                               "SSH_AUTH_SOCK",
                               "ANSIBLE_PRIVATE_KEY_FILE",
                               "ANSIBLE_REMOTE_USER"};

void require_plain_name(const std::string& name, const char* what) {
    static const std::regex pattern("[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}");
    if (!std::regex_match(name, pattern))
        throw Error(ErrorCode::invalid, std::string("'") + name + "' is no name for " + what);
}

/// Ansible takes text with braces for an expression; values that come from patchlab never are one.
void require_no_template(const Json& value) {
    if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        for (const char* opening : {"{{", "{%", "{#"})
            if (text.find(opening) != std::string::npos)
                throw Error(ErrorCode::invalid, std::string("a value holds '") + opening +
                                                    "', which Ansible would evaluate");
    } else if (value.is_structured()) {
        for (const auto& item : value) require_no_template(item);
    }
}

Json inventory_of(const AnsiblePlay& play) {
    Json hosts = Json::object();
    for (const AnsibleHost& host : play.hosts) {
        require_plain_name(host.name, "a host");
        if (host.name == "all" || host.name == "ungrouped")
            throw Error(ErrorCode::invalid,
                        "'" + host.name + "' is a group of Ansible's own, no host");
        if (hosts.contains(host.name))
            throw Error(ErrorCode::invalid, "host '" + host.name + "' is in the play twice");
        hosts[host.name] = host.variables.is_object() ? host.variables : Json::object();
    }
    return {{"all", {{"hosts", hosts}}}};
}

fs::path lock_of_play(const fs::path& folder) { return fs::path(folder) += ".lock"; }

/// Folders of plays whose process was killed: nobody holds their lock. They may hold passwords, so
/// the next play takes them away. Only in a folder of ours: elsewhere others could lay out names
/// for us to open.
void remove_orphans(const fs::path& parent) {
    std::error_code ignored;
    for (const auto& item : fs::directory_iterator(parent, ignored)) {
        const std::string leaf = item.path().filename().string();
        if (!leaf.starts_with(std::string(folder_prefix) + "-") || item.is_symlink(ignored) ||
            !item.is_directory(ignored))
            continue;
        const fs::path lock_file = lock_of_play(item.path());
        // one without a lock file is being made just now, or is not ours
        if (!fs::exists(fs::symlink_status(lock_file, ignored))) continue;
        try {
            const auto lock = FileLock::try_acquire(lock_file);
            if (!lock) continue;
            remove_tree(item.path());
            remove_tree(lock_file);
        } catch (const Error& error) {
            log_debug(std::string("a folder of an earlier play stays: ") + error.what());
        }
    }
}

/// Where the private folder of a play is made.
fs::path place_of_plays(const AnsiblePlay& play) {
    if (play.work.empty()) return fs::temp_directory_path();
    make_folder(play.work, 0711);
    remove_orphans(play.work);
    return play.work;
}

class PlayFolder {
  public:
    PlayFolder(const AnsiblePlay& play, process::CommandRunner& runner)
        : folder_(place_of_plays(play), folder_prefix),
          lock_(FileLock::acquire(lock_of_play(path()))),
          runner_(runner) {
        if ((path() / "c").string().size() > longest_socket_folder)
            short_.emplace(fs::temp_directory_path(), "patchlab-c");
        for (const char* child : {"callback", "library", "play", "c", "tmp"})
            make_folder(path() / child, 0700);
        write("callback/patchlab_lines.py",
              std::string(embedded::ansible_files::file("patchlab_lines.py")));
        write("ansible.cfg", configuration(play));
        write("inventory.json", to_text(inventory_of(play)));
        require_no_template(play.variables);
        write("variables.json", to_text(play.variables));
        write("play/tasks.yml", play.tasks);
        write("play/play.yml", play_text());
        for (const auto& [file, content] : play.files) {
            require_plain_name(file, "a file of the play");
            if (file == "play.yml" || file == "tasks.yml")
                throw Error(ErrorCode::invalid, "'" + file + "' is the play's own");
            write("play/" + file, content);
        }
        for (const auto& [file, content] : play.modules) {
            require_plain_name(file, "a module of the play");
            write("library/" + file, content);
        }
        write("answers", "");
    }

    /// Shared connections end with the play, not some time later by themselves.
    ~PlayFolder() {
        end_connections();
        std::error_code ignored;
        fs::remove(lock_of_play(path()), ignored);
    }
    PlayFolder(const PlayFolder&) = delete;
    PlayFolder& operator=(const PlayFolder&) = delete;

    const fs::path& path() const { return folder_.path(); }

    /// Dies with us (setpriv) and with all that it started, workers and SSH (unshare, where the
    /// host allows it), in an environment of its own (env).
    process::CommandSpec command(const AnsiblePlay& play) const {
        const auto found = process::find_program(play_program);
        if (!found)
            throw Error(ErrorCode::lab, std::string("there is no program '") + play_program + "'",
                        process::package_advice(play_program));
        process::CommandSpec spec;
        spec.program = "setpriv";
        spec.args = {"--pdeathsig", "KILL", "--"};
        if (celled_)
            spec.args.insert(spec.args.end(),
                             {"unshare", "--pid", "--fork", "--kill-child=KILL", "--"});
        spec.args.insert(spec.args.end(), {"env", "-i"});
        for (const char* name : passed_on)
            if (const char* value = std::getenv(name))
                spec.args.push_back(std::string(name) + "=" + value);
        spec.args.insert(
            spec.args.end(),
            {"LC_ALL=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1",
             "ANSIBLE_CONFIG=" + (path() / "ansible.cfg").string(),
             "PATCHLAB_RESULTS=" + (path() / "answers").string(), "PATCHLAB_MARK=" + mark_,
             found->string(), "--extra-vars", "@" + (path() / "variables.json").string(),
             (path() / "play/play.yml").string()});
        spec.purpose = play.purpose;
        spec.deadline = play.deadline;
        spec.folder = path() / "play";
        spec.max_output = 64U << 10;
        return spec;
    }

  private:
    fs::path sockets() const { return short_ ? short_->path() : path() / "c"; }

    void end_connections() const {
        if (celled_) return;
        std::error_code ignored;
        for (const auto& socket : fs::directory_iterator(sockets(), ignored)) {
            process::CommandSpec spec;
            spec.program = "ssh";
            spec.args = {"-O", "exit", "-o", "ControlPath=" + socket.path().string(), "shared"};
            spec.purpose = "ending a shared connection";
            spec.deadline = Seconds(5);
            try {
                runner_.run(spec);
            } catch (const Error& error) {
                log_debug(error.what());
            }
        }
    }

    void write(const std::string& name, const std::string& content) const {
        write_file_atomic(path() / name, content, 0600);
    }

    std::string configuration(const AnsiblePlay& play) const {
        const std::string here = path().string();
        return "[defaults]\nhome=" + here + "/tmp\ninventory=" + here +
               "/inventory.json\nlocal_tmp=" + here + "/tmp\nlibrary=" + here +
               "/library\ncallback_plugins=" + here +
               "/callback\nstdout_callback=patchlab_lines\nforks=" +
               std::to_string(std::max<std::size_t>(1, play.forks)) +
               "\ngathering=explicit\nhost_key_checking=True\nretry_files_enabled="
               "False\ninterpreter_python=auto_silent\ntimeout="
               "15\nnocows=1\ninternal_poll_interval=0.01\n"
               "deprecation_warnings=False\nsystem_warnings=False\nlocalhost_warning=False\n["
               "inventory]\nenable_plugins=yaml\n[privilege_"
               "escalation]\nbecome_ask_pass=False\n"
               "[ssh_connection]\npipelining=True\ncontrol_path_dir=" +
               sockets().string() +
               "\n"
               "ssh_args=-o ControlMaster=auto -o ControlPersist=30s -o ServerAliveInterval=5 -o "
               "ServerAliveCountMax=3\n";
    }

    /// Each host goes through all tasks by itself (host_pinned), so a slow one holds up nobody;
    /// then it says how it ended.
    std::string play_text() const {
        return "- hosts: all\n  gather_facts: false\n  strategy: host_pinned\n  tasks:\n    - "
               "block:\n        - "
               "ansible.builtin.import_tasks: tasks.yml\n"
               "      rescue:\n        - name: " +
               mark_ +
               " failed\n          ansible.builtin.debug: {msg: ''}\n        - "
               "ansible.builtin.meta: end_host\n"
               "    - name: " +
               mark_ + " ok\n      ansible.builtin.debug: {msg: ''}\n";
    }

    const bool celled_ = process::cells_available();
    const std::string mark_ = "patchlab-" + random_hex(8);
    TempFolder folder_;
    FileLock lock_;
    std::optional<TempFolder> short_;  ///< for the sockets, where the state's path is long
    process::CommandRunner& runner_;
};

std::string last_words(const std::string& text) {
    const auto end = text.find_last_not_of(" \n\r\t");
    if (end == std::string::npos) return "it said nothing";
    const std::string whole = text.substr(0, end + 1);
    return whole.size() > 600 ? "…" + whole.substr(whole.size() - 600) : whole;
}

}  // namespace

void run_play(process::CommandRunner& runner, const AnsiblePlay& play,
              const AnsibleAnswered& answered) {
    if (play.hosts.empty()) return;
    during(play.purpose, [&] {
        const PlayFolder folder(play, runner);
        AnsibleAnswers answers(play.hosts, answered);
        std::ifstream file(folder.path() / "answers", std::ios::binary);
        const auto read_on = [&] {
            std::array<char, 65536> buffer;
            do {
                file.clear();  // the end of the file has moved since
                file.read(buffer.data(), buffer.size());
                answers.take({buffer.data(), static_cast<std::size_t>(file.gcount())});
            } while (file.gcount() > 0);
        };
        process::CommandSpec spec = folder.command(play);
        spec.on_output_line = [&](std::string_view) { read_on(); };
        const process::CommandResult result = runner.run(spec);
        read_on();
        if (!answers.started() && !result.timed_out)
            throw Error(
                ErrorCode::lab,
                std::string(play_program) + " refused the play: " +
                    answers.plain(last_words(result.err.empty() ? result.out : result.err)));
        answers.finish(result.timed_out
                           ? "it had not answered when the time for all hosts was over"
                           : "Ansible ended without a word about it: " + last_words(result.err));
    });
}

}  // namespace patchlab::inventory
