// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/context.hpp"

#include <unistd.h>

#include <iostream>
#include <map>
#include <set>

#include "orchestrator/cli/pager.hpp"
#include "orchestrator/cli/service_choice.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "platform/core/json_text.hpp"

namespace patchlab::cli {

namespace {

/// Empty when nothing says where it is.
std::filesystem::path default_state() {
    if (::geteuid() == 0) return "/var/lib/patchlab";
    if (const std::string home = environment("XDG_STATE_HOME"); !home.empty())
        return std::filesystem::path(home) / "patchlab";
    if (const std::string home = environment("HOME"); !home.empty())
        return std::filesystem::path(home) / ".local/state/patchlab";
    return {};
}

/// The first of these that says something.
ConfigValue first_of(const std::vector<ConfigValue>& values) {
    for (const ConfigValue& one : values)
        if (!one.value.empty()) return one;
    return values.back();
}

/// These hold text of several lines, which is printed as such.
bool holds_lines(const std::string& key) {
    static const std::set<std::string> keys{"text",    "source",      "changelog",
                                            "sources", "preferences", "yum"};
    return keys.contains(key);
}

/// The document with every string fit for a terminal, and for one line of it.
Json shown_as(const Json& value, bool lines) {
    if (value.is_string()) {
        const std::string& text = value.get_ref<const std::string&>();
        return lines ? plain_text(text, std::string::npos) : one_line(text);
    }
    if (!value.is_structured()) return value;
    Json copy = value.is_array() ? Json::array() : Json::object();
    if (value.is_array())
        for (const Json& item : value) copy.push_back(shown_as(item, lines));
    else
        for (const auto& [key, member] : value.items())
            copy[one_line(key)] = shown_as(member, holds_lines(key));
    return copy;
}

/// By what a thing is asked for.
std::string name_of(const Json& thing) {
    if (thing.is_string()) return thing.get<std::string>();
    for (const char* key : {"id", "name", "digest", "host", "run", "entry", "seq", "subject"})
        if (const auto found = thing.find(key); found != thing.end() && !found->is_structured())
            return found->is_string() ? found->get<std::string>() : to_line(*found);
    return {};
}

/// Of a list the names of its things, else the name of the thing itself.
void print_names(const Json& document) {
    const bool thing = !name_of(document).empty();
    if (thing) std::cout << one_line(name_of(document)) << "\n";
    else
        for (const auto& [key, member] : document.items())
            if (member.is_array()) {
                for (const Json& item : member) std::cout << one_line(name_of(item)) << "\n";
                return;
            }
}

}  // namespace

Json shown(const Json& document) { return shown_as(document, false); }

Context::Context(operations::Backends backends) : backends_(std::move(backends)) {}
Context::~Context() = default;

const Config& Context::settings() {
    if (settings_) return *settings_;
    Config files = read_config();
    Config holds;
    holds["state-dir"] = first_of({{state_option, "--state-dir"},
                                   {environment("PATCHLAB_STATE"), "PATCHLAB_STATE"},
                                   files["state-dir"],
                                   {default_state().string(), "default"}});
    holds["server"] = first_of({{server_option, "--server"},
                                {environment("PATCHLAB_SERVER"), "PATCHLAB_SERVER"},
                                files["server"],
                                {"", "default"}});
    holds["ca"] = first_of({{ca_option, "--ca"},
                            {environment("PATCHLAB_CA"), "PATCHLAB_CA"},
                            files["ca"],
                            {"", "the authorities that this host trusts"}});
    holds["user"] = first_of({{as_option, "--as"},
                              {environment("PATCHLAB_USER"), "PATCHLAB_USER"},
                              files["user"],
                              {"", "the user of the operating system"}});
    holds["output"] = first_of(
        {{format == Format::wide ? "wide" : "", "-o"}, files["output"], {"table", "default"}});
    holds["queue"] = first_of(
        {{environment("PATCHLAB_QUEUE"), "PATCHLAB_QUEUE"}, files["queue"], {"local", "default"}});
    holds["slurm-partition"] = first_of({files["slurm-partition"], {"", "as Slurm says"}});
    holds["slurm-program"] = first_of({files["slurm-program"], {"patchlab", "default"}});
    holds["slurm-head"] = first_of({files["slurm-head"], {"", "as the lab hosts say"}});
    holds["slurm-output"] = first_of({files["slurm-output"], {"/dev/null", "default"}});
    return settings_.emplace(std::move(holds));
}

namespace {

operations::QueueOptions queue_options(const Config& settings, const std::string& backend) {
    operations::QueueOptions options;
    options.usual = settings.at("queue").value;
    options.job.partition = settings.at("slurm-partition").value;
    options.job.program = settings.at("slurm-program").value;
    options.job.head = settings.at("slurm-head").value;
    options.job.output = settings.at("slurm-output").value;
    options.job.backend = backend;
    return options;
}

}  // namespace

operations::SessionOptions Context::session_options() {
    operations::SessionOptions options;
    options.state = settings().at("state-dir").value;
    options.user = settings().at("user").value;
    options.backend = environment("PATCHLAB_BACKEND");
    options.backends = backends_;
    options.queue = queue_options(settings(), options.backend);
    return options;
}

operations::Session& Context::session() {
    if (!session_)
        session_ = std::make_unique<operations::Session>(session_options(), commands_, clock_);
    return *session_;
}

service::RemoteClient* Context::service() {
    if (!service_chosen_) service_ = choose_service(settings());
    service_chosen_ = true;
    return service_.get();
}

std::filesystem::path Context::state() {
    return service() ? service()->state() : session().state();
}

/// A backup is restored where no state is yet: nobody's service does that.
operations::Outcome Context::ask(std::string_view operation, const Json& request,
                                 operations::EventSink& events) {
    const bool chosen = !settings().at("server").value.empty();
    if ((operation != "backup.restore" || chosen) && service())
        return service()->invoke(events, operation, request);
    return operations::invoke(session(), events, operation, request);
}

Json Context::invoke(std::string_view operation, const Json& request) {
    return invoke(operation, request, events_);
}

Json Context::invoke(std::string_view operation, const Json& request,
                     operations::EventSink& events) {
    operations::Outcome outcome = ask(operation, request, events);
    exit = outcome.exit;
    return for_programs() ? std::move(outcome.document) : shown(outcome.document);
}

Json Context::invoke_exact(std::string_view operation, const Json& request) {
    operations::Outcome outcome = ask(operation, request, events_);
    exit = outcome.exit;
    return std::move(outcome.document);
}

void Context::print(const Json& document, const std::function<void()>& print_text) {
    progress_done();
    const Page page(paging && lists_or_shows);
    if (json || format == Format::json) std::cout << to_plain_text(document);
    else if (format == Format::yaml) std::cout << to_yaml(document);
    else if (format == Format::name) print_names(document);
    else print_text();
}

void add_json_flag(CLI::App& command, Context& context) {
    command.add_flag("--json", context.json, "print JSON, for programs");
}

void add_output_options(CLI::App& command, Context& context) {
    static const std::map<std::string, Format> formats{{"wide", Format::wide},
                                                       {"json", Format::json},
                                                       {"yaml", Format::yaml},
                                                       {"name", Format::name},
                                                       {"csv", Format::csv}};
    add_json_flag(command, context);
    command.preparse_callback([&context](std::size_t) { context.lists_or_shows = true; });
    command
        .add_option("-o,--output", context.format,
                    "wide (every column, nothing cut), json, yaml, csv, or name (ids alone)")
        ->type_name("FORMAT")
        ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case).description(""));
    command.add_flag("!--no-header", context.header, "without the titles of the columns");
}

TableForm table_form(Context& context) {
    TableForm form;
    form.wide = context.settings().at("output").value == "wide";
    form.header = context.header;
    if (!form.wide && is_terminal(STDOUT_FILENO)) form.width = terminal_width(STDOUT_FILENO);
    return form;
}

namespace {

void print_csv_line(const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) line += (i == 0 ? "" : ",") + csv_cell(cells[i]);
    std::cout << line << "\n";
}

/// Every column.
void print_csv(const std::vector<Column>& columns, const Rows& rows, bool header) {
    Cells titles;
    for (const Column& column : columns) titles.push_back(column.title);
    if (header) print_csv_line(titles);
    for (const Cells& row : rows) print_csv_line(row);
}

}  // namespace

void print_table(Context& context, const std::vector<Column>& columns, const Rows& rows) {
    if (context.format == Format::csv) {
        print_csv(columns, rows, context.header);
        return;
    }
    for (const Line& line : table_lines(columns, rows, table_form(context)))
        std::cout << line << "\n";
}

void print_list(Context& context, const Json& document, std::string_view plural,
                const std::vector<Column>& columns,
                const std::function<Cells(const JsonReader& item)>& row_of,
                const std::string& hint) {
    context.print(document, [&] {
        Rows rows;
        for (const JsonReader& item : JsonReader(document, std::string(plural)).objects(plural))
            rows.push_back(row_of(item));
        if (rows.empty()) print_hint(context, hint);
        else print_table(context, columns, rows);
    });
}

void print_hint(Context& context, const std::string& text) {
    context.progress_done();
    std::cout << std::flush;
    std::cerr << text << "\n";
}

}  // namespace patchlab::cli
