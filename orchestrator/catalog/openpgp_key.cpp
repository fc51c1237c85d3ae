// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/openpgp_key.hpp"

#include "platform/core/error.hpp"
#include "platform/core/log.hpp"
#include "platform/process/gpgv.hpp"

namespace patchlab::catalog {

namespace {

constexpr const char* user_id = "patchlab catalog <catalog@localhost>";
/// The agent's socket lies in the home, and the name of a socket has at most 107 bytes.
constexpr std::size_t longest_home = 80;

}  // namespace

OpenPgpKey::OpenPgpKey(fs::path home, process::CommandRunner& runner)
    : home_(std::move(home)), runner_(runner) {}

OpenPgpKey::~OpenPgpKey() {
    if (!lock_) return;
    try {
        process::CommandSpec stop;
        stop.program = "gpgconf";
        stop.args = {"--homedir", name_.string(), "--kill", "gpg-agent"};
        stop.purpose = "ending the agent of the repository's key";
        stop.deadline = Seconds(20);
        runner_.run(stop);
    } catch (const Error& error) {
        log_warning(error.what());
    }
}

void OpenPgpKey::open() {
    if (lock_) return;
    make_folder(home_.parent_path(), 0700);
    make_folder(home_, 0700);
    lock_ = FileLock::acquire(home_ / "patchlab.lock");
    name_ = fs::absolute(home_);
    if (name_.string().size() <= longest_home) return;
    short_.emplace(fs::temp_directory_path(), "patchlab-gpg");
    fs::create_directory_symlink(name_, short_->path() / "h");
    name_ = short_->path() / "h";
}

std::string OpenPgpKey::gpg(std::vector<std::string> args, const std::string& purpose,
                            const std::string& input) {
    open();
    process::CommandSpec spec;
    spec.program = "gpg";
    spec.args = {"--homedir", name_.string(),    "--batch",  "--no-tty",     "--no-options",
                 "--quiet",   "--pinentry-mode", "loopback", "--passphrase", ""};
    spec.args.insert(spec.args.end(), args.begin(), args.end());
    spec.purpose = purpose;
    spec.input = input;
    spec.environment = {{"LC_ALL", "C.UTF-8"}};
    spec.deadline = Seconds(300);
    spec.max_output = 64U << 20;
    const process::CommandResult result = runner_.require(spec);
    if (result.truncated) throw Error(ErrorCode::lab, purpose + ": gpg said too much");
    return result.out;
}

/// The secret key in the home, by the machine-readable listing ("fpr:::::::::FINGERPRINT:" after
/// "sec:"); empty when there is none.
std::string OpenPgpKey::find() {
    const std::string listing =
        gpg({"--with-colons", "--list-secret-keys"}, "looking for the repository's key");
    std::string::size_type at = listing.rfind("sec:", 0) == 0 ? 0 : listing.find("\nsec:");
    if (at == std::string::npos) return {};
    at = listing.find("\nfpr:", at);
    if (at == std::string::npos) return {};
    at += 5;
    for (int field = 0; field < 8 && at != std::string::npos; ++field)
        at = listing.find(':', at) == std::string::npos ? at : listing.find(':', at) + 1;
    const std::string found = listing.substr(at, 40);
    if (found.size() != 40 || found.find_first_not_of("0123456789ABCDEF") != std::string::npos)
        throw Error(ErrorCode::lab, "gpg lists the repository's key without a fingerprint");
    return found;
}

std::string OpenPgpKey::fingerprint() {
    if (!fingerprint_.empty()) return fingerprint_;
    open();
    fingerprint_ = find();
    if (!fingerprint_.empty()) return fingerprint_;
    gpg({"--quick-generate-key", user_id, "rsa3072", "sign", "never"},
        "making the key that signs repositories");
    fingerprint_ = find();
    if (fingerprint_.empty()) throw Error(ErrorCode::lab, "gpg made no key");
    return fingerprint_;
}

std::string OpenPgpKey::public_key(bool armoured) {
    std::vector<std::string> args{"--export-options", "export-minimal", "--export", fingerprint()};
    if (armoured) args.insert(args.begin(), "--armor");
    return gpg(std::move(args), "exporting the repository's public key");
}

std::string OpenPgpKey::signed_by_us(const std::string& how, const std::string& text) {
    return gpg({"--local-user", fingerprint(), "--digest-algo", "SHA512", "--armor", how},
               "signing a repository", text);
}

std::string OpenPgpKey::clear_sign(const std::string& text) {
    return signed_by_us("--clear-sign", text);
}

std::string OpenPgpKey::detached_signature(const std::string& text) {
    return signed_by_us("--detach-sign", text);
}

std::string openpgp_problem(const fs::path& file, const fs::path& signature,
                            const fs::path& keyring, process::CommandRunner& runner) {
    if (!fs::is_regular_file(file)) return "is missing";
    if (!signature.empty() && !fs::is_regular_file(signature))
        return "has no signature " + signature.filename().string();
    return process::signing_key(file, signature, keyring, file.filename().string(), runner)
               ? ""
               : "is not signed by the repository's key";
}

}  // namespace patchlab::catalog
