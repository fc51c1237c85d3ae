// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/run_uid.hpp"

#include <charconv>
#include <sstream>

namespace patchlab::virt {

namespace {

constexpr uid_t first_free = 100'000;  // below it are the accounts of the host
constexpr uid_t last_free = 4'000'000'000;

std::optional<uid_t> number_in(const std::string& text) {
    uid_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

std::optional<UidRange> uids_of_runs(const std::filesystem::path& subuid) {
    std::istringstream lines(read_file_if_any(subuid, 1U << 20).value_or(""));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line);
        std::string name, first, count;
        if (!std::getline(fields, name, ':') || name != "patchlab" ||
            !std::getline(fields, first, ':') || !std::getline(fields, count, ':'))
            continue;
        const auto from = number_in(first), many = number_in(count);
        if (from && many && *many > 0 && *from >= first_free && *from <= last_free - *many)
            return UidRange{*from, *many};
    }
    return std::nullopt;
}

std::optional<RunUid> RunUid::take(const UidRange& range, const std::filesystem::path& locks) {
    make_folder(locks, 0700);
    for (uid_t offset = 0; offset < range.count; ++offset) {
        const uid_t uid = range.first + offset;
        if (auto lock = FileLock::try_acquire(locks / std::to_string(uid)))
            return RunUid(uid, std::move(*lock));
    }
    return std::nullopt;
}

}  // namespace patchlab::virt
