// SPDX-License-Identifier: Apache-2.0
//
// YAML → Lab. The schema finds mistakes of form; what only the whole lab shows (unknown machines,
// addresses that clash) is found here.
#include <cctype>
#include <map>
#include <set>

#include "lab_files.hpp"
#include "labdefs/model.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/schema.hpp"
#include "platform/core/text.hpp"

namespace patchlab::labdefs {

namespace {

constexpr unsigned min_memory_mib = 128;  // less does not boot a current distribution
constexpr std::uint64_t max_lab_bytes = 1U << 20;

/// "512M", "1 GiB" or a number of MiB; the schema has checked the form.
std::uint64_t memory_mib(const Json& value) {
    if (!value.is_string()) return value.get<std::uint64_t>();
    const std::string text = value.get<std::string>();
    const std::uint64_t number = std::stoull(text);
    return text.find('G') == std::string::npos ? number : number * 1024;
}

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

class Reader {
  public:
    /// `form`: what the schema found.
    Reader(const YamlDocument& document, const Diagnostics& form, Diagnostics& diagnostics)
        : document_(document), form_(form), diagnostics_(diagnostics) {}

    /// What is wrong by its form is left out; the rest is read all the same.
    void read(Lab& lab) const {
        const Json& root = document_.value;
        lab.name = text(root, "", "name");
        lab.description = text(root, "", "description");
        if (const std::string identity = text(root, "", "identity"); !identity.empty())
            lab.identity = identity;
        if (const Json* machines = member(root, "machines"); machines && machines->is_object())
            for (const auto& [name, machine] : machines->items())
                lab.machines.push_back(read_machine(name, machine));
        if (const Json* networks = member(root, "networks"); networks && networks->is_object())
            for (const auto& [name, network] : networks->items())
                lab.networks.push_back(read_network(name, network, lab));
        check_ranges(lab, root);
        if (const Json* files = sound_member(root, "", "suite-files"))
            lab.suite_files = files->get<std::vector<std::string>>();
        if (const Json* keep = sound_member(root, "", "keep-contents"))
            lab.keep_contents = keep->get<bool>();
        if (const Json* rules = sound_member(root, "", "rules")) lab.rules = to_line(*rules);
    }

  private:
    void mistake(const std::string& path, const std::string& message) const {
        diagnostics_.add(document_.file, document_.line_of(path), path, message);
    }

    static const Json* member(const Json& object, const char* key) {
        if (!object.is_object()) return nullptr;
        const auto found = object.find(key);
        return found == object.end() ? nullptr : &*found;
    }

    /// nullptr when it is not there, or its form is wrong.
    const Json* sound_member(const Json& object, const std::string& path, const char* key) const {
        const Json* found = member(object, key);
        return found && form_.sound(json_pointer(path, key)) ? found : nullptr;
    }

    std::string text(const Json& object, const std::string& path, const char* key) const {
        const Json* found = sound_member(object, path, key);
        return found && found->is_string() ? found->get<std::string>() : "";
    }

    Machine read_machine(const std::string& name, const Json& json) const {
        const std::string path = json_pointer("/machines", name);
        Machine machine;
        machine.name = name;
        machine.image = text(json, path, "image");
        if (const Json* vcpus = sound_member(json, path, "vcpus"))
            machine.vcpus = vcpus->get<unsigned>();
        if (const std::string level = text(json, path, "criticality"); !level.empty())
            machine.criticality = level;
        if (const Json* suites = sound_member(json, path, "suites"))
            machine.suites = suites->get<std::vector<std::string>>();
        if (const Json* memory = sound_member(json, path, "memory"))
            machine.memory_mib = read_memory(json_pointer(path, "memory"), *memory);
        if (const Json* answers = sound_member(json, path, "answers"))
            for (const auto& [question, answer] : answers->items())
                machine.answers[question] =
                    answer.is_string() ? answer.get<std::string>() : answer.dump();
        return machine;
    }

    unsigned read_memory(const std::string& path, const Json& value) const {
        const std::uint64_t mib = memory_mib(value);
        if (mib < min_memory_mib)
            mistake(path, "is " + std::to_string(mib) + " MiB, a machine needs at least 128 MiB");
        if (mib > 1024 * 1024) mistake(path, "is more than 1 TiB");
        return static_cast<unsigned>(std::min<std::uint64_t>(mib, 1024 * 1024));
    }

    Network read_network(const std::string& name, const Json& json, const Lab& lab) const {
        Network network;
        network.name = name;
        const std::string path = json_pointer("/networks", name);
        const Json* members = sound_member(json, path, "machines");
        if (!members) return network;
        const Json& machines = *members;
        std::vector<std::string> paths;
        if (machines.is_array()) {
            for (const Json& machine : machines) {
                paths.push_back(path + "/machines/" + std::to_string(network.members.size()));
                network.members.push_back({machine.get<std::string>(), "", ""});
            }
        } else {
            for (const auto& [machine, member] : machines.items()) {
                paths.push_back(json_pointer(path + "/machines", machine));
                network.members.push_back(read_member(machine, member));
            }
        }
        std::vector<std::string> known;
        for (const Machine& machine : lab.machines) known.push_back(machine.name);
        for (std::size_t i = 0; i < paths.size(); ++i)
            check_machine(network.members[i].machine, known, paths[i]);
        check_addresses(network, paths, json);
        return network;
    }

    static NetworkMember read_member(const std::string& machine, const Json& json) {
        if (json.is_string()) return {machine, json.get<std::string>(), ""};
        return {machine, json.value("address", ""), lower(json.value("mac", ""))};
    }

    void check_machine(const std::string& name, const std::vector<std::string>& known,
                       const std::string& path) const {
        if (std::find(known.begin(), known.end(), name) != known.end()) return;
        const std::string meant = nearest_word(name, known);
        mistake(path, "there is no machine '" + name + "' in this lab" +
                          (meant.empty() ? "" : "; did you mean '" + meant + "'?"));
    }

    void check_addresses(const Network& network, const std::vector<std::string>& paths,
                         const Json& json) const {
        std::optional<NetworkAddress> cidr;
        const std::string place = json_pointer("/networks", network.name);
        if (const std::string given = text(json, place, "cidr"); !given.empty()) {
            cidr = NetworkAddress::parse(given);
            if (!cidr)
                mistake(place + "/cidr", "'" + given + "' is not a network such as 10.0.0.0/24");
            else if (!cidr->names_a_network())
                mistake(place + "/cidr",
                        "'" + given +
                            "' is the address of a host, not of a network (such as 10.0.0.0/24)");
        }
        std::vector<std::pair<NetworkAddress, std::string>> taken;
        std::set<std::string> macs;
        for (std::size_t i = 0; i < network.members.size(); ++i) {
            const NetworkMember& member = network.members[i];
            if (!member.mac.empty()) check_mac(member.mac, macs, paths[i]);
            if (!member.address.empty()) check_address(member, cidr, taken, paths[i]);
        }
    }

    void check_mac(const std::string& mac, std::set<std::string>& taken,
                   const std::string& path) const {
        if (!taken.insert(mac).second)
            mistake(path, "the MAC address " + mac + " is taken by another machine");
        if (std::stoul(mac.substr(0, 2), nullptr, 16) & 1)
            mistake(path, "the MAC address " + mac + " is a group address");
    }

    void check_address(const NetworkMember& member, const std::optional<NetworkAddress>& cidr,
                       std::vector<std::pair<NetworkAddress, std::string>>& taken,
                       const std::string& path) const {
        const auto address = NetworkAddress::parse(member.address);
        if (!address)
            return mistake(path, "'" + member.address + "' is not an address such as 10.0.0.5/24");
        if (cidr && !cidr->network_holds(*address))
            mistake(path, member.address + " is not in the network's cidr");
        std::string why = address->why_no_machines(address->prefix);
        if (why.empty() && cidr) why = address->why_no_machines(cidr->prefix);
        if (!why.empty()) mistake(path, member.address + " " + why);
        for (const auto& [other, machine] : taken) {
            if (other.same_host(*address))
                mistake(path, member.address + " is the address of '" + machine + "' too");
        }
        if (!cidr && !taken.empty() && !taken.front().first.network_holds(*address))
            mistake(path, member.address + " is not in the same network as the address of '" +
                              taken.front().second + "'");
        taken.emplace_back(*address, member.machine);
    }

    /// Where a machine stands in two networks of one range, it cannot tell which of the two leads
    /// to an address. Machines apart from each other may have the same ranges.
    void check_ranges(const Lab& lab, const Json& root) const {
        struct Range {
            NetworkAddress network;
            std::string text, in;
        };
        std::map<std::string, std::vector<Range>> of_machines;
        for (const Network& network : lab.networks) {
            const std::string cidr = text(root.at("networks").at(network.name),
                                          json_pointer("/networks", network.name), "cidr");
            for (const NetworkMember& one : network.members) {
                const std::string given = cidr.empty() ? one.address : cidr;
                const auto range = NetworkAddress::parse(given);
                if (!range || (!cidr.empty() && !range->names_a_network())) continue;
                auto& others = of_machines[one.machine];
                for (const Range& other : others)
                    if (other.in != network.name && other.network.overlaps(*range))
                        mistake(json_pointer("/networks", network.name),
                                "machine '" + one.machine + "' is in the range " + given +
                                    " here and in " + other.text + " of network '" + other.in +
                                    "': one machine cannot stand in two networks of one range");
                others.push_back({*range, given, network.name});
            }
        }
    }

    const YamlDocument& document_;
    const Diagnostics& form_;
    Diagnostics& diagnostics_;
};

void make_suite_files_absolute(Lab& lab, const std::filesystem::path& folder,
                               const ReadBeside& beside, const YamlDocument& document,
                               Diagnostics& diagnostics) {
    for (std::size_t i = 0; i < lab.suite_files.size(); ++i) {
        const auto file = std::filesystem::absolute(folder / lab.suite_files[i]).lexically_normal();
        const std::string path = "/suite-files/" + std::to_string(i);
        if (!beside(file))
            diagnostics.add(document.file, document.line_of(path), path,
                            "there is no file " + file.string());
        lab.suite_files[i] = file.string();
    }
}

Lab parse(const std::string& yaml, const std::string& file_name, Diagnostics& diagnostics,
          YamlDocument& document) {
    Lab lab;
    lab.source = yaml;
    lab.digest = sha256_hex(yaml);
    Diagnostics own;  // the caller's may hold the mistakes of other files already
    document = parse_yaml(yaml, file_name, own);
    static const Schema schema(lab_schema());
    if (own.ok()) {
        schema.check(document, own);
        const Diagnostics form = own;
        Reader(document, form, own).read(lab);
        lab.lines = document.lines;
    }
    own.sort_by_line();
    diagnostics.items.insert(diagnostics.items.end(), own.items.begin(), own.items.end());
    return lab;
}

}  // namespace

int Lab::line_of(std::string_view pointer) const { return patchlab::line_of(lines, pointer); }

Lab parse_lab(const std::string& yaml, const std::string& file_name, Diagnostics& diagnostics) {
    YamlDocument document;
    return parse(yaml, file_name, diagnostics, document);
}

std::optional<std::string> read_beside(const std::filesystem::path& file) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) return std::nullopt;
    return read_file_if_any(file, max_lab_bytes);
}

LabText read_lab_text(const std::filesystem::path& file) {
    return {file.string(), read_file(file, max_lab_bytes),
            std::filesystem::absolute(file).parent_path()};
}

Lab load_lab(const std::filesystem::path& file, Diagnostics& diagnostics) {
    return load_lab(read_lab_text(file), read_beside, diagnostics);
}

Lab load_lab(const LabText& text, const ReadBeside& beside, Diagnostics& diagnostics) {
    YamlDocument document;
    Lab lab = parse(text.text, text.file, diagnostics, document);
    make_suite_files_absolute(lab, text.folder, beside, document, diagnostics);
    return lab;
}

std::string lab_schema() { return std::string(embedded::lab_files::file("lab.schema.json")); }

std::vector<std::string> lab_example_names() {
    std::vector<std::string> names;
    for (const std::string_view name : embedded::lab_files::names())
        if (name.ends_with(".yaml")) names.emplace_back(name.substr(0, name.size() - 5));
    return names;
}

std::string lab_example(const std::string& name) {
    const std::string_view text = embedded::lab_files::file(name + ".yaml");
    if (text.empty()) throw Error(ErrorCode::not_found, "there is no example lab '" + name + "'");
    return std::string(text);
}

}  // namespace patchlab::labdefs
