// SPDX-License-Identifier: Apache-2.0
//
// The index of a patch disk, an rpm-md repository: repomd.xml, primary.xml, filelists.xml and
// other.xml, written from the headers of the packages. The same packages give the same bytes.
#include <algorithm>

#include "orchestrator/families/rpm/family.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/text.hpp"

namespace patchlab::families::rpm {

namespace {

constexpr std::string_view xml_head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
constexpr std::string_view moment = "1700000000";

/// Text as XML holds it. What XML cannot hold (control characters, bytes that are no UTF-8) becomes
/// a question mark.
std::string xml(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto character = character_at(text, at);
        const std::size_t bytes = character ? character->bytes : 1;
        const std::string_view one = text.substr(at, bytes);
        at += bytes;
        if (!character || (character->code < 32 && one != "\n" && one != "\t")) out += '?';
        else if (one == "&") out += "&amp;";
        else if (one == "<") out += "&lt;";
        else if (one == ">") out += "&gt;";
        else if (one == "\"") out += "&quot;";
        else out += one;
    }
    return out;
}

std::string attribute(std::string_view name, std::string_view value) {
    return " " + std::string(name) + "=\"" + xml(value) + "\"";
}

std::string element(std::string_view name, std::string_view text) {
    return "<" + std::string(name) + ">" + xml(text) + "</" + std::string(name) + ">\n";
}

/// "[epoch:]version[-release]" as attributes.
std::string evr(std::string_view text, std::string_view version_name,
                std::string_view release_name) {
    std::string_view epoch = "0";
    if (const auto colon = text.find(':'); colon != std::string_view::npos) {
        if (colon > 0) epoch = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    const auto dash = text.rfind('-');
    std::string out = attribute("epoch", epoch) + attribute(version_name, text.substr(0, dash));
    if (dash != std::string_view::npos) out += attribute(release_name, text.substr(dash + 1));
    return out;
}

std::string comparison(const Dependency& one) {
    if (one.less()) return one.equal() ? "LE" : "LT";
    if (one.greater()) return one.equal() ? "GE" : "GT";
    return one.equal() ? "EQ" : "";
}

/// RPMSENSE_PREREQ and its kin: needed by a script as well.
bool needed_before(const Dependency& one) { return (one.flags & (0x40U | 0x200U | 0x400U)) != 0; }

struct Relations {
    std::string_view element;
    std::uint32_t names, flags, versions;
};
constexpr Relations relations[] = {
    {"rpm:provides", tag::provide_name, tag::provide_flags, tag::provide_version},
    {"rpm:requires", tag::require_name, tag::require_flags, tag::require_version},
    {"rpm:conflicts", tag::conflict_name, tag::conflict_flags, tag::conflict_version},
    {"rpm:obsoletes", tag::obsolete_name, tag::obsolete_flags, tag::obsolete_version},
};

std::string relations_text(const Header& header, const Relations& kind) {
    std::string rows;
    const bool requires_it = kind.element == "rpm:requires";
    for (const Dependency& one :
         dependencies(header, kind.names, kind.flags, kind.versions, "a package of the patch")) {
        if (one.of_rpm()) continue;
        rows += "<rpm:entry" + attribute("name", one.name);
        if (const std::string flags = comparison(one); !flags.empty() && !one.version.empty())
            rows += attribute("flags", flags) + evr(one.version, "ver", "rel");
        rows +=
            std::string(requires_it && needed_before(one) ? attribute("pre", "1") : "") + "/>\n";
    }
    if (rows.empty()) return {};
    const std::string name(kind.element);
    return "<" + name + ">\n" + rows + "</" + name + ">\n";
}

/// The files that primary.xml names: those that other packages require by path.
bool is_primary_file(std::string_view path) {
    return path.starts_with("/etc/") || path.find("bin/") != std::string_view::npos ||
           path == "/usr/lib/sendmail";
}

std::string files_text(const std::vector<HeaderFile>& files, bool primary_only) {
    std::string rows;
    for (const HeaderFile& file : files) {
        if (primary_only && !is_primary_file(file.path)) continue;
        std::string_view type = file.is(0040000U) ? " type=\"dir\"" : "";
        if (file.ghost()) type = " type=\"ghost\"";
        rows += "<file" + std::string(type) + ">" + xml(file.path) + "</file>\n";
    }
    return rows;
}

std::string version_element(const Header& header) {
    return "<version" + attribute("epoch", std::to_string(header.number_or(tag::epoch, 0))) +
           attribute("ver", header.text(tag::version)) +
           attribute("rel", header.text(tag::release)) + "/>\n";
}

std::string primary_text(const DiskPackage& package, const PackageParts& parts,
                         const std::vector<HeaderFile>& files) {
    const Header& header = parts.header;
    const std::size_t begin = parts.before_header.size(), end = parts.head.size();
    std::string text = "<package type=\"rpm\">\n" + element("name", package.facts.name) +
                       element("arch", package.facts.architecture) + version_element(header) +
                       "<checksum type=\"sha256\" pkgid=\"YES\">" + package.sha256 +
                       "</checksum>\n" + element("summary", header.text(tag::summary)) +
                       element("description", header.text(tag::summary)) +
                       element("packager", header.text(tag::packager)) +
                       element("url", header.text(tag::url));
    const std::string built = std::to_string(header.number_or(tag::build_time, 0));
    text += "<time" + attribute("file", moment) + attribute("build", built) + "/>\n<size" +
            attribute("package", std::to_string(package.bytes)) +
            attribute("installed", std::to_string(header.number_or(tag::size, 0))) +
            attribute("archive", std::to_string(header.number_or(tag::archive_size, 0))) +
            "/>\n<location" + attribute("href", package.file) + "/>\n<format>\n" +
            element("rpm:license", header.text(tag::license)) +
            element("rpm:vendor", header.text(tag::vendor)) +
            element("rpm:group", header.text(tag::group)) +
            element("rpm:buildhost", header.text(tag::build_host)) +
            element("rpm:sourcerpm", header.text(tag::source_rpm)) + "<rpm:header-range" +
            attribute("start", std::to_string(begin)) + attribute("end", std::to_string(end)) +
            "/>\n";
    for (const Relations& kind : relations) text += relations_text(header, kind);
    return text + files_text(files, true) + "</format>\n</package>\n";
}

std::string list_head(const DiskPackage& package, const Header& header) {
    return "<package" + attribute("pkgid", package.sha256) + attribute("name", package.facts.name) +
           attribute("arch", package.facts.architecture) + ">\n" + version_element(header);
}

std::string data_element(std::string_view type, const std::string& text) {
    const std::string sum = sha256_hex(text), size = std::to_string(text.size());
    return "<data" + attribute("type", type) + ">\n<checksum type=\"sha256\">" + sum +
           "</checksum>\n<open-checksum type=\"sha256\">" + sum + "</open-checksum>\n<location" +
           attribute("href", "repodata/" + std::string(type) + ".xml") + "/>\n" +
           element("timestamp", moment) + element("size", size) + element("open-size", size) +
           "</data>\n";
}

}  // namespace

std::vector<DiskFile> disk_index(const std::vector<DiskPackage>& packages) {
    std::string primary, filelists, other;
    for (const DiskPackage& package : packages) {
        const PackageParts parts = split_package(package.facts.control, package.file);
        const std::string head = list_head(package, parts.header);
        const std::vector<HeaderFile> files = files_of(parts.header, package.file);
        primary += primary_text(package, parts, files);
        filelists += head + files_text(files, false) + "</package>\n";
        other += head + "</package>\n";
    }
    const std::string count = attribute("packages", std::to_string(packages.size()));
    const std::string common = "http://linux.duke.edu/metadata/";
    primary = std::string(xml_head) + "<metadata" + attribute("xmlns", common + "common") +
              attribute("xmlns:rpm", common + "rpm") + count + ">\n" + primary + "</metadata>\n";
    filelists = std::string(xml_head) + "<filelists" + attribute("xmlns", common + "filelists") +
                count + ">\n" + filelists + "</filelists>\n";
    other = std::string(xml_head) + "<otherdata" + attribute("xmlns", common + "other") + count +
            ">\n" + other + "</otherdata>\n";
    const std::string repomd =
        std::string(xml_head) + "<repomd" + attribute("xmlns", common + "repo") +
        attribute("xmlns:rpm", common + "rpm") + ">\n" + element("revision", moment) +
        data_element("primary", primary) + data_element("filelists", filelists) +
        data_element("other", other) + "</repomd>\n";
    return {{"repodata/repomd.xml", repomd},
            {"repodata/primary.xml", primary},
            {"repodata/filelists.xml", filelists},
            {"repodata/other.xml", other}};
}

}  // namespace patchlab::families::rpm
