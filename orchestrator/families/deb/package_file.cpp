// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/family.hpp"

#include <algorithm>
#include <set>

#include "orchestrator/families/archive.hpp"
#include "orchestrator/families/deb/control.hpp"
#include "orchestrator/families/mapped_file.hpp"
#include "platform/core/error.hpp"

namespace patchlab::families::deb {

namespace {

constexpr std::size_t most_texts = 32U << 20;
constexpr std::size_t most_path = 4096;
constexpr std::string_view script_names[] = {"preinst", "postinst", "prerm", "postrm", "config"};
constexpr std::string_view relation_fields[] = {"Pre-Depends", "Depends",  "Recommends",
                                                "Suggests",    "Enhances", "Breaks",
                                                "Conflicts",   "Replaces", "Provides"};

// "./usr/bin/x" and "usr/bin/x" → "/usr/bin/x"; "." → "". Refuses what dpkg would write outside of
// the target or what hides in a log.
std::string absolute_path(std::string_view path, std::string_view where) {
    const std::string shown(path.substr(0, 120));
    if (path.size() > most_path) refuse(where, "a file name is longer than 4096 bytes");
    if (path[0] == '/') refuse(where, "holds an absolute file name: " + shown);
    if (std::any_of(path.begin(), path.end(),
                    [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }))
        refuse(where, "holds a file name with control characters");
    std::string out;
    while (!path.empty()) {
        const auto slash = path.find('/');
        const std::string_view part = path.substr(0, slash);
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
        if (part == "..") refuse(where, "holds a file name that climbs out of the root: " + shown);
        if (part.empty() || part == ".") continue;
        out.append("/").append(part);
    }
    return out;
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        std::string line(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t'))
            line.pop_back();
        if (!line.empty() && line[0] != '#') lines.push_back(std::move(line));
    }
    return lines;
}

void read_control_stanza(PackageFacts& facts, std::string_view where) {
    StanzaReader reader(facts.control, std::string(where) + ": control");
    Stanza stanza;
    if (!reader.next(stanza)) refuse(where, "its control file is empty");
    facts.name = stanza.get("Package");
    facts.version = stanza.get("Version");
    facts.architecture = stanza.get("Architecture");
    if (!valid_package_name(facts.name))
        refuse(where, "'" + facts.name.substr(0, 100) + "' is no valid package name");
    if (!valid_version(facts.version))
        refuse(where, "'" + facts.version.substr(0, 100) + "' is no valid version");
    if (!valid_architecture(facts.architecture))
        refuse(where, "'" + facts.architecture.substr(0, 100) + "' is no valid architecture");
    const SourceName source = source_of(stanza);
    if (!valid_package_name(source.name) || !valid_version(source.version))
        refuse(where, "its Source field is not valid");
    facts.source = source.name;
    facts.source_version = source.version;
    for (const std::string_view field : relation_fields) {
        const std::string_view value = stanza.get(field);
        if (value.empty()) continue;
        std::vector<Requirement> requirements;
        during(std::string(where) + ": " + std::string(field),
               [&] { requirements = parse_relations(value); });
        if (!field.ends_with("Depends")) continue;
        facts.requirements.insert(facts.requirements.end(), requirements.begin(),
                                  requirements.end());
    }
    Stanza more;
    if (reader.next(more)) refuse(where, "its control file holds more than one package");
}

void read_control(std::string_view tar, PackageFacts& facts, std::string_view where) {
    std::map<std::string, std::string> files;
    const std::string inner = std::string(where) + ": control archive";
    TarLimits limits;
    limits.expanded = 64ULL << 20;
    limits.entries = 1000;
    walk_tar(
        tar, inner, limits, [&](const TarEntry& entry) { return entry.type == "file"; },
        [&](const TarEntry& entry, std::string&& text) {
            files[absolute_path(entry.path, inner)] = std::move(text);
        });
    if (!files.count("/control")) refuse(where, "has no control file");
    facts.control = files["/control"];
    read_control_stanza(facts, where);
    for (const std::string& line : lines_of(files["/conffiles"])) {
        // "remove-on-upgrade /etc/x": a flag before the path
        const auto slash = line.find('/');
        if (slash != std::string::npos) facts.conffiles.push_back(line.substr(slash));
    }
    facts.triggers = lines_of(files["/triggers"]);
    for (const std::string_view name : script_names)
        if (const auto it = files.find("/" + std::string(name)); it != files.end())
            facts.maintainer_scripts += "### " + std::string(name) + "\n" + it->second + "\n";
}

void read_data(std::string_view tar, PackageContents& deb, std::string_view where,
               const WantedFile& wanted, Contents contents) {
    const std::string inner = std::string(where) + ": data archive";
    std::set<std::string> links;  // a file below a symlink of the same package would be written
                                  // somewhere else than it says
    std::size_t kept = 0;
    const auto visit = [&](const TarEntry& entry) {
        PackagedFile file{absolute_path(entry.path, inner),
                          entry.type,
                          entry.target,
                          entry.mode,
                          entry.bytes,
                          {}};
        if (file.path.empty()) return false;
        if (file.type == "hardlink") file.target = absolute_path(entry.target, inner);
        for (auto slash = file.path.rfind('/'); !links.empty() && slash != 0;
             slash = file.path.rfind('/', slash - 1))
            if (links.count(file.path.substr(0, slash)))
                refuse(inner, "writes through its own symbolic link: " + file.path);
        if (file.type == "symlink") links.insert(file.path);
        const bool keep =
            wanted && file.type == "file" && wanted(file.path) && kept + file.bytes <= most_texts;
        deb.facts.files.push_back(std::move(file));
        return keep;
    };
    const auto take = [&](const TarEntry& entry, std::string&& text) {
        kept += text.size();
        deb.texts[absolute_path(entry.path, inner)] = std::move(text);
    };
    if (contents == Contents::skimmed) return walk_tar(tar, inner, {}, visit, take);
    std::map<std::string, std::string>
        digests;  // for hard links, which stand behind what they name
    walk_tar(tar, inner, {}, visit, take, [&](const TarEntry& entry, std::string&& sha256) {
        digests[absolute_path(entry.path, inner)] = std::move(sha256);
    });
    for (PackagedFile& file : deb.facts.files)
        if (const auto found = digests.find(file.type == "hardlink" ? file.target : file.path);
            found != digests.end() && file.type != "symlink")
            file.sha256 = found->second;
}

bool begins_with(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

}  // namespace

PackageContents read_deb(std::string_view bytes, std::string_view where, const WantedFile& wanted,
                         Contents contents) {
    const std::vector<ArMember> members = read_ar(bytes, where);
    if (members.empty() || members[0].name != "debian-binary" ||
        !begins_with(members[0].data, "2."))
        refuse(where, "is not a Debian package (no debian-binary 2.x)");
    const ArMember* control = nullptr;
    const ArMember* data = nullptr;
    for (std::size_t i = 1; i < members.size(); ++i) {
        const std::string& name = members[i].name;
        if (!control && begins_with(name, "control.tar")) control = &members[i];
        else if (control && !data && begins_with(name, "data.tar")) data = &members[i];
        else if (!begins_with(name, "_"))
            refuse(where, "holds an unexpected member '" + name + "'");
    }
    if (!control || !data)
        refuse(where, std::string("has no ") + (control ? "data" : "control") + " archive");
    PackageContents deb;
    read_control(control->data, deb.facts, where);
    read_data(data->data, deb, where, wanted, contents);
    return deb;
}

PackageContents read_deb_file(const fs::path& file, const WantedFile& wanted, Contents contents) {
    const MappedFile mapped(file);
    return read_deb(mapped.bytes(), file.filename().string(), wanted, contents);
}

}  // namespace patchlab::families::deb
