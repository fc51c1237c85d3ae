// SPDX-License-Identifier: Apache-2.0
#include "tests/live/images/rpm_lab.hpp"

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "tests/live/images/patchlab_program.hpp"

namespace patchlab::live {

namespace {

constexpr auto rpm_definition =
    "schema: patchlab/lab/v1\n"
    "name: live-rpm\n"
    "machines:\n"
    "  web: { image: synthetic-el-9-web, vcpus: 2, memory: 768M, suites: [base, nginx, openssh] "
    "}\n";

void must(const fs::path& state, const std::vector<std::string>& words, Seconds deadline) {
    const auto result = patchlab(state, words, deadline);
    if (!result.ok()) throw Error(ErrorCode::lab, result.err);
}

}  // namespace

void have_rpm_image(const fs::path& state) {
    if (patchlab(state, {"image", "show", rpm_image}).ok()) return;
    must(state,
         {"image", "build", rpm_image, "--family", "rpm", "--suite", "bookworm", "--package",
          "nginx", "--package", "openssl", "--package", "openssh-server", "--package",
          "openssh-client"},
         Seconds(1700));
}

void have_rpm_lab(const fs::path& state) {
    if (patchlab(state, {"lab", "show", rpm_lab}).ok()) return;
    have_rpm_image(state);
    const fs::path file = state / "live-rpm.yaml";
    write_file_atomic(file, rpm_definition);
    must(state, {"lab", "add", file.string()}, Seconds(120));
    must(state, {"lab", "prepare", rpm_lab}, Seconds(1100));
}

}  // namespace patchlab::live
