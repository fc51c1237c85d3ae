// SPDX-License-Identifier: Apache-2.0
//
// The catalog as doors and rollouts use it, over a state where runs can be approved.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "orchestrator/catalog/catalog.hpp"
#include "platform/core/error.hpp"
#include "tests/support/apt_host.hpp"
#include "tests/support/catalog.hpp"

namespace patchlab::tests {

class CatalogDoor : public testing::Test {
  protected:
    std::string approved(const std::vector<TestedPackage>& packages) {
        const std::string run = state_.rehearse(packages);
        state_.say("rhea", governance::RulingKind::approve, run);
        return run;
    }
    void publish(const std::string& channel = "ring-0") {
        state_.clock.advance(Seconds(60));
        catalog_.publish(rhea_, channel);
    }
    /// The version of "hello" that a host of the channel would install.
    std::string offered(const std::string& channel = "ring-0") {
        const catalog::ChannelAccess access = catalog_.channel(channel);
        AptHost host(channel, "file://" + access.folder.string(), access.public_key);
        EXPECT_EQ(host.update().exit_code, 0);
        return host.candidate("hello");
    }
    std::string why_not(const std::function<void()>& work, ErrorCode code) {
        try {
            work();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), code) << error.what();
            return error.what();
        }
        ADD_FAILURE() << "no error";
        return "";
    }

    ApprovedCatalog state_;
    catalog::NoInventory nobody_knows_;
    catalog::Catalog catalog_{state_.house(), state_.runner(), nobody_knows_};
    const governance::Actor rhea_ = ApprovedCatalog::actor("rhea");
};

}  // namespace patchlab::tests
