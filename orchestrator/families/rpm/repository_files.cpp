// SPDX-License-Identifier: Apache-2.0
//
// Getting files of repositories, and the keys and signatures of these.
#include <pugixml.hpp>

#include "orchestrator/families/openpgp_armour.hpp"
#include "orchestrator/families/rpm/repositories.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/text.hpp"
#include "platform/process/curl.hpp"
#include "platform/process/gpgv.hpp"

namespace patchlab::families::rpm {

namespace {

constexpr std::uint64_t most_key = 1U << 20, most_key_bytes = 16U << 20;
constexpr int curl_found_too_much = 63;

void copy_local(const std::string& path, const fs::path& to, std::uint64_t most_bytes) {
    std::error_code error;
    if (!fs::is_regular_file(path, error)) throw Error(ErrorCode::lab, "there is no file " + path);
    if (fs::file_size(path, error) > most_bytes)
        throw Error(ErrorCode::refused, path + " is larger than it may be");
    fs::copy_file(path, to, fs::copy_options::overwrite_existing, error);
    if (error) throw Error(ErrorCode::lab, "cannot copy " + path + ": " + error.message());
}

/// The keys of an armoured or binary file, as binary.
std::string binary_keys(const std::string& text, const std::string& where) {
    std::size_t at = text.find(armour_begin);
    if (at == std::string::npos) return text;
    std::string binary;
    while (at != std::string::npos) {
        const std::size_t end = text.find("-----END", at);
        if (end == std::string::npos) throw Error(ErrorCode::invalid, where + " is no OpenPGP key");
        std::string body;
        at += armour_begin.size();
        for (const std::string_view line :
             split_lines(std::string_view(text).substr(at, end - at))) {
            const std::string_view word = trimmed(line);
            if (word.starts_with('=')) break;  // the checksum
            if (word.find(':') == std::string_view::npos) body += word;
        }
        binary += base64_decode(body);
        at = text.find(armour_begin, end);
    }
    return binary;
}

}  // namespace

void fetch_file(const std::string& address, const fs::path& to, std::uint64_t most_bytes,
                process::CommandRunner& runner) {
    if (address.starts_with("file://")) return copy_local(address.substr(7), to, most_bytes);
    if (address.starts_with('/')) return copy_local(address, to, most_bytes);
    if (!address.starts_with("https://") && !address.starts_with("http://"))
        throw Error(ErrorCode::invalid,
                    "'" + one_line(address.substr(0, 200)) + "' is no address that is followed",
                    "http, https and file are");
    auto spec = process::curl_get(
        address, {"--location", "--max-redirs", "5", "--proto-redir", "=http,https", "--retry", "2",
                  "--connect-timeout", "20", "--max-time", "3500", "--max-filesize",
                  std::to_string(most_bytes), "--output", to.string()});
    spec.purpose = "fetching " + address;
    spec.deadline = Seconds(3600);
    const auto result = runner.run(spec);
    // a server that does not say a size in advance
    std::error_code unknown;
    const bool too_much = result.ok() && fs::file_size(to, unknown) > most_bytes && !unknown;
    if (too_much || result.exit_code == curl_found_too_much)
        throw Error(ErrorCode::refused, address + " is larger than it may be");
    if (!result.ok())
        throw Error(
            ErrorCode::lab,
            address +
                " cannot be fetched: " + one_line(std::string(trimmed(result.err.substr(0, 300)))),
            "check the address, the proxy (https_proxy) and whether this host may reach it");
}

std::vector<std::string> read_mirrors(const std::string& text) {
    std::vector<std::string> all;
    constexpr std::size_t enough = 5;
    constexpr std::string_view repomd = "/repodata/repomd.xml";
    const auto take = [&](std::string_view address) {
        if (address.ends_with(repomd)) address.remove_suffix(repomd.size());
        while (address.ends_with('/')) address.remove_suffix(1);
        if (all.size() < enough &&
            (address.starts_with("https://") || address.starts_with("http://")))
            all.emplace_back(address);
    };
    if (text.find("<metalink") == std::string::npos) {
        for (const std::string_view line : split_lines(text)) take(trimmed(line));
        return all;
    }
    pugi::xml_document document;
    if (!document.load_buffer(text.data(), text.size())) return all;
    for (const auto& found : document.select_nodes("//*[local-name()='url']"))
        take(found.node().text().as_string());
    return all;
}

std::optional<fs::path> fetch_keys(const RepoSource& source, const fs::path& folder,
                                   process::CommandRunner& runner) {
    if (source.keys.empty()) return std::nullopt;
    std::string all;
    for (const std::string& address : source.keys) {
        const fs::path file = folder / "key";
        during("getting a key of repository " + source.id,
               [&] { fetch_file(address, file, most_key, runner); });
        all += binary_keys(read_file(file, most_key), address);
        if (all.size() > most_key_bytes)
            throw Error(ErrorCode::invalid, "repository " + source.id + " has too many keys");
    }
    const fs::path keyring = folder / "keys.gpg";
    write_file_atomic(keyring, all, 0600);
    return keyring;
}

void require_signed_index(const fs::path& file, const fs::path& signature, const fs::path& keyring,
                          const std::string& where, process::CommandRunner& runner) {
    if (!process::signing_key(file, signature, keyring, where, runner))
        throw Error(ErrorCode::refused,
                    where + ": its index has no good signature by a key of this repository",
                    "look whether gpgkey names the vendor's current keys");
}

}  // namespace patchlab::families::rpm
