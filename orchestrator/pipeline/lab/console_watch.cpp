// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/lab/console_watch.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "platform/core/text.hpp"

namespace patchlab::pipeline {

namespace {

constexpr std::string_view panic = "Kernel panic - not syncing";
constexpr std::string_view end_of_panic = "end Kernel panic - not syncing";
constexpr std::size_t last_words = 800;
constexpr std::size_t most_of_line = 160;
/// Seconds. A panic is the last thing that a kernel says; before a prompt something may still be on
/// its way.
constexpr double quiet_after_panic = 3;
constexpr double quiet_after_prompt = 7;
/// GRUB waits ten seconds after an error and then boots what it has, which may be well and say
/// nothing: as long as three boots take, and this.
constexpr double quiet_after_any_key = 30;
constexpr double boots_after_any_key = 3;

/// The last thing on the console: nobody types there.
constexpr std::array<std::string_view, 5> command_lines{"(initramfs)", "dracut:/#", "grub rescue>",
                                                        "grub>", "Shell>"};

struct Message {
    std::string_view text;
    double quiet;
    double boots = 0;  ///< and as long as so many boots take
};
/// Among the last words: those of systemd and sulogin, of first RAM disks, firmware and loaders.
constexpr std::array<Message, 11> messages{{
    {"You are in emergency mode", quiet_after_prompt},
    {"You are in rescue mode", quiet_after_prompt},
    {"Entering emergency mode", quiet_after_prompt},
    {"Give root password for maintenance", quiet_after_prompt},
    {"Press Enter for maintenance", quiet_after_prompt},
    {"Press Enter to continue", quiet_after_prompt},
    {"Freezing execution", quiet_after_prompt},
    {"reboot: System halted", quiet_after_prompt},
    {"No bootable device", quiet_after_any_key, boots_after_any_key},
    {"Boot failed: not a bootable disk", quiet_after_any_key, boots_after_any_key},
    {"Press any key to continue", quiet_after_any_key, boots_after_any_key},
}};

/// Without the sequences that move a cursor or set colours, which boot loaders print.
std::string without_escapes(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\x1b') {
            out += text[i];
            continue;
        }
        if (i + 1 < text.size() && text[i + 1] == '[') ++i;
        while (i + 1 < text.size() &&
               std::string_view("0123456789;?").find(text[i + 1]) != std::string_view::npos)
            ++i;
        ++i;  // the letter that ends it
    }
    return out;
}

std::string_view line_at(std::string_view text, std::size_t at) {
    const std::size_t end = std::min(text.find_first_of("\r\n", at), text.size());
    return text.substr(at, std::min(end - at, most_of_line));
}

std::size_t count(std::string_view text, std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != std::string_view::npos;
         at = text.find(what, at + what.size()))
        ++found;
    return found;
}

/// What a boot loader complained of last ("error: file `/boot/initrd.img' not found.").
std::string complaint_in(std::string_view text, std::size_t end) {
    const std::size_t at = text.substr(0, end).rfind("error: ");
    return at == std::string_view::npos ? "" : "; before that: " + plain_text(line_at(text, at));
}

std::optional<Standstill> panic_in(std::string_view text) {
    const std::size_t ends = count(text, end_of_panic);
    const std::size_t panics = count(text, panic) - ends;
    if (panics == 0) return std::nullopt;
    std::size_t at = text.rfind(panic);
    if (at >= 4 && text.substr(at - 4, 4) == "end ") {
        const std::size_t first = text.substr(0, at).rfind(panic);
        if (first != std::string_view::npos) at = first;
    }
    const bool goes_on = text.find("Rebooting in", at) != std::string_view::npos;
    if (goes_on && panics < 2) return std::nullopt;
    return Standstill{
        Standstill::Kind::panic,
        "its kernel panicked: '" + plain_text(line_at(text, at)) + "'" + complaint_in(text, at),
        quiet_after_panic};
}

std::optional<Standstill> prompt_in(std::string_view text, double usual) {
    const std::size_t end = text.find_last_not_of(" \t\r\n");
    const std::string_view said = text.substr(0, end == std::string_view::npos ? 0 : end + 1);
    const auto waits = [&](std::string_view prompt, std::size_t at, double quiet) {
        return Standstill{Standstill::Kind::prompt,
                          "it waits for a person: its console said '" + std::string(prompt) + "'" +
                              complaint_in(text, at),
                          quiet};
    };
    for (const std::string_view prompt : command_lines)
        if (said.ends_with(prompt))
            return waits(prompt, said.size() - prompt.size(), quiet_after_prompt);
    const std::size_t from = said.size() - std::min(said.size(), last_words);
    for (const Message& message : messages)
        if (const std::size_t at = said.find(message.text, from); at != std::string_view::npos)
            return waits(message.text, at, message.quiet + message.boots * usual);
    return std::nullopt;
}

}  // namespace

std::optional<Standstill> standstill_of(std::string_view console, double usual) {
    const std::string text = without_escapes(console);
    if (auto found = panic_in(text)) return found;
    return prompt_in(text, usual);
}

std::optional<std::string> ConsoleWatch::look(double now, std::string_view console) {
    if (quiet_since_ < 0 || console != said_) {
        said_ = console;
        quiet_since_ = now;
        return std::nullopt;
    }
    const auto found = standstill_of(said_, usual_);
    const double quiet = now - quiet_since_;
    if (!found || quiet < found->quiet) return std::nullopt;
    return found->what + ", and nothing more for " + std::to_string(std::lround(quiet)) + " s";
}

}  // namespace patchlab::pipeline
