// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::cli {

namespace {

struct DiffOptions {
    std::string run;
    bool unexplained = false, sensitive = false, review = false;
    std::string machine;
    std::vector<std::string> classes;  ///< empty: all
    bool content = false;
    std::string path;  ///< whose content; empty: of all that are listed
};

/// An empty table would look like "nothing changed", also where nobody looked.
std::string nothing_listed(const JsonReader& diff, const DiffOptions& options) {
    if (!diff.boolean("compared"))
        return "nothing was compared: the run did not get so far (" +
               diff.string_or("verdict", "no verdict") + ", see: patchlab run show " + options.run +
               ")";
    const char* kind = options.unexplained ? " is unexplained" : "";
    if (options.sensitive)
        kind = options.unexplained ? " is unexplained or sensitive" : " is sensitive";
    if (options.review) kind = " is to be looked at";
    const std::int64_t sensitive = diff.integer("sensitive");
    const bool more = options.unexplained && !options.sensitive && sensitive > 0;
    return "no change" + (options.classes.empty() ? "" : " of class " + joined(options.classes)) +
           (options.machine.empty() ? "" : " on " + options.machine) + kind +
           (more ? "; " + count_text(sensitive, "is", "are") + " sensitive: patchlab diff " +
                       options.run + " --review"
                 : "");
}

bool is_unexplained(const JsonReader& change) {
    return change.string("attribution") == "unexplained";
}

/// Set beside what the verdict rests on.
bool is_finding(const JsonReader& change) {
    return change.string("attribution") != "noise" &&
           (is_unexplained(change) || change.boolean_or("sensitive", false));
}

Style style_of(const JsonReader& change) {
    if (!is_finding(change)) return Style::plain;
    return is_unexplained(change) ? Style::bad : Style::unsure;
}

const char* sign_of(const std::string& change) {
    if (change == "added") return "+";
    if (change == "removed") return "-";
    return change == "unreadable" ? "?" : "~";
}

/// What differs; of documents of older versions both values.
std::string differs(const JsonReader& change) {
    if (change.has("differs")) return with_short_digests(change.string("differs"));
    const std::string before = change.string_or("before", ""),
                      after = change.string_or("after", "");
    if (before.empty() || after.empty()) return with_short_digests(before + after);
    return with_short_digests(before + " → " + after);
}

/// Why it matters comes before why it is so.
std::string reason_of(const JsonReader& change) {
    const std::string concern = change.string_or("concern", ""), why = change.string_or("why", "");
    return concern + (concern.empty() || why.empty() ? "" : "; ") + why;
}

void print_changes(Context& context, const JsonReader& diff) {
    Rows rows;
    std::vector<Style> styles;
    for (const JsonReader& change : diff.objects("items")) {
        rows.push_back(
            {std::string(sign_of(change.string("change"))) + (is_finding(change) ? " !" : ""),
             change.string("machine"), change.string("class"), change.string("subject"),
             differs(change), change.string("attribution"), reason_of(change)});
        styles.push_back(style_of(change));
    }
    TableForm form = table_form(context);
    std::vector<Line> lines =
        table_lines({" ", "MACHINE", "CLASS", "SUBJECT", "WHAT DIFFERS", "BY", "WHY"}, rows, form);
    const std::size_t first = lines.size() - rows.size();
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i >= first && !lines[i].empty()) lines[i].front().style = styles[i - first];
        std::cout << lines[i] << "\n";
    }
}

Style style_of_line(const std::string& line) {
    if (line.starts_with("--- ") || line.starts_with("+++ ")) return Style::bold;
    if (line.starts_with("@@")) return Style::busy;
    if (line.starts_with("-")) return Style::bad;
    return line.starts_with("+") ? Style::good : Style::plain;
}

void print_content(const JsonReader& file) {
    if (file.has("not_kept")) {
        std::cout << "  content not kept: " << file.string("not_kept") << "\n";
        return;
    }
    const std::string text = file.string("text");
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string line = text.substr(at, end - at);
        std::cout << Span(line, style_of_line(line)) << "\n";
        at = end + 1;
    }
    const std::int64_t secrets = file.integer("redacted");
    if (text.empty()) std::cout << "  only what was redacted differs\n";
    if (secrets > 0)
        std::cout << "  " << count_text(secrets, "secret was", "secrets were")
                  << " taken out of this text\n";
}

void print_change(const JsonReader& change) {
    std::cout << Span(is_finding(change) ? "! " : "", style_of(change))
              << Span(change.string("machine") + ": " + change.string("class") + " " +
                          change.string("subject"),
                      Style::bold)
              << "  " << change.string("change") << ", by " << change.string("attribution") << "\n";
    if (const std::string what = differs(change); !what.empty()) std::cout << "  " << what << "\n";
    if (const std::string why = reason_of(change); !why.empty()) std::cout << "  " << why << "\n";
}

/// Each change with what its files said; of those without a text only what is to be looked at.
void print_contents(const JsonReader& diff) {
    std::size_t shown = 0, left_out = 0;
    for (const JsonReader& change : diff.objects("items")) {
        const auto files = change.objects("contents");
        if (files.empty() && !is_finding(change)) {
            ++left_out;
            continue;
        }
        if (shown++ > 0) std::cout << "\n";
        print_change(change);
        for (const JsonReader& file : files) print_content(file);
    }
    if (!diff.boolean_or("contents_kept", true))
        std::cout << "\nthe evidence of this run keeps no contents of files\n";
    else if (left_out > 0)
        std::cout << (shown > 0 ? "\n" : "") << count_text(left_out, "change is", "changes are")
                  << " of no small text file\n";
}

/// What a reader would type next.
void print_next(Context& context, const JsonReader& diff, const DiffOptions& options) {
    const std::int64_t findings = diff.integer("unexplained") + diff.integer("sensitive");
    if (findings > 0 && !options.content && !options.review)
        print_hint(context, count_text(findings, "change is", "changes are") +
                                " to be looked at (marked !), with their content: patchlab diff " +
                                options.run + " --review --content");
}

void diff(Context& context, const DiffOptions& options) {
    Json request{{"run", options.run},         {"unexplained", options.unexplained},
                 {"review", options.review},   {"sensitive", options.sensitive},
                 {"classes", options.classes}, {"content", options.content}};
    if (!options.machine.empty()) request["machine"] = options.machine;
    if (!options.path.empty()) request["path"] = options.path;
    const Json document = context.invoke("run.diff", request);
    context.print(document, [&] {
        const JsonReader diff(document, "diff");
        if (diff.objects("items").empty()) std::cout << nothing_listed(diff, options) << "\n";
        else if (options.content) print_contents(diff);
        else print_changes(context, diff);
        print_next(context, diff, options);
    });
}

}  // namespace

void add_diff(CLI::App& app, Context& context) {
    CLI::App* verb = app.add_subcommand("diff", "what a run changed, and what explains it");
    auto options = std::make_shared<DiffOptions>();
    verb->add_option("RUN", options->run,
                     "the run: its id, the beginning of it, its number, or @last")
        ->required();
    verb->add_flag("--unexplained", options->unexplained,
                   "only what no package of the patch explains");
    verb->add_flag("--sensitive", options->sensitive,
                   "only what is sensitive: ports, setuid files, users, keys, timers and the like");
    verb->add_flag("--review", options->review,
                   "only what the verdict rests on: what is unexplained or sensitive");
    CLI::Option* content = verb->add_option(
        "--content", options->path,
        "what the changed files said before and after, as a diff; with PATH, of that file alone");
    content->expected(0, 1)->type_name("[PATH]");
    verb->add_option("--machine", options->machine, "only this machine");
    verb->add_option("--class", options->classes,
                     "only changes of this class, as the table names it (may be repeated)");
    add_output_options(*verb, context);
    verb->callback([&context, options, content] {
        options->content = content->count() > 0;
        diff(context, *options);
    });
}

}  // namespace patchlab::cli
