// SPDX-License-Identifier: MIT
// Calls as JSON: form, round trip, defaults, and what is refused.
#include "support.hpp"
#include "support/catch.hpp"
#include <netrun/llm/json.hpp>
#include <netrun/llm/json_lines.hpp>
#include <netrun/llm/timestamp.hpp>

#include <nlohmann/json.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

namespace netrun::llm {
namespace {

using Catch::Matchers::ContainsSubstring;
using nlohmann::json;

LLMRequestMetrics read(char const* text) { return json::parse(text).get<LLMRequestMetrics>(); }

std::string refusal(json const& document) {
  try {
    return "taken as " + json(document.get<LLMRequestMetrics>()).dump();
  } catch (std::invalid_argument const& error) {
    return error.what();
  }
}
std::string refusal(char const* text) { return refusal(json::parse(text)); }

TEST_CASE("JSON: a call is a flat object with the names of its fields", "[json]") {
  auto call = testing::plain_call("r1");
  call.exact_cost = Usd::parse("0.0075");
  call.cost_usd = 0.0075;
  call.tags = {{"team", "search"}};
  json const j = call;
  CHECK(j.at("request_id") == "r1");
  CHECK(j.at("timestamp") == "2026-01-01T00:00:00.000000Z");
  CHECK(j.at("user_id").is_null());
  CHECK(j.at("time_to_first_token_ms").is_null());
  CHECK(j.at("cost_usd") == 0.0075);
  CHECK(j.at("cost_picousd") == "7500000000");
  CHECK(j.at("cost_source") == "manual");
  CHECK(j.at("usage_source") == "reported");
  CHECK(j.at("tags") == json{{"team", "search"}});
  CHECK(j.at("attributes") == json::object());
  CHECK(j.size() == 43);
}

TEST_CASE("JSON: what a response said of itself has fields of its own", "[json]") {
  auto call = testing::plain_call("r1");
  call.provider_request_id = "req_011CT";
  call.parent_request_id = "agent-7";
  call.finish_reason = "stop,length";
  call.time_per_output_token_ms = 7.5;
  json const j = call;
  CHECK(j.at("provider_request_id") == "req_011CT");
  CHECK(j.at("parent_request_id") == "agent-7");
  CHECK(j.at("finish_reason") == "stop,length");
  CHECK(j.at("time_per_output_token_ms") == 7.5);
  CHECK(json(testing::plain_call("r2")).at("finish_reason").is_null());
}

TEST_CASE("JSON: a call that counts nothing has no usage", "[json]") {
  CHECK(json{{"model", "m"}}.get<LLMRequestMetrics>().usage_source == UsageSource::absent);
  CHECK(json{{"model", "m"}, {"output_tokens", 0}}.get<LLMRequestMetrics>().usage_source ==
        UsageSource::reported);
  CHECK(json{{"model", "m"}, {"usage_source", "estimated"}}.get<LLMRequestMetrics>().usage_source ==
        UsageSource::estimated);
}

TEST_CASE("JSON: a call reads back equal, to the last bit", "[json]") {
  constexpr std::uint64_t seed = 401;
  INFO("seed " << seed);
  testing::Random random(seed);
  for (int i = 0; i < 3000; ++i) {
    auto const call = testing::random_call(random);
    INFO("call " << i);
    auto const through_text = json::parse(json(call).dump()).get<LLMRequestMetrics>();
    REQUIRE(json(call).get<LLMRequestMetrics>() == call);
    REQUIRE(through_text == call);
    REQUIRE(std::bit_cast<std::uint64_t>(through_text.cost_usd) ==
            std::bit_cast<std::uint64_t>(call.cost_usd));
  }
}

TEST_CASE("append_json_line: says what to_json says, in one line", "[json]") {
  constexpr std::uint64_t seed = 402;
  INFO("seed " << seed);
  testing::Random random(seed);
  std::string text = "before\n";
  for (int i = 0; i < 3000; ++i) {
    auto const call = testing::random_call(random, testing::Texts::bytes);
    std::vector<Tag> tags;
    auto const view = testing::view_of(call, tags);
    auto const start = text.size();
    append_json_line(text, call);
    auto const line = text.substr(start);
    INFO("call " << i << ": " << line);
    REQUIRE(line.find('\n') == line.size() - 1);
    REQUIRE(json::parse(line) == json(call));
    REQUIRE(json(view) == json(call));
    std::string of_view;
    append_json_line(of_view, view);
    REQUIRE(of_view == line);
    REQUIRE_NOTHROW(json(call).dump());
  }
  CHECK(text.starts_with("before\n{"));
}

TEST_CASE("append_json_line: takes a view of nothing", "[json]") {
  std::string line;
  append_json_line(line, LLMRequestView{});
  CHECK(json::parse(line) == json(LLMRequestView{}));
  CHECK(json::parse(line).at("cost_source") == "unpriced");
}

TEST_CASE("append_json_line: bits of doubles survive", "[json]") {
  constexpr std::uint64_t seed = 403;
  INFO("seed " << seed);
  testing::Random random(seed);
  auto call = testing::plain_call("r");
  for (int i = 0; i < 20'000; ++i) {
    call.latency_ms = testing::random_double(random);
    std::string line;
    append_json_line(line, call);
    auto const back = json::parse(line).get<LLMRequestMetrics>().latency_ms;
    REQUIRE(std::bit_cast<std::uint64_t>(back) == std::bit_cast<std::uint64_t>(call.latency_ms));
  }
}

TEST_CASE("append_json_line: escapes what other programs take for the end of a line", "[json]") {
  auto call = testing::plain_call(
      "a\xe2\x80\xa8"
      "b\xe2\x80\xa9"
      "c\xc2\x85"
      "d");
  std::string line;
  append_json_line(line, call);
  CHECK_THAT(line, ContainsSubstring("a\\u2028b\\u2029c\\u0085d"));
}

TEST_CASE("append_json_line: escapes the control characters that a terminal obeys", "[json]") {
  auto call = testing::plain_call("eight by\x7f\xc2\x80|\xc2\x9b|\xc2\x9f|\xc2\xa0|seven..\x7f");
  std::string line;
  append_json_line(line, call);
  CHECK_THAT(line, ContainsSubstring(
                       "\"eight by\\u007f\\u0080|\\u009b|\\u009f|\xc2\xa0|seven..\\u007f\""));
  CHECK(json::parse(line) == json(call));
}

TEST_CASE("JSON: doubles that are not finite are null", "[json]") {
  auto call = testing::plain_call("r");
  call.latency_ms = std::numeric_limits<double>::quiet_NaN();
  call.cost_usd = -std::numeric_limits<double>::infinity();
  call.time_to_first_token_ms = std::numeric_limits<double>::infinity();
  call.time_per_output_token_ms = std::numeric_limits<double>::quiet_NaN();
  std::string line;
  append_json_line(line, call);
  CHECK(json(call).at("latency_ms").is_null());
  CHECK(json(call).at("cost_usd").is_null());
  CHECK(json(call).at("time_to_first_token_ms").is_null());
  CHECK(json(call).at("time_per_output_token_ms").is_null());
  CHECK(json::parse(line) == json(call));
}

TEST_CASE("JSON: bytes that are not UTF-8 are written as U+FFFD", "[json]") {
  auto const call = testing::plain_call(
      "a\xff"
      "b");
  CHECK(json(call).at("request_id") ==
        "a\xef\xbf\xbd"
        "b");
  CHECK(json::parse(json(call).dump()).at("request_id") ==
        "a\xef\xbf\xbd"
        "b");
}

TEST_CASE("JSON: tags keep their order", "[json]") {
  auto call = testing::plain_call("r");
  call.tags = {{"team", "search"}, {"env", "prod"}};
  json const j = call;
  CHECK(j.at("tags").at("env") == "prod");
  CHECK(j.at("tags_order") == json{"team", "env"});
  CHECK(j.get<LLMRequestMetrics>() == call);
}

TEST_CASE("JSON: tags with one key twice are pairs", "[json]") {
  auto call = testing::plain_call("r");
  call.tags = {{"a", "1"}, {"a", "2"}};
  json const j = call;
  CHECK(j.at("tags").is_array());
  CHECK(j.get<LLMRequestMetrics>() == call);
}

TEST_CASE("JSON: tags are read from an object and from pairs", "[json]") {
  CHECK(read(R"({"tags": {"a": "1", "b": "2", "c": null}})").tags ==
        read(R"({"tags": [["a", "1"], ["b", "2"]]})").tags);
  CHECK(read(R"({"tags": {"a": "1", "b": "2"}, "tags_order": ["x", "b", "b"]})").tags.front() ==
        std::pair<std::string, std::string>("b", "2"));
}

TEST_CASE("JSON: what is missing, null or unknown leaves the defaults", "[json]") {
  auto const call = read(R"({"provider": null, "success": null, "tags": null, "colour": {"a": [1]},
                             "input_tokens": null, "cost_usd": null, "cost_source": null})");
  CHECK(call.provider.empty());
  CHECK(call.success);
  CHECK(call.tags.empty());
  CHECK(call.cost_source == CostSource::automatic);
  CHECK_FALSE(call.exact_cost);
}

TEST_CASE("JSON: a call without cost_source is priced unless it has a cost", "[json]") {
  CHECK(read(R"({})").cost_source == CostSource::automatic);
  CHECK(read(R"({"cost_usd": 0})").cost_source == CostSource::automatic);
  CHECK(read(R"({"cost_usd": 0.25})").cost_source == CostSource::manual);
  CHECK(read(R"({"cost_usd": 0, "cost_source": "manual"})").cost_source == CostSource::manual);
}

TEST_CASE("JSON: an exact cost alone is enough", "[json]") {
  auto const call = read(R"({"cost_picousd": "7500000000"})");
  CHECK(call.cost_usd == 0.0075);
  CHECK(call.cost_source == CostSource::manual);
}

TEST_CASE("JSON: total_tokens that are missing are the sum, at most 2^64 - 1", "[json]") {
  CHECK(read(R"({"input_tokens": 3, "output_tokens": 4})").total_tokens == 7);
  CHECK(read(R"({"input_tokens": 3, "output_tokens": 4, "total_tokens": 9})").total_tokens == 9);
  CHECK(read(R"({"input_tokens": 18446744073709551615, "output_tokens": 4})").total_tokens ==
        std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("JSON: whole numbers may be written as doubles", "[json]") {
  CHECK(read(R"({"input_tokens": 12.0})").input_tokens == 12);
  CHECK(read(R"({"input_tokens": 1e3})").input_tokens == 1000);
  CHECK(read(R"({"latency_ms": 12})").latency_ms == 12);
  CHECK(json{{"input_tokens", 5}}.get<LLMRequestMetrics>().input_tokens == 5);
}

TEST_CASE("JSON: what a field cannot be is refused with key and value", "[json]") {
  struct Case {
    char const* document;
    char const* message;
  };
  auto const given = GENERATE(
      Case{R"({"input_tokens": -5})", "input_tokens: expected a whole number"},
      Case{R"({"input_tokens": -5})", "got -5"}, Case{R"({"input_tokens": 1.5})", "got 1.5"},
      Case{R"({"input_tokens": "12"})", "got \"12\""},
      Case{R"({"input_tokens": 18446744073709551616})", "got 1.84"},
      Case{R"({"input_tokens": 1e300})", "got 1e+300"}, Case{R"({"input_tokens": true})", "true"},
      Case{R"({"web_search_requests": 4294967296})", "web_search_requests: expected"},
      Case{R"({"success": 1})", "success: expected true or false, got 1"},
      Case{R"({"success": "true"})", "success: expected true or false, got \"true\""},
      Case{R"({"provider": 7})", "provider: expected text, got 7"},
      Case{R"({"model": ["a", {"b": 1}]})", "got [\"a\", {\"b\": 1}]"},
      Case{R"({"latency_ms": "fast"})", "latency_ms: expected a number, got \"fast\""},
      Case{R"({"cost_source": "stolen"})", "cost_source: expected"},
      Case{R"({"usage_source": 1})", "usage_source: expected"},
      Case{R"({"timestamp": "2026-02-30"})", "timestamp: not a time stamp: \"2026-02-30\""},
      Case{R"({"timestamp": 1767225600})", "timestamp: expected"},
      Case{R"({"cost_picousd": "1.5"})", "cost_picousd: expected"},
      Case{R"({"cost_picousd": ""})", "cost_picousd: expected"},
      Case{R"({"cost_picousd": "-"})", "cost_picousd: expected"},
      Case{R"({"cost_picousd": "170141183460469231731687303715884105728"})", "128 bits"},
      Case{R"({"tags": {"team": 5}})", "tags.team: expected text, got 5"},
      Case{R"({"tags": [["a", "b"], ["c"]]})", "tags[1]: expected a pair"},
      Case{R"({"tags": "a"})", "tags: expected an object"},
      Case{R"({"tags": {"a": "b"}, "tags_order": [1]})", "tags_order[0]: expected text"},
      Case{R"([])", "expected an object, got []"}, Case{R"(5)", "expected an object, got 5"});
  CHECK_THAT(refusal(given.document), ContainsSubstring(given.message));
}

TEST_CASE("JSON: a refusal leaves the target as it was", "[json]") {
  auto call = testing::plain_call("r");
  auto const before = call;
  CHECK_THROWS_AS(json::parse(R"({"provider": "x", "input_tokens": -1})").get_to(call),
                  std::invalid_argument);
  CHECK(call == before);
}

TEST_CASE("JSON: messages are short and their values shallow, whatever comes", "[json]") {
  std::string deep(100'000, '[');
  deep.append(100'000, ']');
  CHECK(refusal(json{{"provider", json::parse(deep)}}).size() < 400);
  CHECK(refusal(json{{"success", std::string(1'000'000, '\n')}}).size() < 400);
  CHECK(refusal(json{{"success", json::array({1, 2, "\xff"})}}).size() < 400);
}

TEST_CASE("to_log_context: has exactly seven fields", "[json]") {
  auto call = testing::plain_call("r");
  call.input_tokens = 10;
  call.output_tokens = 5;
  call.total_tokens = 15;
  call.latency_ms = 250;
  call.cost_usd = 0.5;
  call.success = false;
  json const expected{{"llm_provider", "openai"}, {"llm_model", "gpt-4o"}, {"llm_tokens", 15},
                      {"llm_latency_ms", 250.0},  {"llm_cost_usd", 0.5},   {"llm_success", false},
                      {"llm_cached", false}};
  std::vector<Tag> tags;
  CHECK(to_log_context(call) == expected);
  CHECK(to_log_context(testing::view_of(call, tags)) == expected);
}

}  // namespace
}  // namespace netrun::llm
