// SPDX-License-Identifier: Apache-2.0
//
// YAML → Suite. The schema finds mistakes of form; here the values become checks, and what the
// schema cannot say is checked.
#include "testsuites/loader.hpp"
#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"

#include <map>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/schema.hpp"
#include "platform/guest/channel.hpp"
#include "suite_files.hpp"

namespace patchlab::testsuites {

namespace {

constexpr Seconds timeout_of_others{900};  ///< of all tests of a tree together, if nobody says
constexpr std::uint64_t max_suite_bytes = 1U << 20;

Seconds duration(const Json& value) {
    if (value.is_number()) return Seconds(value.get<double>());
    return parse_duration(value.get<std::string>()).value_or(Seconds(0));  // the schema checks it
}

std::optional<std::string> text_if_any(const Json& json, const char* key) {
    return json.contains(key) ? std::optional(json.at(key).get<std::string>()) : std::nullopt;
}

/// The names that a thing has elsewhere.
std::vector<std::string> other_names(const Json& json) {
    return json.value("or", std::vector<std::string>());
}

ServiceCheck service(const Json& json) {
    if (json.is_string()) return {json.get<std::string>()};
    return {json.at("unit").get<std::string>(), json.value("state", "active"), other_names(json)};
}

HttpCheck http(const Json& json) {
    HttpCheck check;
    if (json.is_string()) {
        check.url = json.get<std::string>();
        return check;
    }
    check.url = json.at("url").get<std::string>();
    check.status = json.value("status", check.status);
    check.body_contains = json.value("body-contains", "");
    check.method = json.value("method", check.method);
    check.insecure = json.value("insecure", false);
    return check;
}

TcpCheck tcp(const Json& json) {
    TcpCheck check;
    if (json.is_number()) {
        check.port = json.get<int>();
        return check;
    }
    check.host = json.value("host", check.host);
    check.port = json.at("port").get<int>();
    check.send = json.value("send", "");
    check.expect = json.value("expect", "");
    return check;
}

RunCheck run(const Json& json) {
    RunCheck check;
    check.argv = json.at("run").get<std::vector<std::string>>();
    check.input = json.value("input", "");
    check.user = json.value("user", "");
    if (!json.contains("expect")) return check;
    const Json& expect = json.at("expect");
    check.exit = expect.value("exit", 0);
    if (expect.contains("skip-exit")) check.skip_exit = expect.at("skip-exit").get<int>();
    check.unchanged = expect.value("unchanged", false);
    check.stdout_equals = text_if_any(expect, "stdout");
    check.stdout_matches = text_if_any(expect, "stdout-matches");
    check.stderr_matches = text_if_any(expect, "stderr-matches");
    return check;
}

FileCheck file(const Json& json) {
    FileCheck check;
    if (json.is_string()) {
        check.path = json.get<std::string>();
        return check;
    }
    check.path = json.at("path").get<std::string>();
    check.exists = json.value("exists", true);
    check.contains = json.value("contains", "");
    check.mode = json.value("mode", "");
    check.owner = json.value("owner", "");
    return check;
}

PackageCheck package(const Json& json) {
    if (json.is_string()) return {json.get<std::string>()};
    return {json.at("name").get<std::string>(), json.value("version", ""),
            json.value("installed", true), other_names(json)};
}

ProcessCheck process(const Json& json) {
    if (json.is_string()) return {json.get<std::string>()};
    return {json.at("command").get<std::string>(), json.value("at-least", 1),
            json.value("user", ""), other_names(json)};
}

CheckBody body(const Json& json) {
    if (json.contains("service")) return service(json.at("service"));
    if (json.contains("http")) return http(json.at("http"));
    if (json.contains("tcp")) return tcp(json.at("tcp"));
    if (json.contains("run")) return run(json);
    if (json.contains("file")) return file(json.at("file"));
    if (json.contains("package")) return package(json.at("package"));
    if (json.contains("process")) return process(json.at("process"));
    for (const char* format : {"tap", "junit"})
        if (json.contains(format))
            return AdapterCheck{json.at(format).get<std::vector<std::string>>(), format,
                                json.value("user", "")};
    // tests of others: programs of ours run them in the guest and report
    if (json.contains("autopkgtest"))
        return AdapterCheck{{"perl", "-e", std::string(embedded::suite_files::file("dep8.pl")),
                             json.at("autopkgtest").get<std::string>()},
                            "tap",
                            ""};
    if (json.contains("tmt"))
        return AdapterCheck{guest::shell_words(embedded::suite_files::file("tmt.sh"),
                                               {json.at("tmt").get<std::string>()}),
                            "junit", ""};
    return BuiltinCheck{json.at("builtin").get<std::string>()};
}

class Reader {
  public:
    /// `form`: what the schema found. What is wrong by its form is left out.
    Reader(const YamlDocument& document, const Diagnostics& form, Diagnostics& diagnostics)
        : document_(document), form_(form), diagnostics_(diagnostics) {}

    void read(Suite& suite) const {
        const Json& root = document_.value;
        if (root.contains("name") && form_.sound("/name"))
            suite.name = root.at("name").get<std::string>();
        if (form_.sound("/description")) suite.description = root.value("description", "");
        const Json none = Json::array();
        const Json& checks = root.contains("checks") ? root.at("checks") : none;
        std::map<std::string, int> lines;
        for (std::size_t i = 0; checks.is_array() && i < checks.size(); ++i) {
            const Json& json = checks[i];
            const std::string path = "/checks/" + std::to_string(i);
            if (!form_.sound(path)) continue;
            check_what_goes_together(json, path);
            check_patterns(json, path);
            suite.checks.push_back(read_check(json, path));
            const auto [first, fresh] =
                lines.try_emplace(suite.checks.back().name, document_.line_of(path));
            if (!fresh)
                mistake(path + "/name", "another check is called '" + first->first +
                                            "' too (line " + std::to_string(first->second) + ")");
        }
    }

  private:
    void mistake(const std::string& path, const std::string& message) const {
        diagnostics_.add(document_.file, document_.line_of(path), path, message);
    }

    Check read_check(const Json& json, const std::string& path) const {
        Check check{json.at("name").get<std::string>(), body(json)};
        const bool of_others = json.contains("autopkgtest") || json.contains("tmt");
        if (of_others) check.timeout = timeout_of_others;
        if (json.contains("timeout")) check.timeout = duration(json.at("timeout"));
        check.retries = json.value("retries", 0);
        if (json.contains("retry-delay")) check.retry_delay = duration(json.at("retry-delay"));
        check.samples = json.value("samples", 0);
        check.lab_only = json.value("lab-only", of_others);
        if (check.timeout <= Seconds(0)) mistake(path + "/timeout", "must be more than nothing");
        if (check.timeout > Seconds(3600)) mistake(path + "/timeout", "must be at most an hour");
        if (check.retry_delay > Seconds(600))
            mistake(path + "/retry-delay", "must be at most ten minutes");
        return check;
    }

    void check_what_goes_together(const Json& json, const std::string& path) const {
        const auto only_with = [&](const char* key, std::initializer_list<const char*> kinds,
                                   const char* phrase) {
            if (!json.contains(key)) return;
            for (const char* kind : kinds)
                if (json.contains(kind)) return;
            mistake(path + "/" + key, std::string("goes only with ") + phrase);
        };
        only_with("expect", {"run"}, "'run'");
        only_with("input", {"run"}, "'run'");
        only_with("user", {"run", "tap", "junit"}, "'run', 'tap' or 'junit'");
        only_with("samples", {"http", "tcp", "run"}, "'http', 'tcp' or 'run'");
    }

    void check_patterns(const Json& json, const std::string& path) const {
        if (!json.contains("expect")) return;
        for (const char* key : {"stdout-matches", "stderr-matches"}) {
            if (!json.at("expect").contains(key)) continue;
            try {
                matches_pattern("", json.at("expect").at(key).get<std::string>());
            } catch (const Error& error) {
                mistake(path + "/expect/" + key, error.message());
            }
        }
    }

    const YamlDocument& document_;
    const Diagnostics& form_;
    Diagnostics& diagnostics_;
};

}  // namespace

Suite parse_suite(const std::string& yaml, const std::string& file_name, Diagnostics& diagnostics) {
    static const Schema schema(suite_schema());
    Suite suite;
    suite.digest = sha256_hex(yaml);
    Diagnostics own;  // the caller's may hold the mistakes of other files already
    const YamlDocument document = parse_yaml(yaml, file_name, own);
    if (own.ok()) {
        schema.check(document, own);
        const Diagnostics form = own;
        if (document.value.is_object()) Reader(document, form, own).read(suite);
        own.sort_by_line();
    }
    diagnostics.items.insert(diagnostics.items.end(), own.items.begin(), own.items.end());
    return suite;
}

std::vector<std::string> packages_covered(const std::string& yaml, const std::string& name) {
    Diagnostics ignored;
    const Json root = parse_yaml(yaml, name, ignored).value;
    if (!root.is_object() || !root.contains("covers") || !root.at("covers").is_array())
        return {name};
    std::vector<std::string> packages;
    for (const Json& one : root.at("covers"))
        if (one.is_string()) packages.push_back(one.get<std::string>());
    return packages;
}

std::vector<std::string> builtin_suite_names() {
    std::vector<std::string> names;
    for (const std::string_view file : embedded::suite_files::names())
        if (file.ends_with(".yaml")) names.emplace_back(file.substr(0, file.size() - 5));
    return names;
}

std::string builtin_suite_source(const std::string& name) {
    const std::string_view yaml = embedded::suite_files::file(name + ".yaml");
    if (!yaml.empty()) return std::string(yaml);
    const std::string meant = nearest_word(name, builtin_suite_names());
    throw Error(ErrorCode::not_found, "there is no suite '" + name + "'",
                meant.empty() ? "" : "did you mean '" + meant + "'?");
}

Suite builtin_suite(const std::string& name) {
    Diagnostics diagnostics;
    Suite suite = parse_suite(builtin_suite_source(name), name + ".yaml", diagnostics);
    diagnostics.throw_if_any("built-in suite '" + name + "'");
    return suite;
}

std::string suite_schema() { return std::string(embedded::suite_files::file("suite.schema.json")); }

}  // namespace patchlab::testsuites
