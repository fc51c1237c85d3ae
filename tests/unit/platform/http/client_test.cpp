// SPDX-License-Identifier: Apache-2.0
#include "platform/http/client.hpp"

#include <gtest/gtest.h>

#include "platform/core/error.hpp"

namespace patchlab::http {
namespace {

TEST(Addresses, are_a_host_a_port_and_what_stands_before_every_path) {
    const ServerAddress plain = server_address("https://patchlab.example.com");
    EXPECT_EQ(plain.host, "patchlab.example.com");
    EXPECT_EQ(plain.port, "443");
    EXPECT_EQ(plain.base, "");
    const ServerAddress whole = server_address("https://[::1]:8443/lab/");
    EXPECT_EQ(whole.host, "[::1]");
    EXPECT_EQ(whole.port, "8443");
    EXPECT_EQ(whole.base, "/lab");
    EXPECT_EQ(server_address("https://[::1]/").port, "443");
}

TEST(Addresses, of_another_kind_are_refused) {
    for (const char* text :
         {"", "https://", "http://lab", "lab:8443", "https://vera:secret@lab", "https://lab:x",
          "https://lab:", "https://lab:0", "https://lab:65536", "https://lab:99999",
          "https://lab?x=1", "https://lab/a#b", "https://lab /", "https://l\nab"})
        EXPECT_THROW(server_address(text), Error) << text;
}

TEST(Clients, say_that_nobody_answers) {
    try {
        const Client client(server_address("https://127.0.0.1:1"), {});
        FAIL() << "somebody answered";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::lab);
        EXPECT_NE(std::string(error.what()).find("https://127.0.0.1:1 does not answer"),
                  std::string::npos)
            << error.what();
    }
}

}  // namespace
}  // namespace patchlab::http
