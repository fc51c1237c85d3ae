// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/secret_input.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

constexpr std::size_t longest_secret = 4096;

std::string first_line(int descriptor, const std::string& what) {
    std::string line;
    char c = 0;
    for (;;) {
        const ssize_t count = ::read(descriptor, &c, 1);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0)
            throw Error(ErrorCode::usage,
                        what + " cannot be read: " + std::string(std::strerror(errno)));
        if (count == 0 || c == '\n') break;
        line += c;
        if (line.size() > longest_secret) throw Error(ErrorCode::invalid, what + " is too long");
    }
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

/// Turns the echo of the terminal off while it lives.
class Silence {
  public:
    explicit Silence(int terminal) : terminal_(terminal) {
        known_ = ::tcgetattr(terminal_, &before_) == 0;
        if (!known_) return;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(terminal_, TCSAFLUSH, &quiet);
    }
    ~Silence() {
        if (known_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

  private:
    int terminal_;
    bool known_ = false;
    termios before_{};
};

void write_on(int terminal, const std::string& text) {
    if (::write(terminal, text.data(), text.size()) < 0)
        throw Error(ErrorCode::usage, "the terminal cannot be written to");
}

std::string ask_on(int terminal, const std::string& prompt) {
    write_on(terminal, prompt + ": ");
    std::string answer;
    {
        const Silence silence(terminal);
        answer = first_line(terminal, prompt);
    }
    write_on(terminal, "\n");
    return answer;
}

}  // namespace

std::string ask_secret(const std::string& prompt, int descriptor, bool twice) {
    std::string secret;
    if (descriptor >= 0) {
        secret = first_line(descriptor, prompt);
    } else {
        const UniqueFd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
        if (!terminal)
            throw Error(ErrorCode::usage, "there is no terminal to ask on: " + prompt,
                        "hand it over through a descriptor: --fd 0 reads the standard input");
        secret = ask_on(terminal.get(), prompt);
        if (twice && ask_on(terminal.get(), prompt + ", once more") != secret)
            throw Error(ErrorCode::invalid, "the two differ", "nothing was changed; try again");
    }
    if (secret.empty()) throw Error(ErrorCode::invalid, prompt + ": nothing was given");
    return secret;
}

}  // namespace patchlab::cli
