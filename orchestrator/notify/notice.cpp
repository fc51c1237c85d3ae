// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/notify/notice.hpp"

#include <array>

#include "platform/core/error.hpp"

namespace patchlab::notify {

namespace {

constexpr std::array<std::pair<NoticeKind, std::string_view>, 5> notice_names{
    {{NoticeKind::approval_wanted, "approval-wanted"},
     {NoticeKind::ring_started, "ring-started"},
     {NoticeKind::ring_finished, "ring-finished"},
     {NoticeKind::halted, "halted"},
     {NoticeKind::finished, "finished"}}};

}  // namespace

std::string_view name(NoticeKind kind) {
    for (const auto& [value, word] : notice_names)
        if (value == kind) return word;
    throw Error(ErrorCode::internal, "a kind of notice has no name");
}

NoticeKind notice_kind_from(std::string_view word) {
    for (const auto& [value, known] : notice_names)
        if (known == word) return value;
    throw Error(ErrorCode::invalid, "there are no notices of '" + std::string(word) + "'");
}

}  // namespace patchlab::notify
