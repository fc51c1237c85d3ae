// SPDX-License-Identifier: Apache-2.0
#include "tests/support/file_server.hpp"

namespace patchlab::tests {

/// One GET, then the connection is closed; whoever wants more asks again.
void FileServer::talk(int connection) {
    Hearing hearing(connection);
    const auto first = hearing.line();
    if (!first) return;
    for (auto line = hearing.line(); line && !line->empty(); line = hearing.line()) {
    }
    const auto begin = first->find(' ') + 1;
    const std::string path = first->substr(begin, first->find(' ', begin) - begin);
    before_(path);
    std::optional<std::string> body;
    if (path.find("..") == std::string::npos && fs::is_regular_file(folder_ / path.substr(1)))
        body = read_file_if_any(folder_ / path.substr(1));
    say(connection, std::string("HTTP/1.1 ") + (body ? "200 OK" : "404 Not Found") +
                        "\r\nConnection: close\r\nContent-Length: " +
                        std::to_string(body ? body->size() : 0) + "\r\n\r\n" + body.value_or(""));
}

}  // namespace patchlab::tests
