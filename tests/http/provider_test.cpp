// SPDX-License-Identifier: MIT
// The local provider by itself: its formats as readers see them, its chances, its delays.
#include "chat/answer.hpp"
#include "local_provider/simulation.hpp"
#include "local_provider/wire.hpp"
#include "support.hpp"
#include "support/catch.hpp"
#include <netrun/llm/response_reader.hpp>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace local_provider;
using Catch::Matchers::ContainsSubstring;

namespace {

Reply some_reply(Wire wire) {
  return {.id = "id-1",
          .model = wire == Wire::openai ? "gpt-5" : "claude-sonnet-4-5",
          .tokens = {.input = 90, .output = 33, .cache_read = 20, .reasoning = 7}};
}

Api api_of(Wire wire) { return wire == Wire::openai ? Api::openai_chat : Api::anthropic_messages; }

std::string joined(std::vector<Piece> const& pieces) {
  std::string body;
  for (auto const& piece : pieces) body += piece.bytes;
  return body;
}

}  // namespace

TEST_CASE("local provider: a stream without include_usage has no counts", "[http]") {
  auto const info = read_response(Api::openai_chat,
                                  joined(stream_of(Wire::openai, some_reply(Wire::openai), false)));
  CHECK_FALSE(info.counts.input_tokens);
  CHECK_FALSE(info.counts.output_tokens);
  CHECK(info.usage().source == UsageSource::absent);
}

TEST_CASE("local provider: whole answers and streams say the same", "[http]") {
  auto const wire = GENERATE(Wire::openai, Wire::anthropic);
  auto const reply = some_reply(wire);
  for (auto const& body : {body_of(wire, reply), joined(stream_of(wire, reply, true))}) {
    auto const info = read_response(api_of(wire), body);
    CHECK(info.complete);
    CHECK(info.counts.input_tokens == 90);
    CHECK(info.counts.output_tokens == 33);
    CHECK(info.counts.cache_read_tokens == 20);
    CHECK(info.model == reply.model);
  }
}

TEST_CASE("local provider: the text of a stream does not depend on how it is cut", "[http]") {
  auto const wire = GENERATE(Wire::openai, Wire::anthropic);
  auto const body = joined(stream_of(wire, some_reply(wire), true));
  chat::AnswerText whole(true), bytewise(true);
  whole.feed(body);
  for (char const& byte : body) bytewise.feed({&byte, 1});
  auto const text = whole.finish();
  CHECK(text.starts_with("All of this"));
  CHECK(bytewise.finish() == text);
}

TEST_CASE("local provider: the last line of a stream may have no end", "[http]") {
  chat::AnswerText text(true);
  text.feed("data: {\"delta\": {\"text\": \"Hello\"}}\n\n");
  text.feed("data: {\"delta\": {\"text\": \" you\"}}");
  CHECK(text.finish() == "Hello you");
}

TEST_CASE("local provider: a header of a simulation is read back as it was written", "[http]") {
  Tokens const tokens{
      .input = 374, .output = 44, .cache_read = 128, .cache_write = 64, .reasoning = 9};
  auto const line = simulation_header(tokens, Outcome::cut);
  REQUIRE(line.starts_with("x-simulate: "));
  auto const simulation = parse_simulation(line.substr(12));
  CHECK((simulation.tokens == tokens));
  CHECK((simulation.outcome == Outcome::cut));
}

TEST_CASE("local provider: what it cannot read in a header it quotes", "[http]") {
  auto const text = GENERATE(as<std::string>{}, "in", "in=", "in=-1", "in=1.5", "in=99999999999",
                             "inn=1", "outcome=lost", ",");
  CHECK_THROWS_AS(parse_simulation(text), std::invalid_argument);
  if (text != ",") CHECK_THROWS_WITH(parse_simulation(text), ContainsSubstring(text));
}

TEST_CASE("local provider: parts larger than their whole are refused", "[http]") {
  CHECK_THROWS_AS(parse_simulation("in=10,cached=6,stored=5"), std::invalid_argument);
  CHECK_THROWS_AS(parse_simulation("out=10,reasoning=11"), std::invalid_argument);
}

TEST_CASE("local provider: delays grow with tokens and shrink with speed", "[http]") {
  Pace const pace{.overhead_ms = 100, .input_per_s = 1'000, .output_per_s = 100};
  auto const few = delays_of(pace, {.input = 10, .output = 1}, 7, 1);
  auto const many = delays_of(pace, {.input = 1'000, .output = 1}, 7, 1);
  auto const cached = delays_of(pace, {.input = 1'000, .output = 1, .cache_read = 900}, 7, 1);
  auto const fast = delays_of(pace, {.input = 1'000, .output = 1}, 7, 10);
  CHECK(few.first < cached.first);
  CHECK(cached.first < many.first);
  CHECK(fast.first.count() == Approx(static_cast<double>(many.first.count()) / 10));
  CHECK(many.until(50) > many.until(49));
}

TEST_CASE("local provider: the same seed has the same requests fail", "[http]") {
  auto const outcomes = [](std::uint64_t seed) {
    auto options = quick();
    options.rate_limited = 0.3;
    options.server_error = 0.2;
    options.seed = seed;
    LocalProvider const provider(options);
    TelemetryCollector collector;
    chat::Client client(collector);
    std::string text;
    for (int i = 0; i < 40; ++i) {
      auto const answer = client.ask(endpoint_of(provider, chat::Protocol::openai),
                                     {.model = "gpt-4o"}, {.prompt = "Hello"});
      text += std::to_string(answer.info.http_status) + ' ';
    }
    return text;
  };
  auto const first = outcomes(1);
  CHECK_THAT(first,
             ContainsSubstring("200") && ContainsSubstring("429") && ContainsSubstring("500"));
  CHECK(outcomes(1) == first);
  CHECK(outcomes(2) != first);
}

TEST_CASE("local provider: stopping ends what is under way", "[http]") {
  auto options = quick();
  options.speed = 0.001;  // an answer would take minutes
  LocalProvider provider(options);
  TelemetryCollector collector;
  std::thread caller([&] {
    chat::Client client(collector);
    client.ask(endpoint_of(provider, chat::Protocol::openai), {.model = "gpt-4o"},
               {.prompt = "Hello", .stream = true});
  });
  while (provider.counts().requests == 0) std::this_thread::yield();
  provider.stop();
  caller.join();
  auto const records = collector.snapshot();
  REQUIRE(records.size() == 1);
  CHECK_FALSE(records.front().success);
}

TEST_CASE("endpoints: a key with a control character is refused and not repeated", "[http]") {
  std::string const key = GENERATE(as<std::string>{}, "secret\n", "se\rcret", "secret\x7f");
  CHECK_THROWS_AS(chat::make_endpoint(chat::Protocol::openai, "http://127.0.0.1:9", key),
                  std::invalid_argument);
  CHECK_THROWS_WITH(chat::make_endpoint(chat::Protocol::openai, "http://127.0.0.1:9", key),
                    !ContainsSubstring("cret"));
}

TEST_CASE("endpoints: base URLs are taken as the official clients take them", "[http]") {
  using chat::Protocol;
  CHECK(chat::make_endpoint(Protocol::openai, "http://127.0.0.1:9/v1", "").url ==
        "http://127.0.0.1:9/v1/chat/completions");
  CHECK(chat::make_endpoint(Protocol::openai, "http://127.0.0.1:9/v1/", "").url ==
        "http://127.0.0.1:9/v1/chat/completions");
  CHECK(chat::make_endpoint(Protocol::anthropic, "http://127.0.0.1:9", "").url ==
        "http://127.0.0.1:9/v1/messages");
}
