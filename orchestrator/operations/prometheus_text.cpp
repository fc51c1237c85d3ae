// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/prometheus_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>

namespace patchlab::operations {

namespace {

/// The shortest text that reads back as the same number.
std::string sample_text(double value) {
    std::array<char, 32> buffer{};
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return error == std::errc() ? std::string(buffer.data(), end) : "NaN";
}

std::string label_text(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\' || c == '"') out += '\\';
        if (c == '\n') out += "\\n";
        else out += c;
    }
    return out;
}

}  // namespace

void PrometheusText::metric(const std::string& name, const char* type, const std::string& help) {
    name_ = name;
    text_ += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

void PrometheusText::line(const std::string& name, double value, const Labels& labels) {
    text_ += name;
    std::string inside;
    for (const auto& [label, word] : labels)
        inside += (inside.empty() ? "" : ",") + label + "=\"" + label_text(word) + "\"";
    if (!inside.empty()) text_ += "{" + inside + "}";
    text_ += " " + sample_text(value) + "\n";
}

void PrometheusText::sample(double value, const Labels& labels) { line(name_, value, labels); }

void PrometheusText::histogram(const std::string& name, const std::string& help,
                               const std::vector<double>& bounds,
                               const std::vector<double>& values) {
    metric(name, "histogram", help);
    for (const double bound : bounds) {
        const auto within = std::count_if(values.begin(), values.end(),
                                          [&](double value) { return value <= bound; });
        line(name + "_bucket", static_cast<double>(within), {{"le", sample_text(bound)}});
    }
    const auto count = static_cast<double>(values.size());
    line(name + "_bucket", count, {{"le", "+Inf"}});
    line(name + "_sum", std::accumulate(values.begin(), values.end(), 0.0), {});
    line(name + "_count", count, {});
}

}  // namespace patchlab::operations
