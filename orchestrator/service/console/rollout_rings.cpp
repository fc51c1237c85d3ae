// SPDX-License-Identifier: Apache-2.0
//
// The rings of a rollout as columns, with each host as a square in the colour of its state. Colour
// is never all: the counts say the same in words, and each square has its host's name.
#include <algorithm>

#include "orchestrator/service/console/rollouts.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::service::console {

namespace {

constexpr int square = 14, gap = 3, squares_a_line = 20;

void write_square(Writer& out, const Json& host, std::size_t at) {
    const auto column = static_cast<int>(at % squares_a_line);
    const auto line = static_cast<int>(at / squares_a_line);
    const std::string state = text_at(host, "state");
    const auto box = out.open("rect", {{"class", std::string("host ") + tone_of_host(state)},
                                       {"x", std::to_string(column * (square + gap))},
                                       {"y", std::to_string(line * (square + gap))},
                                       {"width", std::to_string(square)},
                                       {"height", std::to_string(square)},
                                       {"rx", "3"}});
    out.element("title", text_at(host, "name") + ": " + in_words(state));
}

void write_squares(Writer& out, const std::string& ring, const Json& hosts, std::size_t all) {
    const std::size_t shown = std::min(hosts.size(), squares_a_ring);
    const std::size_t lines = (shown + squares_a_line - 1) / squares_a_line;
    const std::string width = std::to_string(squares_a_line * (square + gap));
    const std::string height = std::to_string(lines * (square + gap));
    {
        const auto picture = out.open("svg", {{"class", "hosts"},
                                              {"role", "img"},
                                              {"aria-label", "Hosts of ring " + ring},
                                              {"viewBox", "0 0 " + width + " " + height},
                                              {"width", width},
                                              {"height", height}});
        for (std::size_t i = 0; i < shown; ++i) write_square(out, hosts[i], i);
    }
    if (all > shown)
        out.element("p", {{"class", "note"}}, "and " + number_text(all - shown) + " more hosts");
}

void write_count_words(Writer& out, const Json& counts) {
    const auto list = out.open("ul", {{"class", "counts"}});
    for (const auto& [state, count] : counts.items()) {
        if (!count.is_number()) continue;
        const auto item = out.open("li");
        out.element("span",
                    {{"class", std::string("dot ") + tone_of_host(state)}, {"aria-hidden", "true"}},
                    "");
        out.text(number_text(count.get<std::uint64_t>()) + " " + in_words(state));
    }
}

void ring_time(const View& view, const Json& ring) {
    const std::string state = text_at(ring, "state"), until = text_at(ring, "soak_until");
    std::string at;
    std::string words;
    if (state == "soaking" && !until.empty()) {
        at = until;
        words = "soaks until ";
    } else if (state == "waiting-window") {
        at = text_at(ring, "detail");
        words = "window opens ";
    }
    if (words.empty()) return;
    const auto line = view.out.open("p", {{"class", "countdown"}});
    view.out.text(words);
    moment(view.out, at, view.visit.now);
}

void write_gate(Writer& out, const Json& ring) {
    const std::int64_t wanted = number_at(ring, "to_prove");
    if (wanted == 0) return;
    const std::int64_t proven = number_at(ring, "proven");
    const auto line = out.open("p", {{"class", "gate"}});
    out.text("Proven " + number_text(magnitude(proven)) + " of " + number_text(magnitude(wanted)));
}

void write_one_ring(const View& view, const Json& ring) {
    Writer& out = view.out;
    const std::string name = text_at(ring, "name"), state = text_at(ring, "state");
    const auto item = out.open("li", {{"class", "ring " + state}});
    {
        const auto title = out.open("h3");
        out.guest(name, 80);
        tag(out, tone_of_rollout(state == "passed" ? "finished" : state), in_words(state));
    }
    ring_time(view, ring);
    const Json& hosts = list_at(ring, "first_hosts");
    if (!hosts.empty()) write_squares(out, name, hosts, magnitude(number_at(ring, "hosts")));
    write_count_words(out, object_at(ring, "counts"));
    write_gate(out, ring);
    if (const std::string detail = text_at(ring, "detail");
        !detail.empty() && state != "waiting-window") {
        const auto line = out.open("p", {{"class", "detail"}});
        out.guest(detail, 300);
    }
}

}  // namespace

void write_rings(const View& view, const Json& rollout) {
    const Region section(view.out, "rings", "Rings");
    const auto list = view.out.open("ol", {{"class", "rings"}});
    for (const Json& ring : list_at(rollout, "rings")) write_one_ring(view, ring);
}

}  // namespace patchlab::service::console
