// SPDX-License-Identifier: Apache-2.0
//
// Local packages as candidate patches: each file is checked as far as it can be without running any
// of it, grouped by source package, and stored. All or nothing. Thread safety: free function; one
// PatchStore a thread.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/intake/patch.hpp"
#include "platform/process/command.hpp"

namespace patchlab::intake {

/// What an image holds, so that the exact old versions come along for the way back.
struct HoldingImage {
    std::map<std::string, std::string> packages;  ///< name → installed version
    std::filesystem::path pool;  ///< the packages it was built from; it need not exist
    std::string architecture{};  ///< as its family calls it; empty: not known
};

struct AddRequest {
    std::filesystem::path state;
    std::vector<std::filesystem::path> files;
    std::vector<std::string> architectures;  ///< of the images there are ("amd64"); empty: any
    bool require_signature = false;          ///< refuse files without a good signature
    std::optional<std::filesystem::path> keyring;  ///< whose keys count; the package's own
                                                   ///< signature, or FILE.asc or FILE.sig beside it
    std::vector<HoldingImage> images{};            ///< where exact old versions are looked for
};

/// One patch for each source package. A package has a row for each other version of it that the
/// images hold which it may replace (of its architecture and release, see fits_system(); where some
/// hold an older version or meet what it requires, only these) and whose exact package is kept
/// beside them; where there is none, `from` is empty:
/// what a machine holds is known only when it runs. Error(invalid) for what is no sound package,
/// Error(refused) for a missing or bad signature, Error(conflict) when the store has another file
/// of the same name and version. Nothing is changed then.
std::vector<Patch> add_files(const AddRequest& request, PatchStore& store,
                             process::CommandRunner& runner, const Clock& clock);

}  // namespace patchlab::intake
