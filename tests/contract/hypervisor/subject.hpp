// SPDX-License-Identifier: Apache-2.0
//
// What the contract of Hypervisor is tried on: one program links the fake, another the real one
// (tests/live/virt).
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "platform/virt/hypervisor.hpp"

namespace patchlab::virt {

class Subject {
  public:
    virtual ~Subject() = default;
    /// Empty, or why the hypervisor cannot be tried here.
    virtual std::string missing() = 0;
    /// The one hypervisor of this process.
    virtual Hypervisor& hypervisor() = 0;
    /// A folder for the files of the tests.
    virtual std::filesystem::path folder() = 0;
    /// A new overlay on `base`, or on the image when it is empty.
    virtual void make_overlay(const std::filesystem::path& overlay,
                              const std::filesystem::path& base) = 0;
    /// Waits until the guest has booted and answers; returns its boot id.
    virtual std::string boot_id(const MachineSpec& spec) = 0;
};

/// Made once a process.
Subject& subject();

}  // namespace patchlab::virt
