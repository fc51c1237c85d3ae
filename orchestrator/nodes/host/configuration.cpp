// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/nodes/host/configuration.hpp"

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::nodes {

namespace {

constexpr std::string_view node_schema = "patchlab/node/v1";

std::uint64_t bytes_of(const JsonReader& in, const char* key, std::uint64_t usual) {
    const std::int64_t bytes = in.integer_or(key, static_cast<std::int64_t>(usual));
    if (bytes < 0) in.fail(key, "is negative");
    return static_cast<std::uint64_t>(bytes);
}

}  // namespace

fs::path node_configuration_file(const fs::path& state) { return state / "node.json"; }

NodeConfiguration read_node_configuration(const fs::path& state) {
    const fs::path file = node_configuration_file(state);
    const auto text = read_file_if_any(file, 1U << 20);
    if (!text)
        throw Error(ErrorCode::usage,
                    "this host is not set up as a node: there is no " + file.string(),
                    "set it up: patchlab node init NAME --head ADDRESS");
    const Json json = parse_json(*text, file.string());
    const JsonReader in(json, file.string());
    in.expect_schema(node_schema);
    NodeConfiguration configuration;
    configuration.name = in.string("name");
    configuration.head = in.string_or("head", "");
    configuration.head_keys = in.string_or("head_keys", "");
    configuration.files = in.string_or("files", "");
    configuration.cache_bytes = bytes_of(in, "cache_bytes", configuration.cache_bytes);
    configuration.keep_free = bytes_of(in, "keep_free", configuration.keep_free);
    configuration.lost_after = Seconds(in.number_or("lost_after", 60));
    configuration.drain = in.strings_or_empty("drain");
    return configuration;
}

void write_node_configuration(const fs::path& state, const NodeConfiguration& configuration) {
    write_json(node_configuration_file(state),
               {{"schema", node_schema},
                {"name", configuration.name},
                {"head", configuration.head},
                {"head_keys", configuration.head_keys},
                {"files", configuration.files},
                {"cache_bytes", configuration.cache_bytes},
                {"keep_free", configuration.keep_free},
                {"lost_after", configuration.lost_after.count()},
                {"drain", configuration.drain}},
               0640);
}

}  // namespace patchlab::nodes
