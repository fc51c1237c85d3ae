// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/config.hpp"

#include <iostream>

#include "cli_files.hpp"
#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/schema.hpp"
#include "platform/core/yaml.hpp"

namespace patchlab::cli {

namespace {

constexpr std::uint64_t max_config_bytes = 1U << 16;
constexpr const char* system_file = "/etc/patchlab/patchlab.yaml";

void take_file(Config& config, const std::filesystem::path& file, const std::string& text) {
    static const Schema schema(embedded::cli_files::file("config.schema.json"));
    Diagnostics mistakes;
    const YamlDocument document = parse_yaml(text, file.string(), mistakes);
    if (mistakes.ok()) schema.check(document, mistakes);
    mistakes.throw_if_any("reading the configuration " + file.string());
    for (const auto& [key, value] : document.value.items())
        if (key != "schema")
            config[key] = {
                value.get<std::string>(),
                file.string() + ":" + std::to_string(document.line_of(json_pointer("", key)))};
}

void print_config(Context& context, const Json& document, bool origin) {
    context.print(document, [&] {
        Rows rows;
        for (const JsonReader& one : JsonReader(document, "configuration").objects("values"))
            rows.push_back({one.string("key"), one.string_or("value", "-"), one.string("origin")});
        std::vector<Column> columns{"KEY", "VALUE"};
        if (origin) columns.emplace_back("ORIGIN");
        print_table(context, columns, rows);
    });
}

}  // namespace

std::filesystem::path own_file(const std::string& name) {
    std::string home = environment("XDG_CONFIG_HOME");
    if (home.empty() && !environment("HOME").empty()) home = environment("HOME") + "/.config";
    return home.empty() ? std::filesystem::path() : std::filesystem::path(home) / "patchlab" / name;
}

std::vector<std::filesystem::path> config_files() {
    if (const std::string named = environment("PATCHLAB_CONFIG"); !named.empty()) return {named};
    std::vector<std::filesystem::path> files{system_file};
    if (const auto own = own_file("patchlab.yaml"); !own.empty()) files.push_back(own);
    return files;
}

Config read_config() {
    Config config;
    const bool named = !environment("PATCHLAB_CONFIG").empty();
    for (const std::filesystem::path& file : config_files()) {
        const auto text = read_file_if_any(file, max_config_bytes);
        if (text) take_file(config, file, *text);
        else if (named)
            throw Error(ErrorCode::not_found, "there is no configuration " + file.string(),
                        "PATCHLAB_CONFIG names it");
    }
    return config;
}

void add_config(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand("config", "the configuration of this command line");
    noun->require_subcommand(1);
    CLI::App* verb = noun->add_subcommand("show", "show the values that hold now");
    auto origin = std::make_shared<bool>(false);
    verb->add_flag("--origin", *origin, "with where each comes from");
    add_output_options(*verb, context);
    verb->footer(
        "Files: /etc/patchlab/patchlab.yaml, then ~/.config/patchlab/patchlab.yaml, or "
        "the one that PATCHLAB_CONFIG names.");
    verb->callback([&context, origin] {
        Json values = Json::array();
        for (const auto& [key, value] : context.settings())
            values.push_back({{"key", key},
                              {"value", value.value.empty() ? Json(nullptr) : Json(value.value)},
                              {"origin", value.origin}});
        print_config(context, {{"schema", "patchlab/config-values/v1"}, {"values", values}},
                     *origin);
    });
}

}  // namespace patchlab::cli
