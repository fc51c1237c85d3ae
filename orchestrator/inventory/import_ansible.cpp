// SPDX-License-Identifier: Apache-2.0
//
// An Ansible inventory as Ansible reads it. Its own rules (ranges, children, group_vars,
// precedence) are many; nobody but Ansible knows all.
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "orchestrator/inventory/csv.hpp"
#include "orchestrator/inventory/import.hpp"
#include "orchestrator/inventory/same_host.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::inventory {

namespace {

constexpr std::size_t max_listing = 1U << 30, max_groups = 100'000;
constexpr int max_depth = 64;

/// Not our Json: that one keeps the order of members and looks at all of them for each new one, too
/// slow for 100,000 hosts.
using Listing = nlohmann::json;

Listing parse(std::string_view text, const std::string& file) {
    try {
        return Listing::parse(text, [&](int depth, Listing::parse_event_t, Listing&) {
            if (depth > max_depth)
                throw Error(ErrorCode::invalid, file + ": nested deeper than 64");
            return true;
        });
    } catch (const Listing::exception&) {
        throw Error(ErrorCode::lab, "ansible-inventory did not answer with JSON");
    }
}

/// Which hosts are in a group: its own, and those of its children.
class Groups {
  public:
    Groups(const Listing& listing, const std::string& file, Diagnostics& diagnostics) {
        for (const auto& [name, group] : listing.items()) {
            if (name == "_meta" || !group.is_object()) continue;
            for (const char* kind : {"children", "hosts"})
                if (group.contains(kind) && group.at(kind).is_array())
                    for (const Listing& item : group.at(kind))
                        if (item.is_string()) add(name, kind, item.get<std::string>());
            if (name != "all" && name != "ungrouped" && !valid_group_name(name))
                diagnostics.add(file, 0, "/" + name.substr(0, 100),
                                "cannot be the name of a group");
        }
        if (parents_.size() > max_groups)
            throw Error(ErrorCode::invalid, file + ": has more than 100,000 groups");
    }

    const std::map<std::string, std::set<std::string>>& of_hosts() const { return of_hosts_; }

    /// The groups that a host is in, at any depth.
    std::vector<std::string> all_of(const std::string& host) {
        std::set<std::string> found;
        const auto own = of_hosts_.find(host);
        if (own != of_hosts_.end())
            for (const std::string& group : own->second) {
                const auto& above = with_parents(group);
                found.insert(above.begin(), above.end());
            }
        found.erase("all");
        found.erase("ungrouped");
        return {found.begin(), found.end()};
    }

  private:
    void add(const std::string& group, const std::string& kind, const std::string& member) {
        if (kind == "hosts") of_hosts_[member].insert(group);
        else parents_[member].insert(group);
    }

    /// A group and everything above it; remembered, for thousands of hosts ask for the same.
    /// Ansible itself refuses circles; one would end here too.
    const std::set<std::string>& with_parents(const std::string& group) {
        if (const auto known = closure_.find(group); known != closure_.end()) return known->second;
        std::set<std::string> found;
        std::vector<std::string> open{group};
        while (!open.empty()) {
            const std::string one = open.back();
            open.pop_back();
            if (!found.insert(one).second) continue;
            if (const auto above = parents_.find(one); above != parents_.end())
                open.insert(open.end(), above->second.begin(), above->second.end());
        }
        return closure_[group] = std::move(found);
    }

    std::map<std::string, std::set<std::string>> of_hosts_, parents_, closure_;
};

class HostReader {
  public:
    HostReader(const std::string& file, const KnownNames& known, Diagnostics& diagnostics)
        : file_(file), known_(known), diagnostics_(diagnostics) {}

    Host read(const std::string& name, const Listing* variables,
              std::vector<std::string> groups) const {
        Host host;
        host.name = name;
        host.groups = std::move(groups);
        const auto mistake = [&](const std::string& variable, const std::string& what) {
            diagnostics_.add(file_, 0,
                             "/" + name.substr(0, 253) + (variable.empty() ? "" : "/" + variable),
                             what);
        };
        if (!valid_host_name(name))
            mistake("",
                    "cannot be the name of a host (letters, digits and . _ -; give its address as "
                    "ansible_host)");
        if (variables)
            for (const auto& [variable, value] : variables->items()) {
                const VariableKind kind = kind_of_variable(variable);
                std::string wrong;
                if (variable.starts_with("patchlab_"))
                    wrong = attribute(host, variable.substr(9), value);
                else if (kind == VariableKind::connection)
                    wrong = set_variable(host, variable, Json(value));
                else if (kind == VariableKind::secret) wrong = "holds a secret: " + secret_advice();
                if (!wrong.empty()) mistake(variable, wrong);
            }
        if (const std::string wrong = settle(host); !wrong.empty()) mistake("", wrong);
        return host;
    }

  private:
    std::string attribute(Host& host, const std::string& word, const Listing& value) const {
        if (word == "groups") return "groups are Ansible's own: put the host into them";
        if (!is_attribute(word))
            return "patchlab has no such word (criticality, owner, owners, window, location, "
                   "function, image, tags)";
        return set_attribute(host, word, Json(value), known_);
    }

    const std::string& file_;
    const KnownNames& known_;
    Diagnostics& diagnostics_;
};

/// To Ansible, names in small and in capital letters are two hosts; the network knows one.
void find_twins(const std::map<std::string, const Listing*>& found, const std::string& file,
                Diagnostics& diagnostics) {
    std::map<std::string, std::string> seen;
    for (const auto& [host, ignored] : found) {
        const auto [known, fresh] = seen.emplace(host_key(host), host);
        if (!fresh)
            diagnostics.add(file, 0, "/" + host.substr(0, 253),
                            "is host '" + known->second.substr(0, 253) +
                                "' once more: names of hosts differ by more than capital letters "
                                "or a dot at the end");
    }
}

/// Programs among the files that Ansible would read.
std::vector<std::string> programs_in(const fs::path& path) {
    std::vector<std::string> programs;
    const auto look = [&](const fs::path& file) {
        if (fs::is_regular_file(file) && ::access(file.c_str(), X_OK) == 0)
            programs.push_back(file.string());
    };
    if (!fs::is_directory(path)) look(path);
    else
        for (const auto& item : fs::recursive_directory_iterator(path)) look(item.path());
    std::sort(programs.begin(), programs.end());
    return programs;
}

/// Ansible's warnings and errors, one a line, without its decoration.
std::string what_ansible_said(const std::string& err) {
    std::string out;
    std::size_t kept = 0;
    for (std::size_t from = 0; from < err.size() && kept < 20;) {
        const std::size_t to = std::min(err.find('\n', from), err.size());
        std::string line = err.substr(from, to - from);
        from = to + 1;
        if (line.find_first_not_of(" \t") == std::string::npos) continue;
        out += (out.empty() ? "" : "\n") + line.substr(0, 400);
        ++kept;
    }
    return out;
}

}  // namespace

std::vector<Host> hosts_of_ansible(std::string_view json, const std::string& file,
                                   const KnownNames& known, Diagnostics& diagnostics) {
    const Listing listing = parse(json, file);
    if (!listing.is_object())
        throw Error(ErrorCode::lab, "ansible-inventory did not answer with an object");
    Diagnostics own;
    Groups groups(listing, file, own);
    std::map<std::string, const Listing*> found;
    for (const auto& [host, ignored] : groups.of_hosts()) found[host] = nullptr;
    if (listing.contains("_meta") && listing.at("_meta").is_object() &&
        listing.at("_meta").contains("hostvars") && listing.at("_meta").at("hostvars").is_object())
        for (const auto& [host, variables] : listing.at("_meta").at("hostvars").items())
            if (variables.is_object()) found[host] = &variables;
    find_twins(found, file, own);
    const HostReader reader(file, known, own);
    std::vector<Host> hosts;
    hosts.reserve(found.size());
    for (const auto& [host, variables] : found)
        hosts.push_back(reader.read(host, variables, groups.all_of(host)));
    if (own.ok() && hosts.empty()) own.add(file, 0, "", "there is no host");
    diagnostics.items.insert(diagnostics.items.end(), own.items.begin(), own.items.end());
    return hosts;
}

std::string list_ansible(process::CommandRunner& runner, const AnsibleSource& source) {
    const fs::path path = fs::absolute(source.path).lexically_normal();
    if (!fs::exists(path)) throw Error(ErrorCode::not_found, "there is no " + source.path.string());
    const std::vector<std::string> programs = programs_in(path);
    if (!programs.empty() && !source.allow_scripts)
        throw Error(ErrorCode::refused,
                    programs.front() + " is executable, so Ansible would run it as a program",
                    "take the permission away if it is a plain inventory, or say --allow-scripts");
    const TempFolder folder(fs::temp_directory_path(), "patchlab-inventory");
    write_file_atomic(folder.path() / "ansible.cfg", "");
    process::CommandSpec command;
    command.program = "ansible-inventory";
    command.args = {"-i", path.string(), "--list"};
    command.purpose = "reading the inventory " + source.path.string();
    command.deadline = Seconds(1800);  // about a millisecond a host, more on a busy machine
    command.max_output = max_listing;
    command.folder = folder.path();
    command.environment = {
        {"ANSIBLE_CONFIG", (folder.path() / "ansible.cfg").string()},
        {"ANSIBLE_INVENTORY_ENABLED", source.allow_scripts ? "script,auto,yaml,ini" : "yaml,ini"},
        {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED", "true"},
        {"ANSIBLE_INVENTORY_UNPARSED_FAILED", "true"},
        {"ANSIBLE_VARS_ENABLED", "host_group_vars"},
        {"ANSIBLE_LOCAL_TEMP", (folder.path() / "tmp").string()},
        {"ANSIBLE_NOCOLOR", "1"},
        {"LC_ALL", "C.UTF-8"}};
    const process::CommandResult result = runner.run(command);
    if (result.timed_out)
        throw Error(ErrorCode::timeout,
                    command.purpose + ": ansible-inventory did not end within 30 minutes");
    if (result.truncated)
        throw Error(ErrorCode::invalid, command.purpose + ": it is larger than 1 GiB");
    if (!result.ok())
        throw Error(ErrorCode::invalid, command.purpose + ": Ansible cannot read it",
                    what_ansible_said(result.err));
    return result.out;
}

}  // namespace patchlab::inventory
