// SPDX-License-Identifier: Apache-2.0
#include "snapshots/redact.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchlab::snapshots {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Redact, takes_out_what_is_assigned_to_a_secret) {
    const std::pair<const char*, const char*> lines[]{
        {"password=hunter2", "password=[redacted]"},
        {"DB_PASSWORD = \"two words\"  # note", "DB_PASSWORD = [redacted]  # note"},
        {"  api_key: abc-123", "  api_key: [redacted]"},
        {"{\"client_secret\": \"s3cr3t\", \"port\": 80}",
         "{\"client_secret\": [redacted], \"port\": 80}"},
        {"Environment=A_TOKEN=abc B=c", "Environment=A_TOKEN=[redacted] B=c"},
        {"requirepass hunter2", "requirepass [redacted]"},
        {"ExecStart=/usr/bin/x --password hunter2 -v",
         "ExecStart=/usr/bin/x --password [redacted] -v"},
        {"machine h login u password p", "machine h login u password [redacted]"},
        {"url = postgres://u:p4ss@db/x", "url = postgres://u:[redacted]@db/x"},
        {"Authorization: Bearer abcdef", "Authorization: [redacted]"},
        {"root:$y$j9T$abcdefghij$klmnopqrstuv:19000:", "root:[redacted]:19000:"},
        {"rootpw {SSHA}abcdefgh", "rootpw [redacted]"},
        {"key AKIAABCDEFGHIJKLMNOP end", "key [redacted] end"},
        {"password=abc --token xyz", "password=[redacted] --token [redacted]"},
    };
    for (const auto& [line, expected] : lines) {
        const Redacted redacted = redact(line);
        EXPECT_EQ(redacted.text, expected);
        EXPECT_GE(redacted.count, 1U) << line;
    }
}

TEST(Redact, leaves_what_only_looks_like_a_secret) {
    for (const char* line :
         {"PasswordAuthentication no", "PermitEmptyPasswords=no",
          "password\t[success=1 default=ignore]\tpam_unix.so obscure use_authtok",
          "passwd:         files systemd", "server_tokens off;", "proxy_pass http://127.0.0.1:80;",
          "client_max_body_size 1m;", "ssl_certificate_key /etc/ssl/private/x.key;",
          "LoadCredential=db:/etc/db", "bypass=1", "password=${DB_PASSWORD}",
          "GRUB_CMDLINE_LINUX=\"quiet\"", "u acme-agent - \"Acme\" /var/lib/acme"}) {
        EXPECT_EQ(redact(line).text, line);
        EXPECT_EQ(redact(line).count, 0U) << line;
    }
}

TEST(Redact, takes_out_a_private_key_whole_and_keeps_the_lines_around_it) {
    const Redacted redacted = redact(
        "before\n-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\nBBBB\n-----END OPENSSH PRIVATE "
        "KEY-----\nafter\n");
    EXPECT_THAT(redacted.text, HasSubstr("before\n[redacted]"));
    EXPECT_THAT(redacted.text, HasSubstr("after\n"));
    EXPECT_THAT(redacted.text, Not(HasSubstr("AAAA")));
    EXPECT_EQ(redacted.count, 1U);
    EXPECT_THAT(redact("-----BEGIN RSA PRIVATE KEY-----\ncut off").text, Not(HasSubstr("cut")));
}

TEST(Redact, is_quick_with_lines_made_to_be_slow) {
    for (const char* piece : {"password=$", "://", "= = ", "$6$", "{SSHA", "password ", "a:"}) {
        std::string line;
        while (line.size() < 65536) line += piece;
        EXPECT_FALSE(redact(line).text.empty());
    }
}

}  // namespace
}  // namespace patchlab::snapshots
