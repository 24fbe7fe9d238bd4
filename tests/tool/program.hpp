// SPDX-License-Identifier: MIT
// Starts netrun-llm as a program of its own.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm::testing {

using Json = nlohmann::ordered_json;
using Arguments = std::vector<std::string>;

/// What a program is started with.
struct Start {
  std::string input{};                     ///< On standard input.
  std::vector<std::string> environment{};  ///< "NAME=value", beside a PATH.
  /// Where standard output goes: "" is to Ended::out, "closed" nowhere at all, "unread" a pipe that
  /// nobody reads, others a file.
  std::string output{};
};

struct Ended {
  int status = -1;  ///< Exit status; 128 and more: killed by that signal less 128.
  std::string out{}, err{};

  [[nodiscard]] Json json() const { return Json::parse(out); }
  /// Each line of `out` as JSON.
  [[nodiscard]] std::vector<Json> json_lines() const;
};

/// Runs `netrun-llm` to its end.
Ended run(Arguments const& arguments, Start const& start = {});

/// The same with standard output on a terminal, which is all that `out` then has.
Ended run_on_terminal(Arguments const& arguments, std::vector<std::string> const& environment = {});

/// What a command line for sh prints on standard output.
std::string run_shell(std::string const& command);

/// A program that is still running, and its standard input and output.
class Conversation {
 public:
  explicit Conversation(Arguments const& arguments);
  Conversation(Conversation const&) = delete;
  Conversation& operator=(Conversation const&) = delete;
  ~Conversation();

  void say(std::string_view text) const;
  /// The next line, without its end; empty when none comes within some seconds.
  [[nodiscard]] std::string next_line() const;

 private:
  int child_ = -1, input_ = -1, output_ = -1;
};

/// Lines of a text, without their ends.
std::vector<std::string> lines_of(std::string const& text);

/// A small price file: provider "acme" with models "small" and "large".
extern std::string const acme_prices;

}  // namespace netrun::llm::testing
