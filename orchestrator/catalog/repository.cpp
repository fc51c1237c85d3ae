// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/repository.hpp"

#include "orchestrator/catalog/access.hpp"
#include "orchestrator/catalog/object_store.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::catalog {

using families::RepositoryPackage;

std::vector<families::SignedFile> build_repository(const families::PackageFamily& family,
                                                   const families::RepositoryRequest& request,
                                                   families::Signer& signer,
                                                   process::CommandRunner& runner) {
    const std::string what =
        "making the " + std::string(family.name()) + " repository of channel '" + request.channel;
    return during(what + "'", [&] {
        check_channel_name(request.channel);
        const families::RepositoryWriter& writer = family.repository();
        make_folder(request.out);
        make_folder(request.incoming());
        for (const RepositoryPackage& package : request.packages)
            place_file(package.file, request.incoming() / package.file_name);
        const std::vector<RepositoryPackage> found = writer.write(request, runner);
        families::require_same_packages(request.packages, found);
        for (const RepositoryPackage& package : found)
            if (const std::string problem =
                    file_problem(request.out / package.file_name, package.sha256, package.bytes);
                !problem.empty())
                throw Error(ErrorCode::refused, package.file_name + " " + problem);
        return writer.sign(request, signer);
    });
}

}  // namespace patchlab::catalog
