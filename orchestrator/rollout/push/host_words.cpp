// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/push/host_words.hpp"

#include <algorithm>
#include <regex>
#include <set>

#include "orchestrator/families/package_family.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"

namespace patchlab::rollout {

namespace {

const std::string& checked(const std::string& word, const char* pattern, const char* what) {
    if (!std::regex_match(word, std::regex(pattern)))
        throw Error(ErrorCode::invalid, "'" + word.substr(0, 100) + "' is no " + what);
    return word;
}

const std::string& checked_name(const std::string& name) {
    return checked(name, "[a-z0-9][a-z0-9+.-]{0,127}", "name of a package");
}

/// "NAME ARCH VERSION SHA256 FILE"; the file's name on the host is made of checked words, whatever
/// it is called here.
std::string wanted_line(const catalog::ExactPackage& package) {
    const families::PackageFamily& family = families::family(package.format);
    if (!family.can_push())
        throw Error(
            ErrorCode::refused,
            package.name + " is an " + package.format + " package, which a push does not install",
            "let such hosts follow their channel");
    const std::string& name = checked_name(package.name);
    const std::string& architecture =
        checked(package.architecture, "[a-z0-9][a-z0-9-]{0,31}", "architecture");
    return name + " " + architecture + " " +
           checked(package.version, "[0-9][A-Za-z0-9.+:~-]{0,127}", "version") + " " +
           checked(package.sha256, "[0-9a-f]{64}", "sha256") + " " + name + "_" + architecture +
           std::string(family.file_ending());
}

std::string joined(const std::set<std::string>& words, char separator) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : std::string(1, separator)) + word;
    return text;
}

}  // namespace

HostWords words_for(const Order& order, const HostOrder& host) {
    HostWords words;
    std::set<std::string> want, remove, look, packages;
    if (order.step != Step::inspect) {
        for (const catalog::ExactPackage& package : host.packages) {
            const std::string line = wanted_line(package);
            const std::string file = line.substr(line.rfind(' ') + 1);
            if (!packages.insert(file).second)
                throw Error(ErrorCode::invalid,
                            "two versions of " + package.name + " are ordered at once");
            const std::string from = std::filesystem::absolute(package.file).string();
            if (from.find('{') != std::string::npos)
                throw Error(ErrorCode::invalid,
                            "'" + from + "' holds a brace, which Ansible would evaluate");
            want.insert(line);
            words.files.push_back({{"from", from}, {"file", file}});
        }
        for (const std::string& name : host.remove) remove.insert(checked_name(name));
    }
    for (const std::string& name : order.packages) look.insert(checked_name(name));
    // what is wanted is looked at, too: the answer must show it
    for (const catalog::ExactPackage& package : host.packages)
        look.insert(checked_name(package.name));
    look.insert(remove.begin(), remove.end());
    words.order = sha256_hex(std::string(name(order.step)) + "\n" + joined(want, '\n') + "\n-\n" +
                             joined(remove, '\n'))
                      .substr(0, 20);
    words.words = {"order=" + words.order, std::string("reboot=") + (host.reboot ? "1" : "0")};
    for (const auto& [key, values] :
         {std::pair{"look=", &look}, std::pair{"remove=", &remove}, std::pair{"want=", &want}})
        for (const std::string& value : *values) words.words.push_back(key + value);
    return words;
}

}  // namespace patchlab::rollout
