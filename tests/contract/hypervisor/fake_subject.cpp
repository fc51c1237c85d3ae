// SPDX-License-Identifier: Apache-2.0
#include "platform/core/files.hpp"
#include "platform/guest/fake_channel.hpp"
#include "platform/virt/fake_hypervisor.hpp"
#include "tests/contract/hypervisor/subject.hpp"

namespace patchlab::virt {

namespace {

class FakeSubject final : public Subject {
  public:
    std::string missing() override { return {}; }
    Hypervisor& hypervisor() override { return hypervisor_; }
    std::filesystem::path folder() override { return folder_.path(); }
    void make_overlay(const std::filesystem::path& overlay, const std::filesystem::path&) override {
        write_file_atomic(overlay, "overlay");
    }
    std::string boot_id(const MachineSpec& spec) override {
        return guest::look_at_fake_machine(spec.agent_socket).value().boot;
    }

  private:
    TempFolder folder_{"/tmp", "fake-hypervisor"};
    FakeHypervisor hypervisor_;
};

}  // namespace

Subject& subject() {
    static FakeSubject only;
    return only;
}

}  // namespace patchlab::virt
