// SPDX-License-Identifier: MIT
// The command line as a whole: statuses, help, options that all commands have.
#include "support/catch.hpp"
#include "tool/program.hpp"
#include <netrun/llm/version.hpp>

#include <string>

namespace netrun::llm {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using testing::Arguments;
using testing::run;

Arguments gpt4o(Arguments more = {}) {
  Arguments arguments{"cost",    "--provider", "openai",   "--model", "gpt-4o",
                      "--input", "1000",       "--output", "500"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST_CASE("tool: --version prints the version of the library", "[tool][usage]") {
  auto const ended = run({"--version"});
  CHECK(ended.status == 0);
  CHECK(ended.out == std::string("netrun-llm ") + version + "\n");
  CHECK(ended.err.empty());
}

TEST_CASE("tool: every command has help with examples", "[tool][usage]") {
  auto const command =
      GENERATE(Arguments{}, Arguments{"cost"}, Arguments{"prices"}, Arguments{"prices", "show"},
               Arguments{"prices", "list"}, Arguments{"prices", "check"},
               Arguments{"prices", "diff"}, Arguments{"usage"});
  auto arguments = command;
  arguments.emplace_back("--help");
  auto const ended = run(arguments);
  CHECK(ended.status == 0);
  CHECK_THAT(ended.out, ContainsSubstring("Usage: netrun-llm"));
  CHECK_THAT(ended.out, ContainsSubstring("--format"));
  CHECK_THAT(ended.out, ContainsSubstring("Examples:\n  netrun-llm"));
  CHECK(ended.err.empty());
}

TEST_CASE("tool: a wrong command line is status 2, and says what is wrong", "[tool][usage]") {
  struct Wrong {
    Arguments arguments;
    std::string text;
  };
  auto const wrong = GENERATE(values<Wrong>({
      {{}, "A subcommand is required; see `netrun-llm --help`"},
      {{"telepathy"}, "nothing is known of \"telepathy\"; see `netrun-llm --help`"},
      {{"--telepathy", "cost"}, "--telepathy"},
      {{"prices", "telepathy"}, "telepathy; see `netrun-llm prices --help`"},
      {{"cost", "--telepathy"}, "--telepathy; see `netrun-llm cost --help`"},
      {{"cost"}, "--provider and --model are required"},
      {{"cost", "--provider", "openai", "--input", "1"}, "--provider and --model are required"},
      {{"cost", "--provider", "openai", "--model", "gpt-4o"}, "no tokens are named"},
      {{"prices", "show"}, "model is required; see `netrun-llm prices show --help`"},
      {{"prices", "diff", "builtin"}, "after is required"},
      {gpt4o({"extra"}), "extra"},
      {gpt4o({"--format", "xml"}), "--format: \"xml\" is not one of table, json, csv"},
      {gpt4o({"--tz", "Mars/Olympus"}), "--tz: no time zone \"Mars/Olympus\""},
      {gpt4o({"--tz", "../../etc/passwd"}), "--tz: no time zone"},
      {gpt4o({"--at", "yesterday"}), "--at: "},
      {gpt4o({"--at", "2026-02-30"}), "\"2026-02-30\""},
      {gpt4o({"--search-context-size", "huge"}), "\"huge\" is not one of low, medium, high"},
      {gpt4o({"--attribute", "speed"}), "--attribute: \"speed\" is not KEY=VALUE"},
      {gpt4o({"--attribute", "=fast"}), "--attribute: \"=fast\" is not KEY=VALUE"},
      {gpt4o({"--cases", "-"}), "--provider does not go with --cases"},
      {{"usage"}, "file is required; see `netrun-llm usage --help`"},
      {{"usage", "--api", "telepathy", "-"},
       "--api: \"telepathy\" is not one of auto, openai.chat"},
      {{"usage", "--form", "xml", "-"},
       "\"xml\" is not one of json, sse, ndjson, eventstream, error"},
      {{"usage", "--header", "retry-after", "-"}, "--header: \"retry-after\" is not NAME: VALUE"},
      {{"usage", "--header", ": 7", "-"}, "--header: \": 7\" is not NAME: VALUE"},
      {{"usage", "--status", "99", "-"}, "--status: \"99\" is not a status of HTTP"},
      {{"usage", "--status", "600", "-"}, "a number from 100 to 599"},
      {{"usage", "--status", "20x", "-"}, "--status: \"20x\""},
  }));
  auto const ended = run(wrong.arguments);
  INFO(wrong.text);
  CHECK(ended.status == 2);
  CHECK(ended.out.empty());
  CHECK_THAT(ended.err, StartsWith("netrun-llm: "));
  CHECK_THAT(ended.err, ContainsSubstring(wrong.text));
}

TEST_CASE("tool: counts are whole numbers up to 2^64 - 1", "[tool][usage]") {
  auto const text = GENERATE("-5", "1.5", "abc", "99999999999999999999", "18446744073709551616", "",
                             "1e3", "+1", " 1", "0x10", "1_000");
  auto const ended = run(gpt4o({"--cache-read", text}));
  INFO(text);
  CHECK(ended.status == 2);
  CHECK(ended.err == "netrun-llm: --cache-read: \"" + std::string(text) +
                         "\" is not a whole number from 0 to 18446744073709551615\n");
}

TEST_CASE("tool: a count of searches is narrower", "[tool][usage]") {
  auto const ended = run(gpt4o({"--web-search", "4294967296"}));
  CHECK(ended.status == 2);
  CHECK_THAT(ended.err,
             ContainsSubstring("\"4294967296\" is not a whole number from 0 to 4294967295"));
}

TEST_CASE("tool: general options may stand before the command or after it", "[tool][usage]") {
  auto const before = run({"--format", "csv", "prices"});
  auto const after = run({"prices", "--format", "csv"});
  CHECK(before.status == 0);
  CHECK_THAT(before.out, StartsWith("snapshot,"));
  CHECK(after.out == before.out);
}

TEST_CASE("tool: of general options the last one counts", "[tool][usage]") {
  auto const ended = run({"--format", "csv", "prices", "--format", "json"});
  CHECK(ended.status == 0);
  CHECK(ended.json().is_object());
}

TEST_CASE("tool: --json is the same as --format json", "[tool][usage]") {
  CHECK(run({"prices", "--json"}).out == run({"prices", "--format", "json"}).out);
}

TEST_CASE("tool: a model may have the name of a command", "[tool][usage]") {
  for (auto const* const name : {"cost", "prices", "list"}) {
    auto const ended = run({"prices", "show", name});
    CHECK(ended.status == 1);
    CHECK_THAT(ended.err, ContainsSubstring("no entry for \"" + std::string(name) + "\""));
  }
}

TEST_CASE("tool: an error quotes nothing that a terminal would obey", "[tool][usage]") {
  auto const ended = run(gpt4o({"--cache-read", "\x1b[31m5"}));
  CHECK(ended.status == 2);
  CHECK(ended.err.find('\x1b') == std::string::npos);
}

}  // namespace
}  // namespace netrun::llm
