// SPDX-License-Identifier: Apache-2.0
#include "tests/support/file_server.hpp"

#include <cctype>

#include "platform/core/digest.hpp"

namespace patchlab::tests {

namespace {

/// What a header line says, when it is this header.
std::optional<std::string> header(const std::string& line, const std::string& name) {
    if (line.size() <= name.size() + 1 || line[name.size()] != ':') return std::nullopt;
    for (std::size_t i = 0; i < name.size(); ++i)
        if (std::tolower(static_cast<unsigned char>(line[i])) != name[i]) return std::nullopt;
    std::string value = line.substr(name.size() + 1);
    while (value.starts_with(' ')) value.erase(0, 1);
    while (value.ends_with('\r')) value.pop_back();
    return value;
}

}  // namespace

/// One GET, then the connection is closed; whoever wants more asks again.
void FileServer::talk(int connection) {
    Hearing hearing(connection);
    const auto first = hearing.line();
    if (!first) return;
    std::string known;
    for (auto line = hearing.line(); line && !line->empty(); line = hearing.line())
        if (const auto tag = header(*line, "if-none-match")) known = *tag;
    const auto begin = first->find(' ') + 1;
    const std::string path = first->substr(begin, first->find(' ', begin) - begin);
    before_(path);
    std::optional<std::string> body;
    if (path.find("..") == std::string::npos && fs::is_regular_file(folder_ / path.substr(1)))
        body = read_file_if_any(folder_ / path.substr(1));
    const std::string tag = body ? "\"" + sha256_hex(*body).substr(0, 16) + "\"" : "";
    if (body && known == tag) {
        ++unchanged_;
        say(connection,
            "HTTP/1.1 304 Not Modified\r\nConnection: close\r\nETag: " + tag + "\r\n\r\n");
        return;
    }
    say(connection, std::string("HTTP/1.1 ") + (body ? "200 OK" : "404 Not Found") +
                        "\r\nConnection: close\r\n" + (body ? "ETag: " + tag + "\r\n" : "") +
                        "Content-Length: " + std::to_string(body ? body->size() : 0) + "\r\n\r\n" +
                        body.value_or(""));
}

}  // namespace patchlab::tests
