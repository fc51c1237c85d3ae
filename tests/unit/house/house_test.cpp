// SPDX-License-Identifier: Apache-2.0
//
// The rules of the house (docs/architecture.md), held against the tree itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <utility>

#include "tests/unit/house/source_tree.hpp"

namespace patchlab::house {
namespace {

const std::vector<SourceFile>& tree() {
    static const std::vector<SourceFile> files = read_tree(PATCHLAB_SOURCE);
    return files;
}

bool exists(const std::string& path) {
    return std::any_of(tree().begin(), tree().end(),
                       [&](const SourceFile& file) { return file.path == path; });
}

/// Third-party headers and the folders that may see them.
const std::vector<std::pair<std::string, std::set<std::string>>> third_party{
    {"libvirt/", {"platform/virt"}},
    {"guestfs.h", {"platform/disk"}},
    {"libnbd.h", {"platform/disk"}},
    {"ext2fs/", {"platform/disk"}},
    {"SQLiteCpp/", {"platform/store"}},
    {"sqlite3.h", {"platform/store"}},
    {"boost/process", {"platform/process"}},
    {"boost/beast", {"platform/http"}},
    {"boost/asio", {"platform/process", "platform/http"}},
    {"sodium", {"platform/core"}},
    {"yaml-cpp/", {"platform/core"}},
    {"utf8", {"platform/core"}},
    {"CLI/", {"orchestrator/cli"}},
    {"archive", {"orchestrator/families"}},
    {"solv/", {"orchestrator/families"}},
    {"date/", {"orchestrator/assessment"}},
    {"dtl/", {"reports"}},
};

/// A module may use those on lower floors only; so no circle can arise.
const std::vector<std::set<std::string>> floors{
    {"platform/core"},
    {"platform/process", "platform/store"},
    {"platform/virt", "platform/disk", "platform/guest", "platform/http"},
    {"labdefs", "testsuites", "snapshots", "reports"},
    {"orchestrator/families"},
    {"orchestrator/images", "orchestrator/intake", "orchestrator/backup", "orchestrator/feeds"},
    {"orchestrator/assessment"},
    {"orchestrator/inventory"},
    {"orchestrator/pipeline"},
    {"orchestrator/governance"},
    {"orchestrator/notify"},
    {"orchestrator/catalog"},
    {"orchestrator/rollout"},
    {"orchestrator/campaign"},
    {"orchestrator/nodes"},
    {"orchestrator/operations"},
    {"orchestrator/service"},
    {"orchestrator/cli"},
    {"orchestrator/programs"},
};

int floor_of(const std::string& module) {
    for (std::size_t i = 0; i < floors.size(); ++i)
        if (floors[i].contains(module)) return static_cast<int>(i);
    return -1;
}

std::string at(const SourceFile& file, const Include& include) {
    return file.path + ":" + std::to_string(include.line) + ": ";
}

TEST(House, the_tree_was_found) {
    EXPECT_TRUE(exists("CMakeLists.txt"));
    EXPECT_TRUE(exists("platform/core/error.hpp"));
    EXPECT_EQ(module_of("orchestrator/pipeline/stages/apply.cpp"), "orchestrator/pipeline");
    EXPECT_EQ(module_of("testsuites/adapters/tap.cpp"), "testsuites");
    EXPECT_EQ(module_of("platform/CMakeLists.txt"), "");
}

TEST(House, third_party_headers_stay_in_their_one_folder) {
    for (const SourceFile& file : tree()) {
        if (!file.is_code() || file.is_test()) continue;
        for (const Include& include : includes_of(file))
            for (const auto& [prefix, folders] : third_party)
                if (include.target.starts_with(prefix) && !exists(include.target) &&
                    !folders.contains(module_of(file.path)))
                    ADD_FAILURE() << at(file, include) << "<" << include.target << "> belongs to "
                                  << *folders.begin() << " alone";
    }
}

TEST(House, a_module_stands_only_on_lower_floors) {
    for (const SourceFile& file : tree()) {
        const std::string module = module_of(file.path);
        if (!file.is_code() || module.empty()) continue;
        EXPECT_GE(floor_of(module), 0)
            << module
            << " has no floor in the house: give it one in this test and in docs/architecture.md";
        for (const Include& include : includes_of(file)) {
            const std::string used = module_of(include.target);
            if (!include.quoted || used.empty() || used == module || !exists(include.target))
                continue;
            EXPECT_LT(floor_of(used), floor_of(module))
                << at(file, include) << module << " may not stand on " << used;
        }
    }
}

/// The command line parses, calls an operation (here or of a service) and prints its response.
/// Besides these lower folders, a few files have a reason to see more.
TEST(House, the_command_line_knows_operations_and_nothing_behind_them) {
    static const std::vector<std::pair<std::string, std::string>> reasons{
        {"main.cpp", "platform/process/"},     // Ctrl-C ends the tools that were started
        {"context.hpp", "platform/process/"},  // the command runner that a session borrows
        {"pager.cpp", "platform/process/"},    // the program with which the user reads
        {"serve.cpp", "orchestrator/governance/login.hpp"},  // whose a credential is
        // values of a response in the words of their module
        {"inventory.cpp", "orchestrator/assessment/window.hpp"},
        {"inventory_view.cpp", "orchestrator/inventory/scan_store.hpp"},
        {"notify.cpp", "orchestrator/notify/target.hpp"},
    };
    for (const SourceFile& file : tree()) {
        if (!file.is_code() || module_of(file.path) != "orchestrator/cli") continue;
        const std::string name = std::filesystem::path(file.path).filename().string();
        for (const Include& include : includes_of(file)) {
            const std::string used = module_of(include.target);
            const bool permitted =
                !include.quoted || !exists(include.target) || used == "orchestrator/cli" ||
                used == "orchestrator/operations" || used == "orchestrator/service" ||
                used == "platform/core" ||
                std::any_of(reasons.begin(), reasons.end(), [&](const auto& reason) {
                    return reason.first == name && include.target.starts_with(reason.second);
                });
            EXPECT_TRUE(permitted) << at(file, include) << "the command line may not stand on "
                                   << include.target << ": make it an operation";
        }
    }
}

TEST(House, a_module_includes_only_what_its_link_list_declares) {
    auto declared = declared_dependencies(tree());
    ASSERT_TRUE(declared.contains("platform/core"));
    for (const SourceFile& file : tree()) {
        const std::string module = module_of(file.path);
        if (!file.is_code() || !declared.contains(module)) continue;
        for (const Include& include : includes_of(file)) {
            const std::string used = module_of(include.target);
            if (!include.quoted || used.empty() || used == module || !exists(include.target))
                continue;
            EXPECT_TRUE(declared[module].contains(used))
                << at(file, include) << used << " is not in the DEPENDS of " << module;
        }
    }
}

/// A family is used through its port; only the family itself, and images that are built with its
/// tools, include what lies in its folder.
TEST(House, a_family_of_packages_is_used_through_its_port) {
    const std::string folder = "orchestrator/families/";
    for (const SourceFile& file : tree()) {
        if (!file.is_code() || file.is_test() || file.path.starts_with(folder) ||
            file.path.starts_with("orchestrator/images/"))
            continue;
        for (const Include& include : includes_of(file)) {
            if (!include.target.starts_with(folder)) continue;
            EXPECT_EQ(include.target.find('/', folder.size()), std::string::npos)
                << at(file, include) << include.target << " belongs to one family alone";
        }
    }
}

/// Code that names the tools of one family, and why it may.
const std::vector<std::pair<std::string, std::string>> names_a_family{
    {"orchestrator/families/deb/", "it is that family"},
    {"orchestrator/images/", "it builds that family's systems"},
    {"/image", "the command that builds these systems"},
    {"/host_checks", "what this host itself must have installed, and how to install it"},
    {"snapshots/capture.cpp", "a class of changes keeps its name in evidence: apt-source"},
    {"orchestrator/feeds/", "one of the feeds is the security tracker of that family"},
    {"orchestrator/cli/feed.cpp", "one of the feeds is the security tracker of that family"},
    {"orchestrator/cli/urgency_view.cpp", "it shows what that tracker says"},
    {"orchestrator/families/archive.cpp", "it refuses what is no package in the family's words"},
};

TEST(House, only_a_family_names_its_own_tools) {
    static const std::regex tools(R"(dpkg|apt-|"apt |debian|\.deb\b|debconf|\bucf\b)",
                                  std::regex::icase);
    for (const SourceFile& file : tree()) {
        const bool code = file.path.ends_with(".cpp") || file.path.ends_with(".hpp");
        if (!code ||
            (!file.path.starts_with("orchestrator/") && !file.path.starts_with("snapshots/")))
            continue;
        if (std::any_of(names_a_family.begin(), names_a_family.end(), [&](const auto& may) {
                return file.path.find(may.first) != std::string::npos;
            }))
            continue;
        int number = 0;
        for (const std::string& line : file.lines()) {
            ++number;
            EXPECT_FALSE(std::regex_search(line, tools))
                << file.path << ":" << number << ": " << line
                << "\nAsk families::PackageFamily instead";
        }
    }
}

TEST(House, only_the_local_queue_knows_how_a_worker_is_started_and_watched) {
    for (const SourceFile& file : tree()) {
        const auto is_of = [&](const char* path) { return file.path.starts_with(path); };
        const bool of_runs = is_of("orchestrator/pipeline/") || is_of("orchestrator/cli/run") ||
                             is_of("orchestrator/operations/run");
        if (!of_runs || is_of("orchestrator/pipeline/run/local_queue")) continue;
        for (const char* word : {"start_detached", "inotify", "waitpid", "pidfd"})
            EXPECT_EQ(file.text.find(word), std::string::npos) << file.path << ": " << word;
    }
}

TEST(House, code_outside_the_tests_includes_nothing_of_them) {
    for (const SourceFile& file : tree())
        if (file.is_code() && !file.is_test()) {
            for (const Include& include : includes_of(file))
                EXPECT_FALSE(include.target.starts_with("tests/")) << at(file, include);
        }
}

TEST(House, every_source_names_its_licence) {
    for (const SourceFile& file : tree()) {
        const bool script = file.text.starts_with("#!");
        const bool build = file.path.ends_with("CMakeLists.txt") || file.path.ends_with(".cmake");
        if (!file.is_code() && !script && !build) continue;
        const std::string head = file.text.substr(0, 200);
        EXPECT_NE(head.find("SPDX-License-Identifier: Apache-2.0"), std::string::npos) << file.path;
    }
}

TEST(House, no_file_is_too_long_to_read) {
    for (const SourceFile& file : tree())
        if (file.is_code() && !file.is_test()) {
            EXPECT_LE(file.lines().size(), 500U) << file.path;
        }
}

/// Without what a file quotes as it is (a script, SQL, JSON): breaking that would change it.
SourceFile without_raw_strings(SourceFile file) {
    const std::string opens = "R\"";
    for (std::size_t at = file.text.find(opens); at != std::string::npos;
         at = file.text.find(opens, at + 1)) {
        const std::size_t bracket = file.text.find('(', at);
        if (bracket == std::string::npos) break;
        const std::string closes = ")" + file.text.substr(at + 2, bracket - at - 2) + "\"";
        const std::size_t end = file.text.find(closes, bracket);
        if (end == std::string::npos) break;
        const std::string quoted = file.text.substr(at, end - at);
        file.text.replace(at, quoted.size(),
                          static_cast<std::size_t>(std::count(quoted.begin(), quoted.end(), '\n')),
                          '\n');
    }
    return file;
}

TEST(House, a_line_of_code_fits_into_100_columns) {
    for (const SourceFile& file : tree()) {
        if (!file.is_code() || file.is_test()) continue;
        int number = 0;
        for (const std::string& line : without_raw_strings(file).lines()) {
            ++number;
            const auto continues = [](char c) {
                return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
            };
            const auto bytes_inside = std::count_if(line.begin(), line.end(), continues);
            EXPECT_LE(line.size() - static_cast<std::size_t>(bytes_inside), 100U)
                << file.path << ":" << number;
        }
    }
}

/// What changed is a type until it is printed (snapshots/state.hpp). Its text holds names that a
/// guest chose; whoever searches in it finds what the guest wants found.
TEST(House, nobody_searches_in_the_text_of_a_change) {
    static const std::string any =
        "(?:find|rfind|find_\\w+|starts_with|ends_with|substr|compare)\\(";
    static const std::regex search(
        // a state, or a text made of one; `before` and `after` may also be maps, which have find()
        R"(\b(?:before|after)(?:->|\)\.|\.value\(\)\.|\.value_or\([^)]*\)\.))" + any +
        R"(|\b(?:before|after)\.(?:rfind|find_\w+|starts_with|ends_with|substr|compare)\()" +
        R"(|\w\.(?:before|after)\.)" + any + R"(|\b(?:subject|attribution)\)?(?:\.|->))" + any +
        R"(|\bto_text\([^;]*\)\.)" + any);
    EXPECT_TRUE(std::regex_search("change.after->ends_with(\" x\")", search));
    EXPECT_TRUE(std::regex_search("(*change.before).find(' ')", search));
    EXPECT_TRUE(std::regex_search("to_text(*change.before).find(' ')", search));
    for (const SourceFile& file : tree()) {
        const std::string module = module_of(file.path);
        const bool judges = module == "snapshots" || module == "reports" ||
                            module == "orchestrator/pipeline" ||
                            module == "orchestrator/governance" || module == "orchestrator/cli";
        if (!file.is_code() || file.is_test() || !judges) continue;
        int number = 0;
        for (const std::string& line : file.lines()) {
            ++number;
            const auto names = [&](const char* word) { return line.find(word) != line.npos; };
            const bool of_change = names("before") || names("after") || names("subject") ||
                                   names("attribution") || names("to_text");
            EXPECT_FALSE(of_change && std::regex_search(line, search))
                << file.path << ":" << number << ": ask the members of the state: " << line;
        }
    }
}

/// What a line of a program quotes, without its comments.
std::vector<std::string> quoted_in(const std::string& line) {
    static const std::regex literal(R"re("((?:[^"\\]|\\.)*)")re");
    if (line.find_first_not_of(' ') == line.find("//")) return {};
    return {std::sregex_token_iterator(line.begin(), line.end(), literal, 1), {}};
}

/// Scripts are files of their own, which are embedded: there they are read by shellcheck and
/// perlcritic (.ci/lint), and no value can be pasted into them.
TEST(House, no_shell_or_perl_script_is_quoted_in_the_code) {
    static const std::vector<std::string> signs{"#!/",  "2>&1",  "2>/",    ">/dev/", " && ",
                                                " || ", "; do ", "; then", "sh -c",  "perl -e"};
    static const std::regex script(R"re(R"(sh|bash|pl|perl)\(|run_script\(\s*")re");
    for (const SourceFile& file : tree()) {
        if (!file.is_code() || file.is_test() || module_of(file.path).empty()) continue;
        EXPECT_FALSE(std::regex_search(file.text, script)) << file.path;
        int number = 0;
        for (const std::string& line : file.lines()) {
            ++number;
            for (const std::string& text : quoted_in(line)) {
                for (const std::string& sign : signs)
                    EXPECT_EQ(text.find(sign), std::string::npos)
                        << file.path << ":" << number << " looks like a script: make it a file";
                EXPECT_FALSE(text == "/bin/sh" && file.path != "platform/guest/channel.cpp")
                    << file.path << ":" << number
                    << ": shell_words() and run_script() start shells";
            }
        }
    }
}

TEST(House, no_folder_has_a_name_that_says_nothing) {
    static const std::set<std::string> empty_words{"util",    "utils",   "common", "helper",
                                                   "helpers", "manager", "misc",   "shared"};
    for (const SourceFile& file : tree())
        for (const auto& part : std::filesystem::path(file.path).parent_path())
            EXPECT_FALSE(empty_words.contains(part.string())) << file.path;
}

TEST(House, no_package_mirror_of_this_host_is_written_down) {
    for (const std::string& host : package_mirrors("/etc/apt"))
        for (const SourceFile& file : tree())
            EXPECT_EQ(file.text.find(host), std::string::npos)
                << file.path << " names a package mirror of this host: read it from apt instead";
}

}  // namespace
}  // namespace patchlab::house
