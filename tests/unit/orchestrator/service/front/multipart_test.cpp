// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/front/multipart.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "platform/core/error.hpp"

namespace patchlab::service::front {
namespace {

std::string part(const std::string& head, const std::string& content) {
    return "--xyz\r\n" + head + "\r\n\r\n" + content + "\r\n";
}
std::string field(const std::string& name, const std::string& value) {
    return part("Content-Disposition: form-data; name=\"" + name + "\"", value);
}

TEST(Multipart, holds_fields_and_files) {
    const std::string body =
        field("source", "ours") +
        part(
            "content-disposition: form-data; name=\"files\"; filename=\"a \\\"b\\\".deb\"\r\n"
            "Content-Type: application/octet-stream",
            std::string("\r\n--xy\0--", 9)) +
        "--xyz--\r\n";
    const auto parts = parts_of(body, "xyz");
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0].name, "source");
    EXPECT_EQ(parts[0].content, "ours");
    EXPECT_FALSE(parts[0].is_file);
    EXPECT_EQ(parts[1].file, "a \"b\".deb");
    EXPECT_TRUE(parts[1].is_file);
    EXPECT_EQ(parts[1].content, std::string_view("\r\n--xy\0--", 9));
}

TEST(Multipart, a_broken_one_is_refused) {
    for (const std::string& body : std::vector<std::string>{
             "", "xyz", "--xyz", "--xyz\r\n\r\n", field("a", "1"), field("a", "1") + "--xyz",
             part("X: y", "1") + "--xyz--", part("no colon", "1") + "--xyz--",
             "--xyz\r\n\r\nheadless\r\n--xyz--",
             part("Content-Disposition: attachment; name=a", "1") + "--xyz--",
             field("a", "1") + "--xyzmore\r\n"})
        EXPECT_THROW(parts_of(body, "xyz"), Error) << body;
    EXPECT_THROW(parts_of(field("a", "1") + field("b", "1") + "--xyz--", "xyz", 1), Error);
}

TEST(Multipart, a_field_that_speaks_of_file_names_is_no_file) {
    const std::string body =
        field("filename", "a.deb") +
        part("Content-Disposition: form-data; name=\"pattern\"; note=\"the filename=\"", "*.deb") +
        part("Content-Disposition: form-data; name=\"files\"; filename*=UTF-8''x.deb", "bytes") +
        "--xyz--\r\n";
    const auto parts = parts_of(body, "xyz");
    ASSERT_EQ(parts.size(), 3U);
    EXPECT_FALSE(parts[0].is_file);
    EXPECT_FALSE(parts[1].is_file);
    EXPECT_TRUE(parts[2].is_file);
}

TEST(Multipart, the_boundary_stands_in_the_type) {
    EXPECT_EQ(boundary_of("multipart/form-data; boundary=xyz"), "xyz");
    EXPECT_EQ(boundary_of("Multipart/Form-Data; charset=utf-8; boundary=\"x z\""), "x z");
    EXPECT_EQ(boundary_of("multipart/mixed; boundary=xyz"), "");
    EXPECT_EQ(boundary_of("multipart/form-data"), "");
    EXPECT_EQ(boundary_of("multipart/form-data; boundary=" + std::string(71, 'x')), "");
}

RC_GTEST_PROP(Multipart, any_bytes_are_parts_or_an_error, (const std::string& bytes)) {
    try {
        for (const Part& one : parts_of("--x\r\n" + bytes, "x")) RC_ASSERT(!one.name.empty());
    } catch (const Error& error) {
        RC_ASSERT(error.code() == ErrorCode::invalid);
    }
}

RC_GTEST_PROP(Multipart, what_was_put_in_comes_out, (const std::string& content)) {
    const std::string whole = "--b0undary\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" +
                              content + "\r\n--b0undary--";
    RC_PRE(content.find("b0undary") == std::string::npos);
    const auto parts = parts_of(whole, "b0undary");
    RC_ASSERT(parts.size() == 1U && parts[0].content == content);
}

}  // namespace
}  // namespace patchlab::service::front
