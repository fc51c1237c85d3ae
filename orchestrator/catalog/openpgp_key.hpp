// SPDX-License-Identifier: Apache-2.0
//
// The OpenPGP key that signs repositories, because stock apt, dnf and zypper check nothing else.
// GnuPG keeps it in a private home (0700) of its own; it is made at first use: RSA 3072, which
// every gpgv and rpm in use understands, signing only, no passphrase (patchlab signs unattended),
// no expiry (a date that nobody watches would stop every host's updates). The agent that gpg starts
// ends with this object; one that outlives a kill ends with the next. Thread safety: one a thread;
// several processes may share a home (they take turns).
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "orchestrator/families/repository.hpp"
#include "platform/core/files.hpp"
#include "platform/process/command.hpp"

namespace patchlab::catalog {

class OpenPgpKey final : public families::Signer {
  public:
    OpenPgpKey(std::filesystem::path home, process::CommandRunner& runner);
    ~OpenPgpKey() override;
    OpenPgpKey(const OpenPgpKey&) = delete;
    OpenPgpKey& operator=(const OpenPgpKey&) = delete;

    /// 40 hex digits. Makes the key when there is none.
    std::string fingerprint();
    /// The public key: armoured text, or the binary form that gpgv reads.
    std::string public_key(bool armoured);
    /// The text with its signature around it (InRelease).
    std::string clear_sign(const std::string& text) override;
    /// An armoured signature beside the text (Release.gpg, repomd.xml.asc).
    std::string detached_signature(const std::string& text) override;

  private:
    std::string gpg(std::vector<std::string> args, const std::string& purpose,
                    const std::string& input = {});
    std::string signed_by_us(const std::string& how, const std::string& text);
    std::string find();
    void open();

    std::filesystem::path home_;
    process::CommandRunner& runner_;
    std::optional<FileLock> lock_;
    std::optional<TempFolder> short_;  ///< holds a short name of the home
    std::filesystem::path name_;       ///< by which gpg knows the home
    std::string fingerprint_;
};

/// Why `signature` (armoured or binary, beside `file`; empty: `file` carries its own) was not made
/// by a key of `keyring` (binary); empty when it was. As a host would see it: gpgv, and no other
/// key.
std::string openpgp_problem(const std::filesystem::path& file,
                            const std::filesystem::path& signature,
                            const std::filesystem::path& keyring, process::CommandRunner& runner);

}  // namespace patchlab::catalog
