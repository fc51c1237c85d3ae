// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/windows_file.hpp"

#include "inventory_files.hpp"
#include "platform/core/schema.hpp"
#include "platform/core/yaml.hpp"

namespace patchlab::inventory {

assessment::Windows parse_windows(const std::string& yaml, const std::string& file_name,
                                  Diagnostics& diagnostics) {
    Diagnostics own;  // the caller's may hold the mistakes of other files already
    const YamlDocument document = parse_yaml(yaml, file_name, own);
    static const Schema schema(windows_schema());
    if (own.ok()) schema.check(document, own);
    assessment::Windows windows;
    if (own.ok())
        for (const auto& [name, json] : document.value.at("windows").items())
            windows[name] = assessment::read_window(
                json, json_pointer("/windows", name),
                [&](const std::string& path, const std::string& message) {
                    own.add(file_name, document.line_of(path), path, message);
                });
    diagnostics.items.insert(diagnostics.items.end(), own.items.begin(), own.items.end());
    return windows;
}

std::string windows_schema() {
    return std::string(embedded::inventory_files::file("windows.schema.json"));
}

}  // namespace patchlab::inventory
