// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/rpm/family.hpp"

#include <pugixml.hpp>

#include "orchestrator/families/archive.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::families::rpm {

namespace {

constexpr std::size_t most_rpm_index = 512U << 20;

pugi::xml_document parse_xml(const std::string& text, const std::string& where) {
    pugi::xml_document document;
    const pugi::xml_parse_result result = document.load_buffer(text.data(), text.size());
    if (!result) throw Error(ErrorCode::invalid, where + " is no XML: " + result.description());
    return document;
}

/// "[epoch:]version-release", as entries say it; an epoch of 0 is not written.
std::string version_text(const pugi::xml_node& version) {
    const std::string epoch = version.attribute("epoch").as_string("0");
    return (epoch == "0" || epoch.empty() ? "" : epoch + ":") +
           version.attribute("ver").as_string() + "-" + version.attribute("rel").as_string();
}

/// The file that repomd.xml names for `kind`, checked against the sha256 there.
std::string indexed_file(const fs::path& repository, const pugi::xml_document& repomd,
                         const std::string& kind) {
    for (const pugi::xml_node& data : repomd.child("repomd").children("data")) {
        if (data.attribute("type").as_string() != kind) continue;
        const std::string location = data.child("location").attribute("href").as_string();
        const std::string sha256 = data.child("checksum").text().as_string();
        if (!location.starts_with("repodata/") || location.find("..") != std::string::npos)
            throw Error(ErrorCode::invalid, "repomd.xml names a file outside of repodata");
        std::string bytes = read_file(repository / location, most_rpm_index);
        if (sha256_hex(bytes) != sha256)
            throw Error(ErrorCode::refused, location + " has another sha256 than repomd.xml says");
        return bytes;
    }
    throw Error(ErrorCode::invalid, "repomd.xml names no " + kind);
}

}  // namespace

std::vector<RepositoryPackage> read_rpm_index(const fs::path& repository) {
    const pugi::xml_document repomd =
        parse_xml(read_file(repository / "repodata/repomd.xml", 1U << 20), "repomd.xml");
    const std::string primary =
        expand(indexed_file(repository, repomd, "primary"), "the rpm index", most_rpm_index);
    const pugi::xml_document document = parse_xml(primary, "primary.xml");
    std::vector<RepositoryPackage> packages;
    for (const pugi::xml_node& node : document.child("metadata").children("package")) {
        RepositoryPackage package;
        package.name = node.child("name").text().as_string();
        package.architecture = node.child("arch").text().as_string();
        package.version = version_text(node.child("version"));
        if (std::string(node.child("checksum").attribute("type").as_string()) != "sha256")
            throw Error(ErrorCode::invalid, package.name + " is listed without a sha256");
        package.sha256 = node.child("checksum").text().as_string();
        package.bytes = node.child("size").attribute("package").as_ullong();
        package.file_name = node.child("location").attribute("href").as_string();
        packages.push_back(std::move(package));
    }
    return packages;
}

namespace {

class RpmRepository final : public RepositoryWriter {
  public:
    std::string_view folder() const override { return "rpm"; }
    bool always() const override { return false; }

    std::vector<RepositoryPackage> write(const RepositoryRequest& request,
                                         process::CommandRunner& runner) const override {
        fs::rename(request.incoming(), request.out / "Packages");
        runner.require(
            bound_command("createrepo_c",
                          {"--quiet", "--no-database", "--checksum", "sha256", "--workers", "2",
                           "--revision", request.snapshot, request.out.string()},
                          "writing the rpm index"));
        return read_rpm_index(request.out);
    }

    std::vector<SignedFile> sign(const RepositoryRequest& request, Signer& signer) const override {
        const fs::path repomd = request.out / "repodata" / "repomd.xml";
        const fs::path signature = repomd.string() + ".asc";
        write_file_atomic(signature, signer.detached_signature(read_file(repomd)));
        return {{repomd, signature}};
    }

    RepositoryPart part(std::string_view path) const override {
        // packed as createrepo_c pleases (gzip; since its version 1.0 zstd), named by their digests
        if (path.starts_with("repodata/") && !path.starts_with("repodata/repomd.xml"))
            return RepositoryPart::index_by_digest;
        return path.starts_with("Packages/") ? RepositoryPart::package : RepositoryPart::other;
    }
};

}  // namespace

const RepositoryWriter& rpm_repository() {
    static const RpmRepository writer;
    return writer;
}

}  // namespace patchlab::families::rpm
