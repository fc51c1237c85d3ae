// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/run_view.hpp"

#include <iostream>

namespace patchlab::cli {

bool is_run_document(const Json& document) {
    return document.value("schema", "") == "patchlab/run/v1";
}

void print_run(Context& context, const Json& document) {
    const JsonReader run(document, "run");
    const std::string verdict = run.string_or("verdict", "");
    const bool colour = context.colours_on_stdout();
    const char* paint = "\033[1;33m";
    if (!colour) paint = "";
    else if (verdict == "validated") paint = "\033[1;32m";
    else if (verdict == "rejected") paint = "\033[1;31m";
    std::cout << "run      " << run.string("id") << "  (lab " << run.string("lab") << ")\n";
    for (const JsonReader& patch : run.objects("patches")) {
        std::cout << "patch    " << patch.string("id");
        const auto cves = patch.strings("advisories").size();
        if (cves) std::cout << "  (" << cves << (cves == 1 ? " CVE)" : " CVEs)");
        std::cout << "\n";
    }
    std::cout << "state    " << run.string("state") << ", stage " << run.string("stage") << "\n";
    if (!verdict.empty())
        std::cout << "verdict  " << paint << verdict << (colour ? "\033[0m" : "") << "\n";
    if (run.has("summary")) std::cout << "         " << run.string("summary") << "\n";
    for (const JsonReader& reason : run.objects("reasons"))
        std::cout << "reason   " << reason.string("kind") << "  " << reason.string("machine")
                  << "  " << reason.string("subject") << "\n         "
                  << reason.string("detail").substr(0, 300) << "\n";
    if (verdict.empty()) return;
    const JsonReader changes = run.object("changes");
    std::cout << "checks   " << run.objects("checks").size() << "\n"
              << "changes  " << changes.integer("total") << " (" << changes.integer("explained")
              << " explained, " << changes.integer("noise") << " noise, "
              << changes.integer("unexplained") << " unexplained)\n";
    if (run.has("evidence"))
        std::cout << "evidence " << (context.session().state() / run.string("evidence")).string()
                  << "\n";
}

}  // namespace patchlab::cli
