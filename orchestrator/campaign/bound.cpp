// SPDX-License-Identifier: Apache-2.0
//
// How many runs a search takes at worst: the search against an adversary, solved by recursion.
#include <algorithm>
#include <map>
#include <tuple>

#include "orchestrator/campaign/search.hpp"

namespace patchlab::campaign {

namespace {

constexpr std::size_t most_solved = 40;  ///< more patches than that are estimated from above

class Adversary {
  public:
    std::size_t rest(std::size_t pending, std::size_t aside) {
        if (pending == 0) return 0;
        const auto [known, is_new] = rests_.try_emplace({pending, aside}, 0);
        if (!is_new) return known->second;
        const std::size_t chunk = together(pending, aside);
        const std::size_t most =
            1 + std::max({rest(pending - chunk, aside), split(chunk, pending - chunk, aside, true),
                          rest(pending - 1, aside + 1)});
        return known->second = most;
    }

    std::size_t split(std::size_t suspects, std::size_t pending, std::size_t aside, bool tried) {
        if (suspects == 0) return rest(pending, aside);
        if (suspects == 1 && tried) return rest(pending, aside + 1);
        if (suspects == 1) return 1 + std::max(rest(pending, aside), rest(pending, aside + 1));
        const auto key = std::make_tuple(suspects, pending, aside, tried);
        const auto [known, is_new] = splits_.try_emplace(key, 0);
        if (!is_new) return known->second;
        const std::size_t half = suspects / 2;
        const std::size_t most = 1 + std::max({split(suspects - half, pending, aside, tried),
                                               split(half, pending + suspects - half, aside, true),
                                               split(suspects - 1, pending, aside + 1, false)});
        return known->second = most;
    }

  private:
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> rests_;
    std::map<std::tuple<std::size_t, std::size_t, std::size_t, bool>, std::size_t> splits_;
};

}  // namespace

std::size_t likely_most(std::size_t patches) {
    std::size_t runs = 2;
    for (std::size_t reach = 1; reach < patches; reach *= 2) ++runs;
    return runs;
}

std::size_t together(std::size_t pending, std::size_t aside) {
    if (aside <= 2 || pending == 0) return pending;
    return std::max<std::size_t>(1, pending / (aside - 1));
}

std::size_t most_runs(const Workload& work) {
    const std::size_t all = work.suspects + work.pending;
    if (all > most_solved) return all * likely_most(all);
    Adversary adversary;
    return work.suspects > 0 ? adversary.split(work.suspects, work.pending, work.aside, work.tried)
                             : adversary.rest(work.pending, work.aside);
}

}  // namespace patchlab::campaign
