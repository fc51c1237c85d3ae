// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/notify/outbox.hpp"

#include <algorithm>
#include <array>

#include "platform/core/error.hpp"
#include "platform/core/log.hpp"

namespace patchlab::notify {

namespace {

constexpr std::string_view schema = "patchlab/delivery/v1";
constexpr std::size_t most_tries = 50;
constexpr std::size_t max_delivery_bytes = 4U << 20;

constexpr std::array<std::pair<DeliveryState, std::string_view>, 3> states{
    {{DeliveryState::queued, "queued"},
     {DeliveryState::delivered, "delivered"},
     {DeliveryState::failed, "failed"}}};
constexpr std::array<std::pair<Taking, std::string_view>, 3> takings{
    {{Taking::taken, "taken"}, {Taking::busy, "busy"}, {Taking::refused, "refused"}}};

template <typename Value, std::size_t n>
Value value_in(const std::array<std::pair<Value, std::string_view>, n>& names,
               const JsonReader& json, std::string_view key) {
    const std::string word = json.string(key);
    for (const auto& [value, known] : names)
        if (known == word) return value;
    json.fail(key, "is '" + word + "', which this version does not know");
}

template <typename Value, std::size_t n>
std::string_view word_in(const std::array<std::pair<Value, std::string_view>, n>& names,
                         Value wanted) {
    for (const auto& [value, word] : names)
        if (value == wanted) return word;
    throw Error(ErrorCode::internal, "a word of a delivery is missing");
}

bool is_id(const std::string& id) {
    const auto plain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '-';
    };
    return id.starts_with("n-") && id.size() <= 60 && std::all_of(id.begin(), id.end(), plain);
}

Delivery delivery_from_json(const Json& document, const std::string& where) {
    const JsonReader json(document, where);
    json.expect_schema(schema);
    Delivery delivery;
    delivery.message = {json.string("id"), json.string("time"),
                        notice_from_json(json.object("notice"))};
    if (!is_id(delivery.message.id)) json.fail("id", "is no id of a delivery");
    const auto mistake = [&](const std::string& path, const std::string& message) {
        throw Error(ErrorCode::invalid, where + ": " + path + ": " + message);
    };
    delivery.target = notify_targets(Json::array({json.raw("target")}), "/target", mistake).front();
    delivery.state = value_in(states, json, "state");
    delivery.due = json.string("due");
    delivery.tried = static_cast<std::size_t>(std::max<std::int64_t>(0, json.integer("tried")));
    for (const JsonReader& item : json.objects("tries"))
        delivery.tries.push_back(
            {item.string("time"), {value_in(takings, item, "answer"), item.string("detail")}});
    return delivery;
}

}  // namespace

std::string_view name(DeliveryState state) { return word_in(states, state); }

Json to_json(const Delivery& delivery) {
    Json tries = Json::array();
    const std::size_t from = delivery.tries.size() - std::min(delivery.tries.size(), most_tries);
    for (std::size_t i = from; i < delivery.tries.size(); ++i)
        tries.push_back({{"time", delivery.tries[i].time},
                         {"answer", word_in(takings, delivery.tries[i].attempt.taking)},
                         {"detail", delivery.tries[i].attempt.detail}});
    return {{"schema", schema},
            {"id", delivery.message.id},
            {"time", delivery.message.time},
            {"state", name(delivery.state)},
            {"due", delivery.due},
            {"tried", delivery.tried},
            {"tries", tries},
            {"target", to_json(delivery.target)},
            {"notice", to_json(delivery.message.notice)}};
}

void Outbox::put(const Delivery& delivery) {
    make_folder(folder_, 0700);
    write_json(file(delivery.message.id), to_json(delivery), 0600);
}

std::vector<Delivery> Outbox::list() {
    std::vector<Delivery> deliveries;
    std::error_code none;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_, none)) {
        if (entry.path().extension() != ".json" || !is_id(entry.path().stem().string())) continue;
        try {
            deliveries.push_back(delivery_from_json(read_json(entry.path(), max_delivery_bytes),
                                                    entry.path().string()));
        } catch (const std::exception& error) {
            log_warning(std::string("a delivery is passed over: ") + error.what());
        }
    }
    std::sort(deliveries.begin(), deliveries.end(),
              [](const Delivery& a, const Delivery& b) { return a.message.id < b.message.id; });
    return deliveries;
}

bool Outbox::has(const std::string& id) const { return is_id(id) && fs::exists(file(id)); }

Delivery Outbox::get(const std::string& id) {
    if (!has(id))
        throw Error(ErrorCode::not_found, "there is no delivery '" + id + "'",
                    "see: patchlab notify list");
    return delivery_from_json(read_json(file(id), max_delivery_bytes), id);
}

std::optional<FileLock> Outbox::lock(const std::string& id) {
    return FileLock::try_acquire(folder_ / (id + ".lock"));
}

void Outbox::prune(std::size_t keep) {
    std::vector<Delivery> all = list();
    std::erase_if(
        all, [](const Delivery& delivery) { return delivery.state != DeliveryState::delivered; });
    if (all.size() <= keep) return;
    for (std::size_t i = 0; i < all.size() - keep; ++i) {
        std::error_code gone;
        fs::remove(file(all[i].message.id), gone);
        fs::remove(folder_ / (all[i].message.id + ".lock"), gone);
    }
}

}  // namespace patchlab::notify
