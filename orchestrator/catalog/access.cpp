// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/access.hpp"

#include <algorithm>

#include "orchestrator/families/repository.hpp"
#include "platform/core/error.hpp"

namespace patchlab::catalog {

namespace {

void check_line(const std::string& text, const char* what) {
    const bool fine = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return c > ' ' && c < 0x7f;
    });
    if (!fine)
        throw Error(ErrorCode::invalid,
                    std::string(what) + " '" + text +
                        "' holds blanks or other characters that may not stand there");
}

std::string without_slash(std::string url) {
    while (url.size() > 1 && url.back() == '/') url.pop_back();
    return url;
}

}  // namespace

void check_channel_name(std::string_view name) {
    const auto plain = [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    };
    const bool fine = !name.empty() && name.size() <= 64 && name[0] != '-' && name[0] != '_' &&
                      name[0] != '.' && std::all_of(name.begin(), name.end(), plain);
    if (!fine)
        throw Error(ErrorCode::invalid,
                    "'" + std::string(name) + "' cannot be the name of a channel",
                    "letters, digits and \"-_.\", such as ring-0");
    if (name.ends_with(families::apt_way_back_ending))
        throw Error(ErrorCode::invalid, "'" + std::string(name) +
                                            "' cannot be the name of a channel: what hosts of "
                                            "another one return to is called so");
    if (name == public_key_file)
        throw Error(
            ErrorCode::invalid,
            "'" + std::string(name) + "' cannot be the name of a channel: the key is called so");
}

std::string apt_sources(const std::string& channel, const std::string& url,
                        const std::string& key) {
    check_channel_name(channel);
    check_line(url, "the URL");
    check_line(key, "the path of the key");
    return "# Channel " + channel +
           " of patchlab: what was rehearsed and approved.\nTypes: deb\nURIs: " +
           without_slash(url) + "\nSuites: " + channel + " " + families::apt_way_back(channel) +
           "\nComponents: " + apt_component + "\nSigned-By: " + key + "\n";
}

std::string apt_preferences(const std::string& channel) {
    check_channel_name(channel);
    const std::string pin = "Package: *\nPin: release o=" + std::string(apt_origin) + ", n=";
    return "# Channel " + channel +
           " of patchlab goes before the vendor's own versions, but below 1000: an old copy of it "
           "leads nobody back.\n" +
           pin + channel +
           "\nPin-Priority: 990\n\n# What hosts return to when a newer version was taken back: "
           "exactly these versions, also as a downgrade.\n" +
           pin + families::apt_way_back(channel) + "\nPin-Priority: 1001\n";
}

std::string yum_repository(const std::string& channel, const std::string& url,
                           const std::string& key) {
    check_channel_name(channel);
    check_line(url, "the URL");
    check_line(key, "the path of the key");
    return "[patchlab-" + channel + "]\nname=Channel " + channel +
           " of patchlab\nbaseurl=" + without_slash(url) +
           "/rpm\nenabled=1\n# the index is signed by patchlab and holds the sha256 of each "
           "package, which keeps its vendor's own "
           "signature\n"
           "repo_gpgcheck=1\ngpgcheck=0\ngpgkey=file://" +
           key + "\npriority=1\nmetadata_expire=300\n";
}

}  // namespace patchlab::catalog
