// SPDX-License-Identifier: Apache-2.0
//
// Feeds for tests: the golden files, and a sink that remembers.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "orchestrator/feeds/answers.hpp"
#include "orchestrator/feeds/feed_store.hpp"
#include "orchestrator/feeds/readers/readers.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::feeds {

inline fs::path golden(const std::string& name) {
    return fs::path(PATCHLAB_SOURCE) / "tests/golden/feed" / name;
}
inline std::string golden_text(const std::string& name) { return read_file(golden(name)); }

struct Remembered final : FeedSink {
    void take(const Exploited& one) override { exploited.push_back(one); }
    void take(const SsvcAnswers& one) override { ssvc.push_back(one); }
    void take(const EpssScore& one) override { epss.push_back(one); }
    void take(const DebianState& one) override { debian.push_back(one); }
    void take(const Fix& one) override { fixes.push_back(one); }
    void take(const VexStatement& one) override { vex.push_back(one); }
    std::vector<Exploited> exploited;
    std::vector<SsvcAnswers> ssvc;
    std::vector<EpssScore> epss;
    std::vector<DebianState> debian;
    std::vector<Fix> fixes;
    std::vector<VexStatement> vex;
};

inline Document read_text(Kind kind, std::string_view text, FeedSink& sink) {
    ByteSource source(text);
    return read_feed(kind, source, "FILE", sink);
}

/// Why a text is refused; empty: it is not.
inline std::string refusal_of(Kind kind, std::string_view text) {
    Remembered sink;
    try {
        read_text(kind, text, sink);
        return "";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid);
        return error.what();
    }
}

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

/// A store in a folder of its own, at noon of a day shortly after the golden files.
class FeedsTest : public testing::Test {
  protected:
    fs::path file(const std::string& name, std::string_view text) const {
        write_file_atomic(folder_.path() / name, text);
        return folder_.path() / name;
    }
    FeedAdded add(FeedRequest request) {
        request.by = "rhea";
        return FeedStore(database_).add(request, now_,
                                        [&](const FeedRow&, const std::function<void()>& change) {
                                            database_.transaction(change);
                                        });
    }
    FeedAdded add(const fs::path& path) { return add(FeedRequest{.file = path}); }
    FeedAdded add_text(const std::string& name, std::string_view text) {
        return add(file(name, text));
    }
    /// Why it is refused; empty: it is not.
    std::string refusal(const FeedRequest& request) {
        try {
            add(request);
            return "";
        } catch (const Error& error) {
            code_ = error.code();
            return error.what();
        }
    }
    CveAnswers about(const std::string& cve, const std::vector<std::string>& packages = {}) {
        return AnswerBook(database_, now_).about(cve, packages);
    }

    TempFolder folder_{fs::temp_directory_path(), "feeds"};
    store::Database database_{folder_.path() / "store.db", migrations()};
    TimePoint now_ = from_rfc3339("2026-11-30T12:00:00Z");
    ErrorCode code_ = ErrorCode::internal;
};

}  // namespace patchlab::feeds
