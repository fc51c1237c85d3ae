// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/examples.hpp"

#include <map>

namespace patchlab::cli {

namespace {

using Examples = std::map<std::string_view, std::vector<std::string>>;

const Examples& of_the_lab() {
    static const Examples examples{
        {"doctor", {"doctor", "doctor --json | jq '.checks[] | select(.ok | not)'"}},
        {"init", {"init", "-C /srv/patchlab init"}},
        {"image build",
         {"image build web-12 --suite bookworm --package nginx",
          "image build db-1 --suite bookworm --like db-1.packages --nearest"}},
        {"image import", {"image import golden web-golden.qcow2"}},
        {"image list", {"image list", "image list --origin built -o wide"}},
        {"image show", {"image show web-12", "image show web-12 --packages"}},
        {"image remove", {"image remove web-12"}},
        {"lab check", {"lab check web-shop.yaml"}},
        {"lab add", {"lab add web-shop.yaml"}},
        {"lab list", {"lab list", "lab list -o name"}},
        {"lab show", {"lab show web-shop"}},
        {"lab prepare", {"lab prepare web-shop"}},
        {"lab remove", {"lab remove web-shop"}},
        {"patch fetch",
         {"patch fetch --lab web-shop", "patch fetch --lab web-shop --source openssl"}},
        {"patch add", {"patch add vendor/*"}},
        {"patch list", {"patch list", "patch list --since 7d -o wide"}},
        {"patch show", {"patch show @last", "patch show nginx_1.22.1-9+deb12u11"}},
        {"patch remove", {"patch remove nginx_1.22.1-9+deb12u11"}},
        {"run list",
         {"run list --lab web-shop --verdict rejected,needs-review --since 7d",
          "run list -o name"}},
        {"run cancel", {"run cancel @last"}},
        {"run resume", {"run resume 0004", "run resume 0004 --detach"}},
        {"snapshot list", {"snapshot list --lab web-shop"}},
        {"snapshot prune", {"snapshot prune"}},
        {"gc", {"gc --dry-run", "gc --keep-days 180 --keep 50 --yes"}},
        {"reap", {"reap"}},
        {"report", {"report @last --format html -o report.html"}},
        {"evidence verify", {"evidence verify runs/r-20261130-0004/evidence --key lab.pem"}},
        {"evidence export", {"evidence export @last -o r-20261130-0004.tar.zst"}},
    };
    return examples;
}

const Examples& of_decisions() {
    static const Examples examples{
        {"policy check", {"policy check strict.yaml"}},
        {"policy explain", {"policy explain @last", "policy explain 0004 --policy strict.yaml"}},
        {"policy add", {"policy add strict.yaml", "policy add --builtin strict"}},
        {"policy list", {"policy list"}},
        {"policy show", {"policy show", "policy show strict"}},
        {"approve", {"--as rhea approve @last"}},
        {"reject", {"--as rhea reject @last --reason 'the front page is empty'"}},
        {"waive",
         {"waive @last --requirement drill --reason 'no old version' --expires 2027-01-31"}},
        {"user add", {"user add rhea --role release-manager", "user add ci --role tester"}},
        {"user list", {"user list", "user list -o wide"}},
        {"user show", {"user show rhea"}},
        {"user remove", {"user remove rhea --yes"}},
        {"user key", {"user key rhea --new", "user key rhea --register rhea.pem"}},
        {"key list", {"key list"}},
        {"key export", {"key export -o lab.pem"}},
        {"key rotate", {"key rotate --dry-run"}},
        {"change show",
         {"change show @last --format html -o change.html", "change show e-20261130-0001"}},
        {"audit list",
         {"audit list --user rhea --since 30d", "audit list --subject r-20261130-0004"}},
        {"audit verify", {"audit verify", "audit verify --head head.json"}},
        {"audit head", {"audit head -o head.json"}},
    };
    return examples;
}

const Examples& of_deployment() {
    static const Examples examples{
        {"catalog list", {"catalog list", "catalog list --state offered"}},
        {"catalog show", {"catalog show e-20261130-0001"}},
        {"catalog channels", {"catalog channels"}},
        {"catalog verify", {"catalog verify", "catalog verify e-20261130-0001"}},
        {"catalog add", {"catalog add @last"}},
        {"catalog promote", {"catalog promote e-20261130-0001 --to ring-0 --publish"}},
        {"catalog supersede", {"catalog supersede e-20261130-0001 --by e-20261130-0002"}},
        {"catalog publish", {"catalog publish ring-0"}},
        {"catalog subscribe",
         {"catalog subscribe ring-0 --url https://packages.example.org/ring-0"}},
        {"catalog key export", {"catalog key export -o channels.asc"}},
        {"inventory import",
         {"inventory import hosts.csv", "inventory import hosts.ini --source main"}},
        {"inventory scan", {"inventory scan", "inventory scan --group web"}},
        {"inventory window add", {"inventory window add windows.yaml"}},
        {"inventory window list", {"inventory window list"}},
        {"inventory window remove", {"inventory window remove sunday-night"}},
        {"inventory list",
         {"inventory list --criticality mission-critical", "inventory list -o wide"}},
        {"inventory show", {"inventory show web-1 --packages"}},
        {"inventory groups", {"inventory groups"}},
        {"inventory needed", {"inventory needed", "inventory needed --host web-1"}},
        {"inventory fidelity", {"inventory fidelity --lab web-shop --packages"}},
        {"inventory remove", {"inventory remove web-1"}},
        {"notify check", {"notify check targets.yaml"}},
        {"notify add", {"notify add targets.yaml"}},
        {"notify show", {"notify show", "notify show @last"}},
        {"notify test", {"notify test", "notify test targets.yaml"}},
        {"notify list", {"notify list --open"}},
        {"notify retry", {"notify retry"}},
        {"rollout check", {"rollout check web.yaml"}},
        {"rollout start", {"rollout start web.yaml --entry e-20261130-0001"}},
        {"rollout pause", {"rollout pause @last"}},
        {"rollout resume", {"rollout resume @last"}},
        {"rollout abort", {"rollout abort @last --dry-run"}},
        {"rollout back-out", {"rollout back-out @last --dry-run"}},
        {"rollout list", {"rollout list --state halted"}},
        {"rollout show", {"rollout show @last"}},
        {"rollout log", {"rollout log @last -f"}},
        {"rollout report", {"rollout report --host web-1 report.json"}},
        {"completion",
         {"completion bash >/etc/bash_completion.d/patchlab", "completion zsh >_patchlab"}},
        {"man", {"man run start | man -l -", "man -o man1/"}},
    };
    return examples;
}

}  // namespace

std::vector<std::string> examples_of(std::string_view verb) {
    for (const Examples* some : {&of_the_lab(), &of_decisions(), &of_deployment()})
        if (const auto found = some->find(verb); found != some->end()) {
            std::vector<std::string> lines;
            for (const std::string& line : found->second) lines.push_back("patchlab " + line);
            return lines;
        }
    return {};
}

}  // namespace patchlab::cli
