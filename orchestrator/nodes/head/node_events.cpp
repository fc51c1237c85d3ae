// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/nodes/head/node_events.hpp"

#include <optional>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "platform/core/text.hpp"

namespace patchlab::nodes {

namespace {

constexpr std::uintmax_t largest_log = 32U << 20;
constexpr std::size_t longest_event = 64U << 10;

/// The event with its known members only; nullopt: it is none.
std::optional<Json> event_of(std::string_view line) {
    try {
        const Json json = parse_json(line, "event", longest_event);
        const JsonReader in(json, "event");
        from_rfc3339(in.string("time"));
        return Json{{"time", in.string("time")},
                    {"level", in.string("level")},
                    {"stage", in.string("stage")},
                    {"text", in.string("text")}};
    } catch (const Error&) {
        return std::nullopt;
    }
}

}  // namespace

void append_events(const pipeline::RunFolder& run, std::string_view lines) {
    std::error_code none;
    const auto size = fs::file_size(run.events(), none);
    if (!none && size + lines.size() > largest_log) return;
    std::string events;  // added at once: each addition waits for the disk
    for (const std::string_view line : split_lines(lines))
        if (const auto event = event_of(line))
            events += (events.empty() ? "" : "\n") + to_line(*event);
    if (!events.empty()) append_line_durable(run.events(), events);
}

}  // namespace patchlab::nodes
