// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/console/figures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "platform/core/text.hpp"

namespace patchlab::service::console {

namespace {

std::string px(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

/// A count has no decimal; a measure has one as long as it is small.
std::string plain_number(double value) {
    char text[32];
    const bool small = value < 10 && value != std::floor(value);
    std::snprintf(text, sizeof text, small ? "%.1f" : "%.0f", value);
    return text;
}

void svg_text(Writer& out, double x, double y, const char* css, std::string_view text) {
    out.element("text", {{"x", px(x)}, {"y", px(y)}, {"class", css}}, shortened(text, 40));
}

/// An open drawing, in a box that can be scrolled. `words`: what it shows.
class Picture {
  public:
    Picture(Writer& out, const char* css, const std::string& words, double width, double height)
        : box_(out.open("div", {{"class", "picture"}, {"tabindex", "0"}})),
          svg_(out.open("svg", {{"class", css},
                                {"role", "img"},
                                {"aria-label", words},
                                {"viewBox", "0 0 " + px(width) + " " + px(height)},
                                {"width", px(width)},
                                {"height", px(height)}})) {}
    Picture(const Picture&) = delete;
    Picture& operator=(const Picture&) = delete;

  private:
    Writer::Element box_;
    Writer::Element svg_;
};

double median_of(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// topology
constexpr double machine_width = 150, machine_height = 52, machine_gap = 24, network_gap = 40;

double machine_x(std::size_t at) { return static_cast<double>(at) * (machine_width + machine_gap); }

void draw_machine(Writer& out, const Json& machine, std::size_t at) {
    const double x = machine_x(at);
    const std::string name = text_at(machine, "name");
    {
        const auto box = out.open("rect", {{"class", "machine " + text_at(machine, "criticality")},
                                           {"x", px(x)},
                                           {"y", "1"},
                                           {"width", px(machine_width)},
                                           {"height", px(machine_height)},
                                           {"rx", "8"}});
    }
    svg_text(out, x + 12, 22, "machine-name", shortened(name, 18));
    svg_text(out, x + 12, 41, "machine-note", shortened(text_at(machine, "image"), 22));
}

void draw_network(Writer& out, const Json& network, const Json& machines, std::size_t line,
                  double width) {
    const double y = machine_height + static_cast<double>(line + 1) * network_gap;
    svg_text(out, 4, y - 6, "network-name", text_at(network, "name"));
    for (const Json& member : list_at(network, "members"))
        for (std::size_t i = 0; i < machines.size(); ++i)
            if (text_at(machines[i], "name") == text_at(member, "machine")) {
                const std::string x =
                    px(machine_x(i) + machine_width - 20 - 12 * static_cast<double>(line));
                const auto wire = out.open("line", {{"class", "wire"},
                                                    {"x1", x},
                                                    {"x2", x},
                                                    {"y1", px(machine_height)},
                                                    {"y2", px(y)}});
            }
    const auto bus = out.open(
        "line",
        {{"class", "network"}, {"x1", "0"}, {"x2", px(width)}, {"y1", px(y)}, {"y2", px(y)}});
}

}  // namespace

void topology(Writer& out, const Json& lab) {
    const Json &machines = list_at(lab, "machines"), &networks = list_at(lab, "networks");
    if (machines.empty()) return;
    const double width = machine_x(machines.size()) - machine_gap + 2;
    const double height = machine_height + static_cast<double>(networks.size()) * network_gap + 8;
    std::string words = std::to_string(machines.size()) + " machines";
    for (const Json& network : networks) words += ", network " + text_at(network, "name");
    const Picture picture(out, "topology", words, width, height);
    for (std::size_t i = 0; i < networks.size(); ++i)
        draw_network(out, networks[i], machines, i, width);
    for (std::size_t i = 0; i < machines.size(); ++i) draw_machine(out, machines[i], i);
}

void distribution(Writer& out, std::string_view title, const std::vector<Sample>& samples,
                  std::string_view unit) {
    constexpr double label_width = 110, scale_width = 420, value_width = 90, line_height = 26;
    double most = 0;
    for (const Sample& sample : samples)
        for (const double value : sample.values) most = std::max(most, value);
    if (most <= 0) return;
    const double width = label_width + scale_width + value_width;
    const double height = static_cast<double>(samples.size()) * line_height + 4;
    std::string words(title);
    for (const Sample& sample : samples)
        words += ", " + sample.label + " median " + plain_number(median_of(sample.values)) + " " +
                 std::string(unit);
    const Picture picture(out, "distribution", words, width, height);
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double y = static_cast<double>(i) * line_height + 4;
        const auto at = [&](double value) { return label_width + value / most * scale_width; };
        svg_text(out, 0, y + 15, "axis", samples[i].label);
        for (const double value : samples[i].values) {
            const auto mark = out.open("line", {{"class", std::string("tick ") + samples[i].tone},
                                                {"x1", px(at(value))},
                                                {"x2", px(at(value))},
                                                {"y1", px(y + 4)},
                                                {"y2", px(y + 18)}});
        }
        const double median = median_of(samples[i].values);
        {
            const auto bar = out.open("rect", {{"class", std::string("median ") + samples[i].tone},
                                               {"x", px(at(median) - 1.5)},
                                               {"y", px(y)},
                                               {"width", "3"},
                                               {"height", "22"}});
        }
        svg_text(out, label_width + scale_width + 10, y + 15, "axis",
                 plain_number(median) + " " + std::string(unit));
    }
}

void bars(Writer& out, std::string_view title, const std::vector<Bar>& values,
          std::string_view unit) {
    constexpr double bar_width = 46, bar_gap = 14, bar_height = 120;
    double most = 0;
    for (const Bar& bar : values) most = std::max(most, bar.value.value_or(0));
    if (values.empty()) return;
    const double width = static_cast<double>(values.size()) * (bar_width + bar_gap);
    std::string words(title);
    for (const Bar& bar : values)
        words += ", " + bar.label + ": " +
                 (bar.value ? plain_number(*bar.value) + " " + std::string(unit) : "not known");
    const Picture picture(out, "bars", words, width, bar_height + 40);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double x = static_cast<double>(i) * (bar_width + bar_gap);
        svg_text(out, x, bar_height + 32, "axis", values[i].label);
        if (!values[i].value) {
            svg_text(out, x, bar_height + 12, "axis", "\u2013");
            continue;
        }
        const double high = most > 0 ? *values[i].value / most * bar_height : 0;
        {
            const auto bar = out.open("rect", {{"class", "bar"},
                                               {"x", px(x)},
                                               {"y", px(bar_height - high + 16)},
                                               {"width", px(bar_width)},
                                               {"height", px(std::max(high, 1.0))},
                                               {"rx", "3"}});
        }
        svg_text(out, x, bar_height - high + 12, "axis", plain_number(*values[i].value));
    }
}

}  // namespace patchlab::service::console
