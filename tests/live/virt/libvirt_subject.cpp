// SPDX-License-Identifier: Apache-2.0
#include "platform/guest/agent_channel.hpp"
#include "platform/virt/libvirt_hypervisor.hpp"
#include "tests/contract/hypervisor/subject.hpp"
#include "tests/live/virt/live_guest.hpp"

namespace patchlab::virt {

namespace {

class LibvirtSubject final : public Subject {
  public:
    std::string missing() override { return live::image().empty() ? live::no_image : ""; }
    Hypervisor& hypervisor() override {
        if (!hypervisor_)
            hypervisor_ = open_libvirt(
                {work_.path() / "root", live::capability_cache(), live::acceleration()});
        return *hypervisor_;
    }
    std::filesystem::path folder() override { return work_.path(); }
    void make_overlay(const std::filesystem::path& overlay,
                      const std::filesystem::path& base) override {
        live::make_overlay(overlay, base);
    }
    std::string boot_id(const MachineSpec& spec) override {
        const auto channel = guest::open_agent(spec.agent_socket);
        channel->wait_until_ready(Seconds(600));
        return channel->run_script("cat /proc/sys/kernel/random/boot_id", Seconds(30)).out;
    }

  private:
    live::Workplace work_;
    std::unique_ptr<Hypervisor> hypervisor_;  // ends before its folder goes
};

}  // namespace

Subject& subject() {
    static LibvirtSubject only;
    return only;
}

}  // namespace patchlab::virt
