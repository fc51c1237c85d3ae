// SPDX-License-Identifier: Apache-2.0
//
// Error: what is thrown when the caller cannot go on. It is printed once, at the door (the command
// line or the API), as
//   patchlab: <what was tried>: <why not>
//   <what to do>
// A failing check, a rejected patch or a refused approval is a value, not an Error.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace patchlab {

/// Why something could not be done. Each code maps to one exit code of the command line (see
/// exit_code()).
enum class ErrorCode {
    usage,              ///< the words of the command line are wrong
    invalid,            ///< a definition, file or argument has wrong content; nothing was started
    not_found,          ///< the named thing does not exist
    conflict,           ///< the thing exists already, or is in use
    not_allowed,        ///< policy, role or separation of duties
    not_authenticated,  ///< it is not proven who acts: log in, or log in again
    refused,            ///< the answer is no: verification failed, not promotable
    lab,  ///< the lab or the host failed (tool missing, disk full, guest gone); says nothing about
          ///< a patch
    timeout,  ///< a deadline passed
    internal  ///< a bug in patchlab
};

/// The stable name of a code, as used in JSON ("not-found").
std::string_view name(ErrorCode code);

/// The exit code of the command line for an error of this kind: 2 wrong words or definition, 1 the
/// answer is no, 4 not allowed, 3 the lab or host failed.
int exit_code(ErrorCode code);

/// An error with the cause and the facts that each layer on the way up added. Thread safety: as a
/// value.
class Error : public std::exception {
  public:
    /// `message`: why not, one line, without trailing full stop. `advice`: what the user can do
    /// about it, may be empty.
    Error(ErrorCode code, std::string message, std::string advice = {});

    ErrorCode code() const { return code_; }
    /// The cause alone, as thrown at the bottom.
    const std::string& message() const { return message_; }
    const std::string& advice() const { return advice_; }
    /// "while cloning machine 'web': while creating overlay: <message>", outermost first.
    const char* what() const noexcept override { return what_.c_str(); }

    /// Adds what the catching layer was doing ("cloning machine 'web'"); rethrow with `throw;`.
    Error& during(std::string_view activity);

  private:
    void compose();
    ErrorCode code_;
    std::string message_;
    std::string advice_;
    std::vector<std::string> context_;
    std::string what_;
};

/// Runs `work` and adds `activity` to any Error that leaves it.
template <typename Work>
auto during(std::string_view activity, Work&& work) -> decltype(work()) {
    try {
        return work();
    } catch (Error& error) {
        error.during(activity);
        throw;
    }
}

}  // namespace patchlab
