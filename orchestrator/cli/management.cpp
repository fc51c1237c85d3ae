// SPDX-License-Identifier: Apache-2.0
//
// Figures: for monitoring, and for those who answer for the process.
#include <cmath>
#include <iostream>
#include <memory>

#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/request.hpp"
#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::cli {

namespace {

struct ManagementWords {
    std::string from, to, by = "month";
};

std::string count_in(const JsonReader& in, const char* key) {
    return std::to_string(in.integer(key));
}

/// "4.5", or "-" where it is not known.
std::string days_in(const JsonReader& in, const char* key) {
    if (!in.has(key)) return "-";
    const auto tenths = static_cast<std::int64_t>(std::llround(in.number(key) * 10));
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

Cells period_row(const JsonReader& in) {
    return {in.string("period"),
            count_in(in, "released"),
            count_in(in, "rehearsed"),
            count_in(in.object("verdicts"), "rejected"),
            count_in(in, "approved"),
            count_in(in, "rollouts"),
            count_in(in, "hosts_updated"),
            count_in(in, "hosts_failed"),
            count_in(in, "rollouts_backed_out"),
            days_in(in, "median_days_to_last_ring")};
}

void print_management(Context& context, const JsonReader& in) {
    Rows rows;
    for (const JsonReader& period : in.objects("periods")) rows.push_back(period_row(period));
    print_table(context,
                {"PERIOD", "RELEASED", "REHEARSED", "CAUGHT", "APPROVED", "ROLLOUTS", "HOSTS",
                 "FAILED", "BACKED OUT", "DAYS TO LAST RING"},
                rows);
    if (context.format == Format::csv) return;
    const JsonReader critical = in.object("mission_critical");
    std::cout << "\nmission-critical hosts: " << count_in(critical, "covered") << " of "
              << count_in(critical, "hosts") << " have all that the catalog offers them, "
              << count_in(critical, "lacking") << " lack something, "
              << count_in(critical, "unknown") << " unknown\n";
    if (!in.has("overdue")) {
        std::cout << "overdue: unknown, nothing ranks patches here\n";
        return;
    }
    std::cout << "overdue:";
    const auto bands = in.objects("overdue");
    if (bands.empty()) std::cout << " none";
    for (const JsonReader& band : bands)
        std::cout << " " << band.string("limit") << " " << count_in(band, "patches") << " ("
                  << count_in(band, "host_count") << " hosts)";
    std::cout << "\n";
}

void add_management_show(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "show", "released, rehearsed, approved, deployed, backed out; by month or quarter");
    auto words = std::make_shared<ManagementWords>();
    verb->add_option("--from", words->from, "a date (default: eleven months back)")
        ->type_name("DATE");
    verb->add_option("--to", words->to, "a date, not included (default: tomorrow)")
        ->type_name("DATE");
    verb->add_option("--by", words->by, "month or quarter")
        ->check(CLI::IsMember({"month", "quarter"}));
    add_output_options(*verb, context);
    verb->callback([&context, words] {
        Json request{{"by", words->by}};
        put(request, "from", words->from);
        put(request, "to", words->to);
        const Json document = context.invoke("management.show", request);
        context.print(document,
                      [&] { print_management(context, JsonReader(document, "management")); });
    });
}

}  // namespace

void add_management(CLI::App& app, Context& context) {
    CLI::App* noun =
        app.add_subcommand("management", "how patching goes, for those who answer for it");
    noun->require_subcommand(1);
    add_management_show(*noun, context);
}

void add_metrics(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand("metrics", "figures of this installation");
    noun->require_subcommand(1);
    CLI::App* verb = noun->add_subcommand("show", "print them as Prometheus reads them");
    add_json_flag(*verb, context);
    verb->callback([&context] {
        const Json document = context.invoke_exact("metrics.show", Json::object());
        context.print(document, [&] { std::cout << document.at("text").get<std::string>(); });
    });
}

}  // namespace patchlab::cli
