// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/names.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "orchestrator/intake/patch.hpp"
#include "orchestrator/notify/outbox.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::operations {

namespace {

constexpr std::string_view newest = "@last";
constexpr std::size_t most_listed = 5;

/// A kind of thing with ids, and the list that knows them, newest first.
struct IdKind {
    std::string_view key;     ///< of requests that name one
    std::string_view many;    ///< of requests that name several
    std::string_view list;    ///< the operation
    std::string_view items;   ///< in its response
    std::string_view one;     ///< for messages
    std::string_view prefix;  ///< of a whole id; empty: ids have no form
    std::size_t whole = 0;    ///< at least so long is a whole id
};
constexpr std::array kinds{
    IdKind{"run", "runs", "run.list", "runs", "run", "r-", 15},
    IdKind{"other", "", "run.list", "runs", "run", "r-", 15},
    IdKind{"entry", "entries", "catalog.list", "entries", "catalog entry", "e-", 15},
    IdKind{"campaign", "", "campaign.list", "campaigns", "campaign", "c-", 15},
    IdKind{"rollout", "", "rollout.list", "rollouts", "rollout", "ro-", 16},
    IdKind{"patch", "patches", "patch.list", "patches", "patch", "", 0},
    IdKind{"delivery", "deliveries", "notify.list", "deliveries", "delivery", "", 0},
};

bool is_number(std::string_view word) {
    return !word.empty() && word.find_first_not_of("0123456789") == std::string_view::npos;
}

class Names {
  public:
    Names(Call& call, const IdKind& kind) : call_(call), kind_(kind) {}

    std::string whole(const std::string& word) {
        if (word.empty() || is_whole(word) || is_there(word)) return word;
        const std::vector<std::string>& ids = known();
        if (std::find(ids.begin(), ids.end(), word) != ids.end()) return word;
        if (word == newest) {
            if (ids.empty())
                throw Error(ErrorCode::not_found, "there is no " + std::string(kind_.one) + " yet");
            return ids.front();
        }
        std::vector<std::string> meant;
        for (const std::string& id : ids)
            if (id.starts_with(word) || (is_number(word) && id.ends_with("-" + word)))
                meant.push_back(id);
        if (meant.size() > 1) refuse(word, meant);
        return meant.empty() ? word : meant.front();
    }

  private:
    /// Such a word is an id, and no list is asked.
    bool is_whole(const std::string& word) const {
        return kind_.whole > 0 && word.size() >= kind_.whole && word.starts_with(kind_.prefix);
    }

    /// Of kinds whose ids have no form the store is asked, before all of them are listed.
    bool is_there(const std::string& word) const {
        if (kind_.key == "patch")
            return intake::PatchStore(call_.session.state(), call_.session.database()).has(word);
        return kind_.key == "delivery" && notify::Outbox(call_.session.state()).has(word);
    }

    const std::vector<std::string>& known() {
        if (ids_) return *ids_;
        ids_.emplace();
        const Json nothing = Json::object();
        const Outcome listed = find(kind_.list)->run(call_, JsonReader(nothing, "request"));
        for (const Json& item : listed.document.at(std::string(kind_.items)))
            ids_->push_back(item.at("id").get<std::string>());
        return *ids_;
    }

    [[noreturn]] void refuse(const std::string& word, std::vector<std::string> meant) const {
        const std::size_t all = meant.size();
        if (all > most_listed) meant.resize(most_listed);
        throw Error(ErrorCode::usage,
                    "'" + word + "' may be any of " + std::to_string(all) + ": " + joined(meant) +
                        (all > most_listed ? ", …" : ""),
                    "give more of the id");
    }

    Call& call_;
    const IdKind& kind_;
    std::optional<std::vector<std::string>> ids_;
};

void replace(Call& call, const IdKind& kind, Json& value) {
    Names names(call, kind);
    if (value.is_string()) value = names.whole(value.get<std::string>());
    else if (value.is_array())
        for (Json& item : value)
            if (item.is_string()) item = names.whole(item.get<std::string>());
}

const IdKind& kind_of(std::string_view key) {
    return *std::find_if(kinds.begin(), kinds.end(),
                         [&](const IdKind& kind) { return kind.key == key; });
}

}  // namespace

Json with_whole_names(Call& call, const Operation& operation, const Json& request) {
    Json whole = request;
    for (const IdKind& kind : kinds)
        for (const std::string_view key : {kind.key, kind.many})
            if (const auto named = whole.find(key); !key.empty() && named != whole.end())
                replace(call, kind, *named);
    if (operation.name == "change.show") {  // of a run or of an entry
        Json& id = whole.at("id");
        replace(call, kind_of(id.get<std::string>().starts_with('e') ? "entry" : "run"), id);
    }
    return whole;
}

}  // namespace patchlab::operations
