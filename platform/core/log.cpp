// SPDX-License-Identifier: Apache-2.0
#include "platform/core/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <string>

namespace patchlab {

void log_to_file(const std::filesystem::path& file) {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string());
    auto logger = std::make_shared<spdlog::logger>("patchlab", sink);
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    logger->set_level(spdlog::level::debug);
    logger->flush_on(spdlog::level::debug);
    spdlog::set_default_logger(std::move(logger));
}

namespace {

/// As an argument, never as a format: what is logged may come from a guest.
void log(spdlog::level::level_enum level, std::string_view text) {
    spdlog::log(level, "{}", std::string(text));
}

}  // namespace

void log_debug(std::string_view text) { log(spdlog::level::debug, text); }
void log_warning(std::string_view text) { log(spdlog::level::warn, text); }
void log_error(std::string_view text) { log(spdlog::level::err, text); }

}  // namespace patchlab
