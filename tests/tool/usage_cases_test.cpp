// SPDX-License-Identifier: MIT
// `usage` against recorded bodies, whose right answers stand beside them.
#include "json/support.hpp"
#include "support/catch.hpp"
#include "tool/program.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm {
namespace {

using testing::Arguments;
using testing::Json;

std::filesystem::path const recorded =
    std::filesystem::path(NETRUN_LLM_SHARED_DIR) / "facts" / "payloads" / "cases";

#define NETRUN_LLM_NEED_RECORDED()                             \
  do {                                                         \
    if (!std::filesystem::exists(recorded)) {                  \
      SKIP_TEST("no shared folder with facts/payloads/cases"); \
    }                                                          \
  } while (false)

/// All of them, by name.
std::vector<Json> recorded_cases() {
  std::vector<std::filesystem::path> paths;
  for (auto const& entry : std::filesystem::directory_iterator(recorded)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Json> cases;
  for (auto const& path : paths) cases.push_back(Json::parse(testing::contents(path.string())));
  return cases;
}

std::string from_base64(std::string_view text) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::size_t bits = 0;
  int count = 0;
  for (char const c : text.substr(0, text.find('='))) {
    bits = bits << 6U | digits.find(c);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xffU);
  }
  return bytes;
}

/// The bytes that came over the wire.
std::string body_of(Json const& recorded_case) {
  for (auto const* const key : {"sse", "ndjson"}) {
    if (recorded_case.contains(key)) return recorded_case[key].get<std::string>();
  }
  if (recorded_case.contains("eventstream_base64")) {
    return from_base64(recorded_case["eventstream_base64"].get<std::string>());
  }
  return recorded_case["body"].dump();
}

/// What a caller says of a body; what is empty is left to be seen.
struct Told {
  std::string api{}, form{};
};

testing::Ended usage_of(Json const& recorded_case, Told const& told) {
  Arguments arguments{"usage"};
  auto const add = [&](std::string const& option, std::string const& value) {
    if (!value.empty()) arguments.insert(arguments.end(), {option, value});
  };
  add("--api", told.api);
  add("--form", told.form);
  add("--status", std::to_string(recorded_case["http_status"].get<int>()));
  add("--url", recorded_case["request_uri"].get<std::string>());
  for (auto const& [name, value] : recorded_case["headers"].items()) {
    add("--header", name + ": " + value.get<std::string>());
  }
  arguments.emplace_back("-");
  return testing::run(arguments, {.input = body_of(recorded_case)});
}

void check_answer(Json const& answer, Json const& expected) {
  for (auto const& [key, value] : expected.items()) {
    INFO(key << ": " << value);
    if (value == Json::array({1})) {
      CHECK(answer.value(key, Json()) == Json::array({"STOP"}));  // Vertex, asked for numbers
    } else {
      CHECK(answer.value(key, Json()) == value);
    }
  }
  // What was not reported is absent. Searches and costs are left out here: some bodies have them
  // where the list of what is expected does not.
  for (auto const* const key :
       {"input_tokens", "output_tokens", "cache_read", "cache_write", "cache_write_1h", "reasoning",
        "input_audio", "output_audio", "tool_use_input", "billed_input_tokens",
        "billed_output_tokens", "search_units", "from_headers", "prompt_eval_count_missing",
        "extra_iterations_not_in_totals", "so_far", "complete"}) {
    INFO(key);
    CHECK(answer.contains(key) == expected.contains(key));
  }
  CHECK(answer.contains("error_type") == expected.contains("http_status"));
}

template <class Tell>
void check_cases(Tell tell) {
  auto const cases = recorded_cases();
  REQUIRE(cases.size() > 50);
  for (auto const& one : cases) {
    auto const ended = usage_of(one, tell(one));
    INFO(one["id"] << "\n" << ended.out << ended.err);
    CHECK(ended.status == 0);
    REQUIRE(ended.out.find('\n') + 1 == ended.out.size());
    check_answer(ended.json(), one["expected"]);
  }
}

TEST_CASE("usage: recorded bodies say what is expected of them", "[tool][response]") {
  NETRUN_LLM_NEED_RECORDED();
  check_cases([](Json const& one) {
    return Told{.api = one["api"].get<std::string>(), .form = one["form"].get<std::string>()};
  });
}

TEST_CASE("usage: the address of a recorded body is enough to read it", "[tool][response]") {
  NETRUN_LLM_NEED_RECORDED();
  check_cases([](Json const&) { return Told{.api = "auto"}; });
}

TEST_CASE("usage: every key of an answer is a column of CSV", "[tool][response]") {
  NETRUN_LLM_NEED_RECORDED();
  auto const csv = testing::run({"usage", "--format", "csv", "-"}, {.input = "{}"});
  auto const header = "," + testing::lines_of(csv.out).front() + ",";
  for (auto const& one : recorded_cases()) {
    auto const answer = usage_of(one, {}).json();
    for (auto const& [key, value] : answer.items()) {
      INFO(key);
      CHECK(header.find("," + key + ",") != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace netrun::llm
