// SPDX-License-Identifier: Apache-2.0
#include "platform/http/gzip.hpp"

#include <gtest/gtest.h>

#include "platform/process/command.hpp"

namespace patchlab::http {
namespace {

Request asking(const std::string& accepted) {
    Request request;
    if (!accepted.empty()) request.fields.emplace_back("accept-encoding", accepted);
    return request;
}

TEST(Gzip, is_sent_only_to_those_who_take_it) {
    for (const char* takes : {"gzip", "br, GZIP", "deflate, gzip;q=0.5", "*", "identity;q=0, *"})
        EXPECT_TRUE(takes_gzip(asking(takes))) << takes;
    for (const char* refuses :
         {"", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0", "*, gzip;q=0", "xgzip", ";;,,"})
        EXPECT_FALSE(takes_gzip(asking(refuses))) << refuses;
}

TEST(Gzip, unpacks_to_what_was_packed) {
    std::string mixed;
    for (unsigned i = 0; i < 70'000; ++i) mixed += static_cast<char>(i * 2654435761U >> 24);
    for (const std::string& text : {std::string(), std::string("a"), std::string(1 << 20, 'x'),
                                    std::string("line\n\0line\n", 10), mixed}) {
        process::CommandSpec command;
        command.program = "gzip";
        command.args = {"--decompress", "--stdout"};
        command.input = gzipped(text);
        command.purpose = "unpacking";
        const auto unpacked = process::SystemCommandRunner().run(command);
        EXPECT_EQ(unpacked.exit_code, 0) << unpacked.err;
        EXPECT_EQ(unpacked.out, text);
    }
    EXPECT_LT(gzipped(std::string(1 << 20, 'x')).size(), 2000U);
}

}  // namespace
}  // namespace patchlab::http
