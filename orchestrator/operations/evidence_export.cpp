// SPDX-License-Identifier: Apache-2.0
//
// Evidence as one file, for whoever keeps it elsewhere: a tar archive, compressed with zstd, of the
// sealed folder as it is. The same evidence gives the same archive: names in order, no times, no
// owners. Unpacked, it is verified like any evidence.
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/operations/sealed_run.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::operations {

namespace {

constexpr Seconds archive_deadline{1800};

/// `top`: what the folder is called in the archive.
process::CommandSpec archiver(const fs::path& folder, const std::string& top,
                              const fs::path& file) {
    process::CommandSpec tar;
    tar.program = "tar";
    tar.args = {"--create",
                "--file=" + file.string(),
                "--force-local",
                "--format=gnu",
                "--sort=name",
                "--mtime=@0",
                "--owner=0",
                "--group=0",
                "--numeric-owner",
                "--mode=u=rwX,go=rX",
                "--use-compress-program=zstd -q -10",
                "--transform=s,^\\.," + top + ",",
                "--directory=" + folder.string(),
                "."};
    tar.purpose = "packing the evidence";
    tar.deadline = archive_deadline;
    return tar;
}

Outcome export_evidence(Call& call, const JsonReader& request) {
    const std::string run = request.string("run");
    const fs::path file = fs::absolute(request.string("file"));
    return during("exporting the evidence of run " + run, [&]() -> Outcome {
        if (!process::find_program("zstd"))
            throw Error(ErrorCode::lab, "zstd is missing; it compresses the archive",
                        "install zstd");
        if (!fs::is_directory(file.parent_path()) || fs::is_directory(file))
            throw Error(ErrorCode::usage, "'" + file.string() + "' cannot be a file",
                        "name a file in a folder that exists");
        const auto [folder, digest] = whole_evidence(call.session, run);
        const fs::path part = fs::path(file) += ".part";
        try {
            call.session.commands().require(archiver(folder, run, part));
        } catch (const Error&) {
            remove_tree(part);
            throw;
        }
        fs::rename(part, file);
        return {{{"schema", "patchlab/exported-evidence/v1"},
                 {"run", run},
                 {"file", file.string()},
                 {"folder", run},
                 {"bytes", fs::file_size(file)},
                 {"sha256", sha256_file(file)},
                 {"digest", digest}}};
    });
}

}  // namespace

std::vector<Operation> evidence_export_operations() {
    return {{"evidence.export", "Write the sealed evidence of a run as one file, to keep elsewhere",
             Kind::long_read, anyone(), export_evidence, "run"}};
}

}  // namespace patchlab::operations
