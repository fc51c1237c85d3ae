// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/deployer/played_ansible.hpp"

#include <fstream>
#include <sstream>

#include "platform/core/files.hpp"

namespace patchlab::rollout {

namespace {

std::string word_after(const process::CommandSpec& spec, const std::string& beginning) {
    for (const std::string& word : spec.args)
        if (word.starts_with(beginning)) return word.substr(beginning.size());
    return {};
}

/// The values that host.sh is given as KEY=VALUE.
std::vector<std::string> values_of(const Json& words, const std::string& key) {
    std::vector<std::string> values;
    for (const std::string word : words)
        if (word.starts_with(key + "=")) values.push_back(word.substr(key.size() + 1));
    return values;
}

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream in(text);
    return {std::istream_iterator<std::string>(in), {}};
}

std::string boot_id(int boots) {
    return "00000000-0000-4000-8000-" + std::to_string(100000000000 + boots);
}

Json printed(const std::string& text) { return {{"stdout", text}, {"rc", 0}}; }

}  // namespace

Json PlayedAnsible::answer(PlayedHost& host, const Json& variables, bool changes) {
    const Json words = variables.at("patchlab_words");
    const std::string order = variables.at("patchlab_order");
    const bool reboot = variables.at("patchlab_reboot");
    Json result = Json::object();
    if (changes) {
        std::vector<std::vector<std::string>> want;
        for (const std::string& line : values_of(words, "want")) want.push_back(words_of(line));
        const std::vector<std::string> remove = values_of(words, "remove");
        bool exact = true;
        for (const auto& package : want)
            exact = exact && host.versions[package.at(0)] == package.at(2);
        for (const std::string& name : remove) exact = exact && host.versions[name].empty();
        const bool rebooted = exact && host.orders.contains(order);
        result["begin"] =
            printed("boot " + boot_id(host.boots) + "\nneeded " + (exact ? "no" : "yes") +
                    "\nrebooted " + (rebooted ? "yes" : "no"));
        if (host.silent) return result;
        if (!exact && !host.refuses.empty()) {
            result["start"] = printed("refused " + host.refuses);
        } else {
            if (!exact) {
                result["start"] = printed("started");
                result["wait"] = printed("ended 0 ");
                for (const auto& package : want) host.versions[package.at(0)] = package.at(2);
                for (const std::string& name : remove) host.versions[name].clear();
                ++host.installations;
            }
            if (reboot && !rebooted) {
                ++host.boots;
                host.orders.insert(order);
                result["reboot"] = {{"rebooted", true}};
            }
        }
    }
    std::string look = "boot " + boot_id(host.boots) + "\nreboot-required no\n";
    for (const std::string& name : values_of(words, "look"))
        look += "package " + name + " " +
                (host.versions[name].empty() ? "" : "installed " + host.versions[name]) + "\n";
    result["look"] = printed(look + "looked");
    return result;
}

process::CommandResult PlayedAnsible::run(const process::CommandSpec& spec) {
    process::CommandResult result;
    result.exit_code = broken ? 4 : 0;
    result.err = broken ? "ERROR! it is broken" : "";
    const fs::path answers = word_after(spec, "PATCHLAB_RESULTS=");
    if (answers.empty() || broken) return result;
    const bool changes =
        read_file(answers.parent_path() / "play/tasks.yml").find("patchlab_result_begin") !=
        std::string::npos;
    const Json inventory = read_json(answers.parent_path() / "inventory.json");
    std::ofstream out(answers, std::ios::app);
    out << "{\"started\": true}\n" << std::flush;
    for (const auto& [name, variables] : inventory.at("all").at("hosts").items()) {
        PlayedHost& host = hosts.at(name);
        Json line = {{"host", name},
                     {"end", "ok"},
                     {"detail", ""},
                     {"seconds", 1},
                     {"result", Json::object()}};
        if (host.off) line.update({{"end", "unreachable"}, {"detail", "no route"}});
        else line["result"] = answer(host, variables, changes);
        if (!host.off && host.silent) line["end"] = "unreachable";
        out << to_line(line) << "\n" << std::flush;
        if (spec.on_output_line) spec.on_output_line("");
    }
    return result;
}

}  // namespace patchlab::rollout
