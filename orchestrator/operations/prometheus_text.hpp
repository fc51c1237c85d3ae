// SPDX-License-Identifier: Apache-2.0
//
// Metrics as Prometheus reads them (text format 0.0.4). Thread safety: one a thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace patchlab::operations {

class PrometheusText {
  public:
    using Labels = std::vector<std::pair<std::string, std::string>>;

    /// Begins a metric; samples of it follow. `type`: "gauge" or "counter".
    void metric(const std::string& name, const char* type, const std::string& help);
    void sample(double value, const Labels& labels = {});
    /// A whole histogram: how many of the values are at most each of the bounds.
    void histogram(const std::string& name, const std::string& help,
                   const std::vector<double>& bounds, const std::vector<double>& values);
    const std::string& text() const { return text_; }

  private:
    void line(const std::string& name, double value, const Labels& labels);

    std::string name_;
    std::string text_;
};

}  // namespace patchlab::operations
