// SPDX-License-Identifier: Apache-2.0
#include "tests/corpus/build_rpm.hpp"

#include <sstream>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/text.hpp"
#include "platform/process/command.hpp"
#include "tests/corpus/package_tree.hpp"

namespace patchlab::corpus {

namespace {

/// What a spec file is made of.
struct RpmPackage {
    std::string name, source, version, release, epoch, architecture;
    std::vector<std::string> fields;             ///< "Requires: bash"
    std::map<std::string, std::string> scripts;  ///< what stands behind "%" → its lines
    std::map<std::string, std::string> files;    ///< path → its line in %files
};

std::string output_of(const std::string& program, const std::vector<std::string>& args) {
    process::CommandSpec spec;
    spec.program = program;
    spec.args = args;
    spec.purpose = "making an rpm package to try";
    spec.deadline = Seconds(300);
    spec.environment = {{"LC_ALL", "C.UTF-8"}};
    return process::SystemCommandRunner().require(spec).out;
}

std::string replaced_all(std::string text, const std::string& what, const std::string& with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

/// Nothing of a recipe is a macro.
std::string literal(const std::string& text) { return replaced_all(text, "%", "%%"); }

std::string files_line(const RecipeFile& file) {
    std::string line;
    if (file.config == "noreplace") line += "%config(noreplace) ";
    if (file.config == "replace") line += "%config ";
    if (!file.capabilities.empty()) line += "%caps(" + file.capabilities + ") ";
    if (file.link.empty()) {
        std::ostringstream mode;
        mode << std::oct << file.mode;
        line += "%attr(" + mode.str() + ",root,root) ";
    }
    return line + '"' + literal(file.path) + '"';
}

void alter_rpm(const Recipe& recipe, RpmPackage& package, const fs::path& root) {
    for (const RecipeFile& file : recipe.files) {
        put_file(root, file);
        package.files[file.path] = files_line(file);
    }
    for (const std::string& path : recipe.removed) {
        fs::remove(root / fs::path(path).relative_path());
        package.files.erase(path);
    }
    for (const auto& [field, value] : recipe.control)
        package.fields.push_back(field + ": " + value);
    for (const auto& [section, lines] : recipe.scripts) {
        std::string& all = package.scripts[section];
        all += (all.empty() ? "" : "\n") + literal(lines);
    }
}

/// A package whose source has another name is a subpackage of it.
std::string spec_of(const RpmPackage& package) {
    const bool own = package.source == package.name;
    const std::string sub = own ? "" : " -n " + package.name;
    std::string text = "Name: " + package.source + "\nVersion: " + package.version +
                       "\nRelease: " + package.release + "\nSummary: A package of a test\n" +
                       "License: MIT\nAutoReqProv: no\n";
    if (!package.epoch.empty()) text += "Epoch: " + package.epoch + "\n";
    if (!own)
        text += "%description\nA package of a test.\n%package" + sub +
                "\nSummary: A package of a test\nAutoReqProv: no\n";
    for (const std::string& field : package.fields) text += field + "\n";
    text += "%description" + sub + "\nA package of a test.\n";
    for (const auto& [section, lines] : package.scripts) {
        const auto word = section.find(' ');
        text += "%" + section.substr(0, word) + sub +
                (word == std::string::npos ? "" : section.substr(word)) + "\n" + lines + "\n";
    }
    text += "%files" + sub + "\n";
    for (const auto& [path, line] : package.files) text += line + "\n";
    return text;
}

/// The tree is there already; rpmbuild neither makes nor clears it.
fs::path pack_rpm(const RpmPackage& package, const fs::path& root, const fs::path& folder) {
    const fs::path spec = folder / (package.name + ".spec"), top = folder / "top";
    write_file_atomic(spec, spec_of(package));
    output_of("rpmbuild",
              {"-bb",         "--quiet",
               "--noclean",   "--nodebuginfo",
               "--buildroot", root.string(),
               "--target",    package.architecture,
               "--define",    "_topdir " + top.string(),
               "--define",    "__os_install_post %{nil}",
               "--define",    "__check_files %{nil}",
               "--define",    "_build_id_links none",
               "--define",    "_binary_payload w1.zstdio",
               "--define",    "_buildhost test",
               "--define",    "_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
               spec.string()});
    return top / "RPMS" /
           (package.name + "-" + package.version + "-" + package.release + "." +
            package.architecture + ".rpm");
}

std::string queried(const fs::path& rpm, const std::string& format) {
    return output_of("rpm", {"-qp", "--nosignature", "--qf", format, rpm.string()});
}

std::vector<std::string> queried_lines(const fs::path& rpm, const std::string& format) {
    std::vector<std::string> lines;
    const std::string text = queried(rpm, format);
    for (const std::string_view line : split_lines(text))
        if (!line.empty()) lines.emplace_back(line);
    return lines;
}

/// The lines of %files that give what the package has.
std::map<std::string, std::string> listed_files(const fs::path& rpm) {
    std::map<std::string, std::string> files;
    for (const std::string& line :
         queried_lines(rpm,
                       "[%{FILEMODES:octal} %{FILEUSERNAME} %{FILEGROUPNAME} %{FILEFLAGS} "
                       "%{FILENAMES}\n]")) {
        std::istringstream in(line);
        std::string mode, user, group, path;
        unsigned flags = 0;
        in >> mode >> user >> group >> flags;
        std::getline(in >> std::ws, path);
        const bool link = mode.starts_with("120"), folder = mode.starts_with("40");
        std::string text;
        if ((flags & 1U) != 0) text += (flags & 16U) != 0 ? "%config(noreplace) " : "%config ";
        if ((flags & 64U) != 0) text += "%ghost ";
        if (folder) text += "%dir ";
        if (!link)
            text += "%attr(" + mode.substr(mode.size() - 4) + "," + user + "," + group + ") ";
        files[path] = text + '"' + literal(path) + '"';
    }
    return files;
}

RpmPackage package_in(const fs::path& rpm) {
    RpmPackage package;
    const auto names = queried_lines(
        rpm, "%{NAME}\n%{VERSION}\n%{RELEASE}\n%{ARCH}\n%|EPOCH?{%{EPOCH}}:{0}|\n%{SOURCERPM}\n");
    package.name = names.at(0);
    package.version = names.at(1);
    package.release = names.at(2);
    package.architecture = names.at(3);
    if (names.at(4) != "0") package.epoch = names.at(4);
    const std::string& source = names.at(5);
    package.source = source.substr(0, source.rfind('-', source.rfind('-') - 1));
    for (const auto& [field, tag] :
         {std::pair("Requires", "REQUIRE"), std::pair("Provides", "PROVIDE"),
          std::pair("Conflicts", "CONFLICT"), std::pair("Obsoletes", "OBSOLETE")}) {
        const std::string stem = tag;
        for (const std::string& one :
             queried_lines(rpm, "[%{" + stem + "NAME} %{" + stem + "FLAGS:depflags} %{" + stem +
                                    "VERSION}\n]"))
            if (!one.starts_with("rpmlib(") && !one.starts_with("(none)"))
                package.fields.push_back(std::string(field) + ": " + std::string(trimmed(one)));
    }
    for (const auto& [section, tag] :
         {std::pair("pre", "PREIN"), std::pair("post", "POSTIN"), std::pair("preun", "PREUN"),
          std::pair("postun", "POSTUN"), std::pair("posttrans", "POSTTRANS")})
        if (const std::string text = queried(rpm, "%{" + std::string(tag) + "}"); text != "(none)")
            package.scripts[section] = literal(text);
    package.files = listed_files(rpm);
    return package;
}

}  // namespace

fs::path build_fresh_rpm(const Recipe& recipe, const fs::path& folder) {
    const fs::path root = folder / "tree";
    RpmPackage package{recipe.fresh, recipe.fresh, "1.0", "1." + version_part(recipe), "", "x86_64",
                       {},           {},           {}};
    for (const RecipeFile& file : own_files(recipe)) {
        put_file(root, file);
        package.files[file.path] = files_line(file);
    }
    alter_rpm(recipe, package, root);
    return pack_rpm(package, root, folder);
}

std::vector<fs::path> build_altered_rpms(const Recipe& recipe, const std::vector<fs::path>& rpms,
                                         const fs::path& folder) {
    std::vector<fs::path> built;
    bool found = false;
    for (const fs::path& rpm : rpms) {
        const fs::path root = folder / ("tree-" + std::to_string(built.size()));
        fs::create_directories(root);
        output_of("sh", {"-c", R"(rpm2cpio "$1" | cpio -idm --quiet -D "$2")", "sh", rpm.string(),
                         root.string()});
        RpmPackage package = package_in(rpm);
        const std::string evr = package.version + "-" + package.release;
        package.release += ".corpus." + version_part(recipe);
        for (std::string& field : package.fields)
            field = replaced_all(field, evr, package.version + "-" + package.release);
        if (package.name == recipe.update) {
            found = true;
            alter_rpm(recipe, package, root);
        }
        built.push_back(pack_rpm(package, root, folder));
    }
    if (!found)
        throw Error(ErrorCode::not_found, "the update holds no package '" + recipe.update + "'");
    return built;
}

}  // namespace patchlab::corpus
