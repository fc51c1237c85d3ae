// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>

#include "orchestrator/families/archive.hpp"
#include "orchestrator/families/mapped_file.hpp"
#include "orchestrator/families/rpm/family.hpp"
#include "orchestrator/families/rpm/header.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"

namespace patchlab::families::rpm {

namespace {

constexpr std::size_t most_kept_texts = 32U << 20, most_scripts = 16U << 20;

struct ScriptTag {
    std::uint32_t tag;
    std::string_view name;
};
constexpr ScriptTag script_tags[] = {
    {tag::pre_transaction, "pretrans"},
    {tag::pre_install, "pre"},
    {tag::post_install, "post"},
    {tag::pre_remove, "preun"},
    {tag::post_remove, "postun"},
    {tag::post_transaction, "posttrans"},
    {tag::verify_script, "verifyscript"},
    {tag::trigger_scripts, "trigger"},
    {tag::file_trigger_scripts, "filetrigger"},
    {tag::transaction_file_trigger_scripts, "transfiletrigger"},
};

std::string scripts_of(const Header& header, std::string_view where) {
    std::string all;
    for (const ScriptTag& script : script_tags)
        for (const std::string_view text : header.texts(script.tag)) {
            if (text.empty()) continue;
            all.append("### ").append(script.name).append("\n").append(text).append("\n");
            if (all.size() > most_scripts) refuse(where, "its scripts are larger than 16 MiB");
        }
    return all;
}

/// What its own triggers wait for: "interest /usr/lib/sysusers.d".
std::vector<std::string> triggers_of(const Header& header) {
    std::vector<std::string> all;
    for (const std::uint32_t names :
         {tag::trigger_names, tag::file_trigger_names, tag::transaction_file_trigger_names})
        for (const std::string_view name : header.texts(names)) {
            std::string line = "interest " + std::string(name);
            if (std::find(all.begin(), all.end(), line) == all.end())
                all.push_back(std::move(line));
        }
    return all;
}

std::string operator_of(const Dependency& dependency) {
    if (dependency.version.empty()) return {};
    if (dependency.less()) return dependency.equal() ? "<=" : "<<";
    if (dependency.greater()) return dependency.equal() ? ">=" : ">>";
    return dependency.equal() ? "=" : "";
}

/// What can be said of one name. A rich requirement is the solver's alone.
std::vector<Requirement> requirements_of(const Header& header, std::string_view where) {
    std::vector<Requirement> all;
    for (const Dependency& one :
         dependencies(header, tag::require_name, tag::require_flags, tag::require_version, where))
        if (!one.rich() && !one.of_rpm())
            all.push_back({{std::string(one.name), operator_of(one), std::string(one.version)}});
    return all;
}

std::string type_of(const HeaderFile& file) {
    switch (file.mode & S_IFMT) {
        case S_IFREG: return "file";
        case S_IFDIR: return "directory";
        case S_IFLNK: return "symlink";
        case S_IFCHR:
        case S_IFBLK: return "device";
        default: return "other";
    }
}

/// The files as they are unpacked. Those that a header only names (%ghost) are what its scripts or
/// programs make: nothing of them is known.
std::vector<PackagedFile> packaged_files(const std::vector<HeaderFile>& files, bool by_sha256,
                                         std::string_view where) {
    std::vector<PackagedFile> all;
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> first;  // of hard links
    std::set<std::string_view> links;
    for (const HeaderFile& file : files)
        if (file.is(S_IFLNK) && !file.ghost()) links.insert(file.path);
    for (const HeaderFile& file : files) {
        if (file.ghost() || file.path == "/") continue;
        for (auto slash = file.path.rfind('/'); !links.empty() && slash != 0;
             slash = file.path.rfind('/', slash - 1))
            if (links.contains(std::string_view(file.path).substr(0, slash)))
                refuse(where, "writes through its own symbolic link: " + file.path);
        PackagedFile packaged{file.path,          type_of(file), std::string(file.target),
                              file.mode & 07777U, file.bytes,    {}};
        if (file.is(S_IFREG)) {
            if (by_sha256 && is_sha256(file.digest)) packaged.sha256 = file.digest;
            if (file.inode != 0) {
                const auto [known, is_first] =
                    first.emplace(std::pair(file.device, file.inode), file.path);
                if (!is_first) {
                    packaged.type = "hardlink";
                    packaged.target = known->second;
                }
            }
        }
        all.push_back(std::move(packaged));
    }
    return all;
}

void read_names(PackageFacts& facts, const Header& header, std::string_view where) {
    facts.name = header.text(tag::name);
    facts.version = version_of(header);
    facts.architecture = header.text(tag::arch);
    if (!rpm_family().valid_name(facts.name))
        refuse(where, "'" + facts.name.substr(0, 100) + "' is no valid package name");
    if (header.text(tag::version).empty() || header.text(tag::release).empty() ||
        header.text(tag::version).find_first_of("-:") != std::string_view::npos ||
        header.text(tag::release).find_first_of("-:") != std::string_view::npos ||
        !rpm_family().valid_version(facts.version))
        refuse(where, "'" + facts.version.substr(0, 100) + "' is no valid version");
    if (!rpm_family().valid_architecture(facts.architecture))
        refuse(where, "'" + facts.architecture.substr(0, 100) + "' is no valid architecture");
    const HeaderSource source =
        source_named(header.text(tag::source_rpm), facts.name, facts.version);
    if (!rpm_family().valid_name(source.name) || !rpm_family().valid_version(source.version))
        refuse(where, "names no valid source package");
    facts.source = source.name;
    facts.source_version = source.version;
}

void check_payload_form(const PackageParts& parts, std::string_view where) {
    const std::string_view format = parts.header.text(tag::payload_format);
    if (format == "drpm") refuse(where, "is a delta package, which needs another one to be whole");
    if (!format.empty() && format != "cpio") refuse(where, "its payload is no cpio archive");
    // then the payload does not hold the names and sizes of its files any more
    if (parts.header.has(tag::long_file_sizes))
        refuse(where, "holds files of more than 4 GiB, which is not supported");
    const std::string_view digest = parts.header.text(tag::payload_digest);
    if (!digest.empty() &&
        parts.header.number_or(tag::payload_digest_algorithm, digest_sha256) == digest_sha256 &&
        digest != sha256_hex(parts.payload))
        refuse(where, "its payload is damaged: it has another sha256 than its header says");
}

/// "./usr/bin/x" and "/usr/bin/x" → "/usr/bin/x"
std::string path_in_payload(std::string_view path) {
    if (path.starts_with("./")) path.remove_prefix(1);
    return path.starts_with('/') ? std::string(path) : "/" + std::string(path);
}

/// Reads the payload to its end: it holds what the header lists and nothing else.
class PayloadReader {
  public:
    PayloadReader(PackageContents& package, std::string_view where) : package_(package) {
        inner_ = std::string(where) + ": payload";
        for (PackagedFile& file : package.facts.files) files_.emplace(file.path, &file);
        for (const PackagedFile& file : package.facts.files)
            if (file.type == "hardlink") linked_.insert(file.target);
    }
    void read(std::string_view payload, const WantedFile& wanted, Contents contents) {
        const auto visit = [&](const TarEntry& entry) { return is_kept(entry, wanted); };
        const auto take = [&](const TarEntry& entry, std::string&& text) {
            kept_ += text.size();
            package_.texts[path_in_payload(entry.path)] = std::move(text);
        };
        if (contents == Contents::skimmed) walk_cpio(payload, inner_, {}, visit, take);
        else
            walk_cpio(payload, inner_, {}, visit, take,
                      [&](const TarEntry& entry, std::string&& sha256) {
                          compare(path_in_payload(entry.path), std::move(sha256));
                      });
        for (const auto& [path, file] : files_)
            if (!seen_.contains(path)) refuse(inner_, "lacks " + path + ", which its header lists");
    }

  private:
    bool is_kept(const TarEntry& entry, const WantedFile& wanted) {
        const std::string path = path_in_payload(entry.path);
        const auto listed = files_.find(path);
        if (listed == files_.end())
            refuse(inner_, "holds a file that its header does not list: " + path.substr(0, 120));
        if (!seen_.insert(path).second) refuse(inner_, "holds " + path.substr(0, 120) + " twice");
        const std::string& type = listed->second->type;
        const bool linked = type == "hardlink" || linked_.contains(path);
        if (!linked && entry.type != type)
            refuse(inner_, "holds " + path.substr(0, 120) + " as another type of file");
        return wanted && entry.type == "file" && wanted(path) &&
               kept_ + entry.bytes <= most_kept_texts;
    }
    void compare(const std::string& path, std::string&& sha256) {
        PackagedFile& file = *files_.at(path);
        if (file.type != "file" || linked_.contains(path) || sha256.empty()) return;
        if (!file.sha256.empty() && file.sha256 != sha256)
            refuse(inner_, path + " has another sha256 than the header says");
        file.sha256 = std::move(sha256);
    }

    PackageContents& package_;
    std::string inner_;
    std::map<std::string, PackagedFile*> files_;
    std::set<std::string> linked_;  ///< files that have other names, too
    std::set<std::string> seen_;
    std::size_t kept_ = 0;
};

}  // namespace

HeaderSource source_named(std::string_view file, std::string_view package,
                          std::string_view version) {
    for (const std::string_view ending : {".src.rpm", ".nosrc.rpm"})
        if (file.ends_with(ending)) file.remove_suffix(ending.size());
    const auto dash = file.rfind('-');
    const auto first = dash == std::string_view::npos || dash == 0 ? std::string_view::npos
                                                                   : file.rfind('-', dash - 1);
    if (first == std::string_view::npos) return {std::string(package), std::string(version)};
    HeaderSource source{std::string(file.substr(0, first)), std::string(file.substr(first + 1))};
    if (version.ends_with(":" + source.version)) source.version = version;
    return source;
}

PackageFacts named_facts(const Header& header, std::string_view where) {
    PackageFacts facts;
    read_names(facts, header, where);
    return facts;
}

Header header_of(const PackageFacts& facts) {
    return split_package(facts.control, facts.name).header;
}

PackageContents read_rpm(std::string_view bytes, std::string_view where, const WantedFile& wanted,
                         Contents contents) {
    const PackageParts parts = split_package(bytes, where);
    PackageContents package;
    PackageFacts& facts = package.facts;
    read_names(facts, parts.header, where);
    facts.control = parts.head;
    facts.requirements = requirements_of(parts.header, where);
    const std::vector<HeaderFile> files = files_of(parts.header, where);
    const bool by_sha256 = contents != Contents::skimmed &&
                           parts.header.number_or(tag::file_digest_algorithm, 0) == digest_sha256;
    facts.files = packaged_files(files, by_sha256, where);
    for (const HeaderFile& file : files)
        if (file.config() && !file.ghost()) facts.conffiles.push_back(file.path);
    facts.triggers = triggers_of(parts.header);
    facts.maintainer_scripts = scripts_of(parts.header, where);
    check_payload_form(parts, where);
    PayloadReader(package, where).read(parts.payload, wanted, contents);
    return package;
}

PackageContents read_rpm_file(const std::filesystem::path& file, const WantedFile& wanted,
                              Contents contents) {
    const MappedFile mapped(file);
    return read_rpm(mapped.bytes(), file.filename().string(), wanted, contents);
}

}  // namespace patchlab::families::rpm
