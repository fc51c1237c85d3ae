// SPDX-License-Identifier: Apache-2.0
#include "platform/core/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>

namespace patchlab {

void log_to_file(const std::filesystem::path& file) {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string());
    auto logger = std::make_shared<spdlog::logger>("patchlab", sink);
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    logger->set_level(spdlog::level::debug);
    logger->flush_on(spdlog::level::debug);
    spdlog::set_default_logger(std::move(logger));
}

}  // namespace patchlab
