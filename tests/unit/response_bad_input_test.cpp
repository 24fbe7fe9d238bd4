// SPDX-License-Identifier: MIT
// Responses that are not what they should be: a name for what is wrong or nothing, never a wrong
// figure.
#include "support/response_samples.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

using namespace netrun::llm;
using namespace netrun::llm::testing;

namespace {

std::string with_prompt_tokens(std::string_view count) {
  std::string body = R"({"id":"x","object":"chat.completion","model":"m","choices":[{"index":0,)"
                     R"("message":{"content":"a"},"finish_reason":"stop"}],"usage":{)"
                     R"("prompt_tokens":)";
  return body.append(count).append(R"(,"completion_tokens":7}})");
}

/// True when every count of `some` is one of `all`, at the same place.
bool within(ReportedCounts const& some, ReportedCounts const& all) {
  auto const text = " " + text_of(all);
  std::istringstream words(text_of(some));
  for (std::string word; words >> word;) {
    if (text.find(" " + word + " ") == std::string::npos) return false;
  }
  return true;
}

/// Bytes that the program has taken from the heap.
std::size_t heap_bytes() {
#if defined(__GLIBC__)
  auto const heap = mallinfo2();
  return heap.uordblks + heap.hblkhd;
#else
  return 0;
#endif
}

/// "[[[[" and so on.
std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

std::string chat_around(std::string_view value) {
  std::string body = R"({"id":"x","deep":)";
  return body.append(value).append(
      R"(,"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}})");
}

}  // namespace

TEST_CASE("bad input: the samples are read as whole") {
  for (auto const& [api, body] : response_samples()) {
    auto const info = read(api, body);
    INFO(body << '\n' << text_of(info));
    CHECK(info.complete);
    CHECK(info.counts_are_final);
    CHECK(info.counts.input_tokens.has_value());
    CHECK(info.counts.output_tokens.has_value());
    CHECK(info.problem == ReadProblem::none);
    CHECK_FALSE(info.error.has_value());
  }
}

TEST_CASE("bad input: a body that is cut anywhere has no figure that the whole has not") {
  for (auto const& [api, body] : response_samples()) {
    auto const whole = read_response(api, body);
    for (std::size_t size = 0; size < body.size(); ++size) {
      auto const part = read_response(api, std::string_view(body).substr(0, size));
      if (part.counts_are_final ? within(part.counts, whole.counts) : !part.complete) continue;
      FAIL(to_string(api) << " cut at " << size << " of " << body.size() << ": " << text_of(part));
    }
  }
}

TEST_CASE("bad input: a JSON document that is cut says so, and nothing else") {
  for (auto const& [api, body] : response_samples()) {
    if (body.front() != '{' || body.back() == '\n') continue;
    for (std::size_t const size : {std::size_t{1}, body.size() / 2, body.size() - 1}) {
      auto const info = read(api, std::string_view(body).substr(0, size));
      CHECK(info.counts == ReportedCounts{});
      CHECK(info.problem == ReadProblem::cut);
      CHECK_FALSE(info.complete);
      CHECK(info.usage().source == UsageSource::absent);
    }
  }
}

TEST_CASE("bad input: a body of another interface is named, or read rightly") {
  for (auto const& [own, body] : response_samples()) {
    auto const right = read_response(own, body);
    for (std::size_t i = 1; i < api_count; ++i) {
      auto const info = read_response(static_cast<Api>(i), body);
      INFO(to_string(own) << " read as " << to_string(static_cast<Api>(i)) << ": "
                          << text_of(info));
      if (info.counts == ReportedCounts{}) continue;
      CHECK(info.counts.input_tokens == right.counts.input_tokens);
      CHECK(info.counts.output_tokens == right.counts.output_tokens);
      CHECK(info.counts.cache_read_tokens == right.counts.cache_read_tokens);
      CHECK(info.counts.cache_write_tokens == right.counts.cache_write_tokens);
      CHECK(info.counts.reasoning_tokens == right.counts.reasoning_tokens);
    }
  }
}

TEST_CASE("bad input: the plainest mistakes in the name of the interface are named") {
  auto const samples = response_samples();
  for (auto const& [said, sample] :
       {std::pair{Api::anthropic_messages, 0}, std::pair{Api::gemini_generate, 0},
        std::pair{Api::openai_responses, 0}, std::pair{Api::anthropic_messages, 2},
        std::pair{Api::openai_chat, 2}, std::pair{Api::openai_responses, 3},
        std::pair{Api::openai_chat, 3}, std::pair{Api::openai_chat, 4},
        std::pair{Api::anthropic_messages, 6}, std::pair{Api::openai_chat, 8},
        std::pair{Api::llamacpp_completion, 9}, std::pair{Api::ollama_chat, 10}}) {
    auto const info = read(said, samples[static_cast<std::size_t>(sample)].body);
    CHECK(info.problem == ReadProblem::wrong_api);
    CHECK(info.counts == ReportedCounts{});
    CHECK(info.usage().source == UsageSource::absent);
  }
}

TEST_CASE("bad input: the interface may be guessed from the body") {
  for (auto const& [own, body] : response_samples()) {
    INFO(body);
    auto const info = read(Api::automatic, body);
    CHECK(info.counts == read_response(own, body).counts);
    CHECK(info.problem == ReadProblem::none);
  }
}

TEST_CASE("bad input: counts that are none are named and left out") {
  std::vector<std::pair<std::string_view, ReadProblem>> const counts{
      {"-1", ReadProblem::negative_count},
      {"-0.5", ReadProblem::negative_count},
      {"1.5", ReadProblem::fractional_count},
      {"1e-3", ReadProblem::fractional_count},
      {R"("12")", ReadProblem::not_a_count},
      {"true", ReadProblem::not_a_count},
      {"false", ReadProblem::not_a_count},
      {"[12]", ReadProblem::not_a_count},
      {R"({"value":12})", ReadProblem::not_a_count},
      {"9007199254740993", ReadProblem::count_too_large},
      {"18446744073709551617", ReadProblem::count_too_large},
      {"1e400", ReadProblem::count_too_large},
      {"123456789012345678901234567890123456789012345678901234567890",
       ReadProblem::count_too_large}};
  for (auto const& [count, problem] : counts) {
    INFO(count);
    auto const info = read(Api::openai_chat, with_prompt_tokens(count));
    CHECK_FALSE(info.counts.input_tokens.has_value());
    CHECK(info.counts.output_tokens == 7U);
    CHECK(info.problem == problem);
    CHECK(info.problem_at == "usage.prompt_tokens");
    CHECK(info.usage().source == UsageSource::absent);
    CHECK(info.model == "m");
  }
}

TEST_CASE("bad input: whole counts in other spellings are counts") {
  std::vector<std::pair<std::string_view, std::uint64_t>> const counts{
      {"0", 0},      {"-0", 0},      {"12.0", 12},
      {"1.2e1", 12}, {"120E-1", 12}, {"9007199254740992", std::uint64_t{1} << 53U}};
  for (auto const& [count, value] : counts) {
    INFO(count);
    auto const info = read(Api::openai_chat, with_prompt_tokens(count));
    CHECK(info.counts.input_tokens == value);
    CHECK(info.problem == ReadProblem::none);
  }
  auto const null = read(Api::openai_chat, with_prompt_tokens("null"));
  CHECK_FALSE(null.counts.input_tokens.has_value());
  CHECK(null.problem == ReadProblem::none);
}

TEST_CASE("bad input: bad counts of every interface are left out") {
  for (auto const& [api, body] : response_samples()) {
    auto const right = read_response(api, body);
    if (body.front() != '{' || right.counts.output_tokens == 0U) continue;
    for (std::string_view const bad : {"-3", "1.5", R"("x")", "1e300"}) {
      auto spoiled = body;
      auto const count = std::to_string(*right.counts.output_tokens);
      auto const at = spoiled.rfind(":" + count, spoiled.find("\"iterations\""));
      if (at == std::string::npos) continue;  // a sum
      spoiled.replace(at + 1, count.size(), bad);
      INFO(spoiled);
      auto const info = read(api, spoiled);
      CHECK(info.problem != ReadProblem::none);
      CHECK(info.usage().source == UsageSource::absent);
    }
  }
}

TEST_CASE("bad input: parts larger than their whole leave no count of their side") {
  for (std::string_view const usage :
       {R"({"prompt_tokens":5,"completion_tokens":6,"prompt_tokens_details":{"cached_tokens":9}})",
        R"({"prompt_tokens":5,"completion_tokens":6,"prompt_tokens_details":{"audio_tokens":9}})",
        R"({"prompt_tokens":5,"completion_tokens":6,"completion_tokens_details":{)"
        R"("reasoning_tokens":9}})",
        R"({"prompt_tokens":5,"completion_tokens":6,"completion_tokens_details":{)"
        R"("audio_tokens":9}})"}) {
    std::string body = R"({"choices":[],"usage":)";
    body.append(usage).append("}");
    auto const info = read(Api::openai_chat, body);
    CHECK(info.problem == ReadProblem::parts_exceed_whole);
    CHECK(info.usage().source == UsageSource::absent);
    bool const of_input = usage.find("prompt_tokens_details") != usage.npos;
    CHECK(info.counts ==
          (of_input ? ReportedCounts{.output_tokens = 6} : ReportedCounts{.input_tokens = 5}));
  }
}

TEST_CASE("bad input: calls within the call are left without counts when one is none") {
  for (auto const& [iteration, problem] :
       {std::pair{R"("input_tokens":-5,"output_tokens":3)", ReadProblem::negative_count},
        std::pair{R"("input_tokens":"5","output_tokens":3)", ReadProblem::not_a_count},
        std::pair{R"("input_tokens":[5],"output_tokens":3)", ReadProblem::not_a_count},
        std::pair{R"("input_tokens":true,"output_tokens":3)", ReadProblem::not_a_count},
        std::pair{R"("input_tokens":1.5,"output_tokens":3)", ReadProblem::fractional_count},
        std::pair{R"("input_tokens":5,"output_tokens":3,"output_tokens_details":{)"
                  R"("thinking_tokens":9})",
                  ReadProblem::parts_exceed_whole}}) {
    std::string body = R"({"type":"message","usage":{"input_tokens":1,"output_tokens":2,)"
                       R"("iterations":[{"type":"advisor_message","model":"claude-opus-4-8",)";
    body.append(iteration).append("}]}}");
    auto const info = read(Api::anthropic_messages, body);
    REQUIRE(info.sub_call_count == 1);
    CHECK(info.sub_calls[0].model == "claude-opus-4-8");
    CHECK(info.sub_calls[0].counts == ReportedCounts{});
    CHECK(info.problem == problem);
    CHECK(info.counts == ReportedCounts{.input_tokens = 1, .output_tokens = 2});
  }
}

TEST_CASE("bad input: costs that are none are named and left out") {
  for (auto const* const cost : {"-0.5", "1e400", "1e300", R"("0.1")"}) {
    std::string body = R"({"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"cost":)";
    body.append(cost).append("}}");
    auto const info = read(Api::openrouter_chat, body);
    CHECK_FALSE(info.reported_cost_usd.has_value());
    CHECK(info.problem == ReadProblem::bad_amount);
    CHECK(info.problem_at == "usage.cost");
    CHECK(info.usage().source == UsageSource::reported);
  }
}

TEST_CASE("bad input: nesting of 100,000 is named, wherever it stands") {
  auto const deep = nested(100'000);
  for (auto const& body : {chat_around(deep), deep, std::string(100'000, '{'),
                           "data: " + chat_around(deep) + "\n\n"}) {
    auto const info = read_response(Api::openai_chat, body);
    CHECK(info.counts == ReportedCounts{});
    CHECK(info.problem != ReadProblem::none);
  }
  CHECK(read_response(Api::openai_chat, chat_around(deep)).problem == ReadProblem::too_deep);
  CHECK(read(Api::openai_chat, chat_around(nested(300))).counts.input_tokens == 1U);
}

TEST_CASE("bad input: a line of many megabytes takes no memory") {
  // 100 MB when asked for: NETRUN_LLM_LONG_LINE_MB=100
  auto const* const asked = std::getenv("NETRUN_LLM_LONG_LINE_MB");
  auto const megabytes = asked == nullptr ? std::size_t{8} : std::strtoul(asked, nullptr, 10);
  std::string const piece(4096, 'x');
  ResponseReader reader(Api::openai_chat);
  auto const before = heap_bytes();
  std::size_t most = before;
  reader.feed(R"(data: {"choices":[{"index":0,"delta":{"content":")");
  for (std::size_t i = 0; i < megabytes * 256; ++i) {
    reader.feed(piece);
    if (i % 256 == 0) most = std::max(most, heap_bytes());
  }
  reader.feed(R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,)");
  reader.feed("\"completion_tokens\":4}}\n\ndata: [DONE]\n\n");
  reader.finish();
  CHECK(most == before);
  CHECK(heap_bytes() == before);
  CHECK(reader.info().counts == ReportedCounts{.input_tokens = 3, .output_tokens = 4});
  CHECK(reader.info().problem == ReadProblem::none);
}

TEST_CASE("bad input: noise has no counts, whoever's it is said to be") {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> bytes(0, 255), sizes(0, 600);
  for (int round = 0; round < 300; ++round) {
    std::string noise(static_cast<std::size_t>(sizes(random)), '\0');
    for (auto& c : noise) c = static_cast<char>(bytes(random));
    // what chooses how the rest is read
    constexpr std::string_view starts[] = {"", "{", "[{", "data: {", std::string_view("\0", 1)};
    auto const body = std::string(starts[static_cast<std::size_t>(round) % 5]) + noise;
    auto const info = read(static_cast<Api>(static_cast<std::size_t>(round) % api_count), body);
    CHECK(info.counts == ReportedCounts{});
    CHECK_FALSE((info.complete && info.problem == ReadProblem::none));
  }
}
