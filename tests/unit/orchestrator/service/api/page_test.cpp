// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/api/page.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>

#include "platform/core/error.hpp"

namespace patchlab::service::api {
namespace {

/// What an operation answers: the first so many.
Json answer(const std::deque<int>& numbers, const Page& page) {
    Json items = Json::array();
    const std::size_t most = page.filter().at("limit").get<std::size_t>();
    for (const int number : numbers) {
        if (items.size() == most) break;
        items.push_back({{"id", "r-" + std::to_string(number)}});
    }
    return {{"runs", items}};
}

Parameters asking(const std::string& limit, const Json& cursor) {
    Parameters parameters{{"limit", limit}};
    if (cursor.is_string()) parameters.emplace_back("cursor", cursor.get<std::string>());
    return parameters;
}

TEST(Pages, tell_each_item_once_while_new_ones_come) {
    std::deque<int> numbers;
    for (int i = 0; i < 25; ++i) numbers.push_front(i);
    std::vector<std::string> seen;
    Json cursor = nullptr;
    for (int pages = 0; pages < 10; ++pages) {
        const Page page = page_from("run.list", asking("10", cursor), Json::object());
        Json response = answer(numbers, page);
        cut_page(response, "runs", page, false);
        for (const Json& item : response.at("runs")) seen.push_back(item.at("id"));
        cursor = response.at("next_cursor");
        if (cursor.is_null()) break;
        numbers.push_front(100 + pages);
    }
    ASSERT_EQ(seen.size(), 25U);
    EXPECT_EQ(seen.front(), "r-24");
    EXPECT_EQ(seen.back(), "r-0");
}

TEST(Pages, of_a_list_with_the_newest_last_begin_with_the_newest) {
    const Page page = page_from("audit.list", {{"limit", "2"}}, Json::object());
    Json response{{"rows", {{{"id", 1}}, {{"id", 2}}, {{"id", 3}}}}};
    cut_page(response, "rows", page, true);
    EXPECT_EQ(response.at("rows"), Json({{{"id", 2}}, {{"id", 3}}}));
    EXPECT_TRUE(response.at("next_cursor").is_string());
}

TEST(Pages, a_cursor_belongs_to_its_question) {
    const Page page = page_from("run.list", {{"limit", "1"}, {"lab", "a"}}, Json::object());
    Json response{{"runs", {{{"id", "a"}}, {{"id", "b"}}}}};
    cut_page(response, "runs", page, false);
    const std::string cursor = response.at("next_cursor");
    EXPECT_NO_THROW(page_from("run.list", {{"lab", "a"}, {"cursor", cursor}}, Json::object()));
    EXPECT_THROW(page_from("run.list", {{"lab", "b"}, {"cursor", cursor}}, Json::object()), Error);
    EXPECT_THROW(page_from("lab.list", {{"lab", "a"}, {"cursor", cursor}}, Json::object()), Error);
}

RC_GTEST_PROP(Pages, a_cursor_survives_its_text, (std::size_t after, const std::string& bytes)) {
    std::string item;
    for (const char c : bytes)
        if (c >= ' ') item += c;
    const Cursor cursor{after >> 1, item, "q"};
    const auto read = Cursor::from(cursor.text());
    RC_PRE(cursor.text().size() <= 2048);
    RC_ASSERT(read.has_value());
    RC_ASSERT(read->after == cursor.after && read->item == item);
}

RC_GTEST_PROP(Pages, any_text_is_a_cursor_or_none, (const std::string& text)) {
    (void)Cursor::from(text);
}

}  // namespace
}  // namespace patchlab::service::api
