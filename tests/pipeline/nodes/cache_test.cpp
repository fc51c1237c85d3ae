// SPDX-License-Identifier: Apache-2.0
//
// What a lab host keeps: fetched once, verified, evicted, never what a run uses.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "orchestrator/nodes/host/cache.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "tests/pipeline/nodes/node_lab.hpp"

namespace patchlab::tests {
namespace {

using nodes::Cache;
using nodes::Material;
using testing::HasSubstr;

class NodeCache : public testing::Test {
  protected:
    /// An image of this content.
    Material image(const std::string& content) const {
        const std::string digest = sha256_hex(content);
        return {
            "image", "an image", digest, {{"images/" + digest + ".qcow2", content.size(), digest}}};
    }
    Cache cache(std::uint64_t most = 1U << 30) const { return Cache(state_, {most, 0}); }
    bool provide(const std::string& content, const Cache::Fetch& fetch, nodes::Uses& uses,
                 std::uint64_t most = 1U << 30) {
        return cache(most).provide(image(content), "r-1", fetch, {[](const std::string&) {}, {}},
                                   uses);
    }
    /// Hands out the content ten bytes at a time.
    static Cache::Fetch source(const std::string& content, int& calls) {
        return [&calls, content](const std::string&, std::uint64_t offset) {
            ++calls;
            return content.substr(std::min<std::size_t>(offset, content.size()), 10);
        };
    }
    bool has(const std::string& content) const {
        return fs::exists(state_ / "images" / (sha256_hex(content) + ".qcow2"));
    }

    TempFolder folder_{fs::temp_directory_path(), "cache"};
    fs::path state_ = folder_.path();
};

TEST_F(NodeCache, a_content_is_fetched_once) {
    nodes::Uses uses;
    int calls = 0;
    const std::string content(95, 'x');
    EXPECT_TRUE(provide(content, source(content, calls), uses));
    EXPECT_EQ(calls, 10);
    EXPECT_FALSE(provide(content, source(content, calls), uses));
    EXPECT_EQ(calls, 10);
    EXPECT_EQ(read_file(state_ / "images" / (sha256_hex(content) + ".qcow2")), content);
}

TEST_F(NodeCache, goes_on_where_it_was_cut_off) {
    const std::string content(95, 'x');
    int calls = 0;
    const auto cut = [&](const std::string&, std::uint64_t offset) -> std::string {
        if (++calls > 4) throw Error(ErrorCode::lab, "the link broke");
        return content.substr(offset, 10);
    };
    nodes::Uses uses;
    EXPECT_THROW(provide(content, cut, uses), Error);
    EXPECT_FALSE(has(content));
    calls = 0;
    EXPECT_TRUE(provide(content, source(content, calls), uses));
    EXPECT_EQ(calls, 6);
}

TEST_F(NodeCache, what_is_not_what_its_digest_says_never_gets_its_name) {
    const std::string content(95, 'x'), other(95, 'y');
    int calls = 0;
    nodes::Uses uses;
    EXPECT_THROW(provide(content, source(other, calls), uses), Error);
    EXPECT_FALSE(has(content));
    EXPECT_TRUE(provide(content, source(content, calls), uses));  // from its beginning
}

TEST_F(NodeCache, a_beginning_that_was_damaged_is_not_kept) {
    const std::string content(95, 'x');
    const fs::path part = state_ / "cache" / "partial" / ("image-" + sha256_hex(content)) /
                          "images" / (sha256_hex(content) + ".qcow2");
    make_folder(part.parent_path());
    write_file_atomic(part, "damaged");
    int calls = 0;
    nodes::Uses uses;
    EXPECT_THROW(provide(content, source(content, calls), uses), Error);
    EXPECT_TRUE(provide(content, source(content, calls), uses));
}

TEST_F(NodeCache, several_who_want_the_same_wait_for_one_download) {
    const std::string content(500, 'x');
    std::atomic<int> calls{0}, fetched{0};
    const auto slow = [&](const std::string&, std::uint64_t offset) {
        ++calls;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        return content.substr(std::min<std::size_t>(offset, content.size()), 10);
    };
    std::vector<std::thread> runs;
    for (int i = 0; i < 4; ++i)
        runs.emplace_back([&, i] {
            nodes::Uses uses;
            if (cache().provide(image(content), "r-" + std::to_string(i), slow,
                                {[](const std::string&) {}, {}}, uses))
                ++fetched;
        });
    for (std::thread& run : runs) run.join();
    EXPECT_EQ(fetched, 1);
    EXPECT_EQ(calls, 50);
}

TEST_F(NodeCache, what_was_not_used_for_longest_goes_first_and_what_is_used_never) {
    const std::string oldest(40'000, 'a'), used(40'000, 'b'), fresh(40'000, 'c');
    int calls = 0;
    const auto whole = [&](const std::string& content) {
        return [content](const std::string&, std::uint64_t offset) {
            return content.substr(std::min<std::size_t>(offset, content.size()));
        };
    };
    nodes::Uses kept;
    provide(used, whole(used), kept, 100'000);
    {
        nodes::Uses gone;
        provide(oldest, whole(oldest), gone, 100'000);
    }
    nodes::Uses uses;
    provide(fresh, whole(fresh), uses, 100'000);
    EXPECT_TRUE(has(used));
    EXPECT_TRUE(has(fresh));
    EXPECT_FALSE(has(oldest));
    EXPECT_THROW(provide(oldest, whole(oldest), uses, 100'000), Error);  // both are used
    EXPECT_EQ(calls, 0);
}

class NodeCacheOfHost : public NodeTest {};

TEST_F(NodeCacheOfHost, the_second_run_of_a_host_fetches_nothing) {
    LabHost host(head, "lab1");
    const std::string first = submitted();
    EXPECT_THAT(host.work(first, 1).err, HasSubstr("fetching image played"));
    const std::string second = submitted();
    const auto worked = host.work(second, 1);
    EXPECT_EQ(worked.exit_code, 0);
    EXPECT_THAT(worked.err, testing::Not(HasSubstr("fetching")));
    EXPECT_THAT(host.run({"node", "check"}).out, HasSubstr("image-"));
}

}  // namespace
}  // namespace patchlab::tests
