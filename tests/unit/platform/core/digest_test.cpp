// SPDX-License-Identifier: Apache-2.0
#include "platform/core/digest.hpp"

#include <gtest/gtest.h>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab {
namespace {

TEST(Sha256, gives_the_standards_example_values) {  // FIPS 180-4
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex("abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, is_the_same_in_pieces_and_from_a_file_larger_than_any_buffer) {
    const std::string bytes(3'000'001, 'q');
    Sha256 pieces;
    pieces.update(std::string_view(bytes).substr(0, 1));
    pieces.update(std::string_view(bytes).substr(1));
    const std::string whole = sha256_hex(bytes);
    EXPECT_EQ(pieces.finish(), whole);
    const TempFolder folder(fs::temp_directory_path(), "patchlab-test");
    write_file_atomic(folder.path() / "f", bytes);
    EXPECT_EQ(sha256_file(folder.path() / "f"), whole);
    EXPECT_THROW(sha256_file(folder.path() / "none"), Error);
    EXPECT_THROW(sha256_file(folder.path()), Error);
}

TEST(Base64, gives_the_standards_example_values_both_ways) {  // RFC 4648
    const std::pair<const char*, const char*> examples[] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, coded] : examples) {
        EXPECT_EQ(base64_encode(plain), coded);
        EXPECT_EQ(base64_decode(coded), plain);
    }
    const std::string all("\0\xff\x80\n", 4);
    EXPECT_EQ(base64_decode(base64_encode(all)), all);
}

TEST(Base64, refuses_anything_else) {
    for (const char* text : {"Zg", "Zg=", "Z===", "Zm9v!", "Zm 9v", "Zm9v\n", "_-_-"})
        EXPECT_THROW(base64_decode(text), Error) << text;
}

TEST(RandomHex, has_the_length_asked_for_and_does_not_repeat) {
    EXPECT_EQ(random_hex(16).size(), 32U);
    EXPECT_NE(random_hex(16), random_hex(16));
}

TEST(Hmac, is_that_of_rfc_4231) {
    EXPECT_EQ(hmac_sha256_hex(std::string(20, '\x0b'), "Hi There"),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(hmac_sha256_hex("Jefe", "what do ya want for nothing?"),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hmac_sha256_hex(std::string(131, '\xaa'),
                              "Test Using Larger Than Block-Size Key - Hash Key First"),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

}  // namespace
}  // namespace patchlab
