// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "usage/json_scanner.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace netrun::llm::detail;

/// Writes down what it is told.
struct Recorder {
  std::vector<std::string> events{};
  std::string text{};

  void begin_document() noexcept { events.emplace_back("document"); }
  void end_document() noexcept { events.emplace_back("end of document"); }
  void begin(Field field, bool array) noexcept {
    if (field == Field::usage) events.emplace_back(array ? "usage [" : "usage {");
  }
  void end(Field field) noexcept {
    if (field == Field::usage) events.emplace_back("} usage");
  }
  void text_begin(Field) noexcept { text.clear(); }
  void text_piece(Field, std::string_view piece) noexcept { text += piece; }
  void text_end(Field field) noexcept { events.push_back(name(field) + " \"" + text + '"'); }
  void number(Field field, std::string_view digits, bool) noexcept {
    events.push_back(name(field) + ' ' + std::string(digits));
  }
  void literal(Field field, Literal value) noexcept {
    events.push_back(name(field) + (value == Literal::null  ? " null"
                                    : value == Literal::yes ? " true"
                                                            : " false"));
  }
  static std::string name(Field field) {
    if (field == Field::model) return "model";
    if (field == Field::prompt_tokens) return "prompt";
    if (field == Field::finish_reason) return "finish";
    return "other";
  }
};

using Failure = JsonScanner<Recorder>::Failure;

struct Result {
  std::vector<std::string> events{};
  Failure failure{};
  bool inside{};
  bool operator==(Result const&) const = default;
};

Result scan(std::string_view text, std::size_t piece = std::string_view::npos) {
  Recorder recorder;
  JsonScanner<Recorder> scanner(recorder);
  for (auto rest = text; !rest.empty();) {
    auto const part = rest.substr(0, piece);
    scanner.feed(part);
    rest.remove_prefix(part.size());
  }
  scanner.end();
  return {recorder.events, scanner.failure(), scanner.inside()};
}

std::vector<std::string> inner(std::string_view text) {
  auto result = scan(text);
  CHECK(result.failure == Failure::none);
  CHECK_FALSE(result.inside);
  auto& events = result.events;
  REQUIRE(events.size() >= 2);
  REQUIRE(events.front() == "document");
  REQUIRE(events.back() == "end of document");
  return {events.begin() + 1, events.end() - 1};
}

using Events = std::vector<std::string>;

TEST_CASE("a field is found at its path and nowhere else") {
  CHECK(inner(R"({"model":"m","x":{"model":"no"},"y":["model",{"model":"no"}]})") ==
        Events{"model \"m\""});
  CHECK(inner(R"({"choices":[{"finish_reason":"a"},{"finish_reason":"b"}]})") ==
        Events{"finish \"a\"", "finish \"b\""});
}

TEST_CASE("a key written with escapes is the same key") {
  CHECK(inner(R"({"\u006dod\u0065l":"m"})") == Events{"model \"m\""});
}

TEST_CASE("a key that only begins like one of interest is another") {
  CHECK(inner(R"({"models":"m","mode":"m","model\u0000":"m","":"m"})").empty());
}

TEST_CASE("a key of any length is passed over") {
  auto const key = std::string(100'000, 'k');
  CHECK(inner("{\"" + key + R"(":1,"model":"m"})") == Events{"model \"m\""});
}

TEST_CASE("escapes in texts are decoded") {
  CHECK(inner(R"({"model":"\"\\\/\b\f\n\r\tA\u00e9\u20ac\ud83d\ude00"})") ==
        Events{"model \"\"\\/\b\f\n\r\tA\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\""});
}

TEST_CASE("half a surrogate pair becomes a replacement character") {
  CHECK(inner(R"({"model":"\ud83dx\ude00\ud83d\ud83d"})") ==
        Events{"model \"\xEF\xBF\xBDx\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""});
}

TEST_CASE("numbers are given out as they are written") {
  CHECK(inner(R"({"usage":{"prompt_tokens":-12.5e+3}})") ==
        Events{"usage {", "prompt -12.5e+3", "} usage"});
}

TEST_CASE("literals are given out") {
  CHECK(inner(R"({"model":null,"usage":{"prompt_tokens":true}})") ==
        Events{"model null", "usage {", "prompt true", "} usage"});
}

TEST_CASE("an object where a text was expected is passed over") {
  CHECK(inner(R"({"model":{"model":"m"},"usage":[1,2]})") == Events{"usage [", "} usage"});
}

TEST_CASE("the elements of an array at the top are documents") {
  auto const result = scan(R"([{"model":"a"},{"model":"b"}])");
  CHECK(result.failure == Failure::none);
  CHECK_FALSE(result.inside);
  CHECK(result.events == Events{"document", "end of document", "document", "model \"a\"",
                                "end of document", "document", "model \"b\"", "end of document"});
}

TEST_CASE("documents may follow each other") {
  auto const result = scan("{\"model\":\"a\"}\n {\"model\":\"b\"}");
  CHECK(result.events == Events{"document", "model \"a\"", "end of document", "document",
                                "model \"b\"", "end of document"});
}

TEST_CASE("what is no JSON fails") {
  for (std::string_view const text : {"{\"a\" 1}",
                                      "{\"a\":}",
                                      "{a:1}",
                                      "{\"a\":1,}",
                                      "[1,]",
                                      "[1 2]",
                                      "{]",
                                      "[}",
                                      "}",
                                      "]",
                                      "[01]",
                                      "[1.]",
                                      "[.5]",
                                      "[-]",
                                      "[1e]",
                                      "[1e+]",
                                      "[+1]",
                                      "[tru]",
                                      "[nul1]",
                                      "[truee]",
                                      "[\"\\x\"]",
                                      "[\"\\u12g4\"]",
                                      "[\"\n\"]",
                                      "[\"\t\"]",
                                      "{\"a\":1}}",
                                      "nope",
                                      "{,}",
                                      "[,]",
                                      "{\"a\":1 \"b\":2}",
                                      "{1:2}",
                                      "[1]]",
                                      "\x01",
                                      "'a'"}) {
    CAPTURE(text);
    auto const result = scan(text);
    CHECK((result.failure == Failure::malformed || result.inside));
    CHECK(scan(text, 1) == result);
  }
}

TEST_CASE("what is cut is not over") {
  std::string_view const text =
      R"({"model":"m\u00e9","usage":{"prompt_tokens":12},"a":[true,null]})";
  for (std::size_t size = 1; size < text.size(); ++size) {
    CAPTURE(size);
    auto const result = scan(text.substr(0, size));
    CHECK(result.failure == Failure::none);
    CHECK(result.inside);
    CHECK(result.events.back() != "end of document");
  }
}

TEST_CASE("512 levels are read and no more") {
  auto const nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(scan(nested(512)).failure == Failure::none);
  CHECK(scan(nested(513)).failure == Failure::too_deep);
  CHECK(scan(nested(100'000)).failure == Failure::too_deep);
  CHECK(scan(std::string(100'000, '{')).failure == Failure::malformed);
}

TEST_CASE("objects and arrays are told apart at every depth") {
  std::string text;
  for (int i = 0; i < 200; ++i) text += i % 3 == 0 ? "{\"a\":" : "[";
  text += "1";
  for (int i = 199; i >= 0; --i) text += i % 3 == 0 ? "}" : "]";
  CHECK(scan(text).failure == Failure::none);
  text[text.size() - 100] = text[text.size() - 100] == '}' ? ']' : '}';
  CHECK(scan(text).failure == Failure::malformed);
}

TEST_CASE("pieces of any size give the same") {
  std::string_view const text =
      R"( [ {"model" : "a\ud83d\ude00\\b" , "usage":{"prompt_tokens": 12.0e1 , "x":[{}, [], "", )"
      R"({"y":false}]},"choices":[{"finish_reason":"stop","delta":{"content":"\u0041 text"}}]} ] )";
  auto const whole = scan(text);
  CHECK(whole.failure == Failure::none);
  for (std::size_t piece = 1; piece < 40; ++piece) {
    CAPTURE(piece);
    CHECK(scan(text, piece) == whole);
  }
}

TEST_CASE("the place of a failure is told") {
  Recorder recorder;
  JsonScanner<Recorder> scanner(recorder);
  scanner.feed("{\"a\":");
  scanner.feed("[1,,");
  CHECK(scanner.failure() == Failure::malformed);
  CHECK(scanner.offset() == 8);
}

TEST_CASE("after a reset everything is forgotten") {
  Recorder recorder;
  JsonScanner<Recorder> scanner(recorder);
  scanner.feed("[[[\"\\u12");
  scanner.reset();
  CHECK_FALSE(scanner.inside());
  scanner.feed("{\"model\":\"m\"}");
  CHECK(recorder.events.back() == "end of document");
}

}  // namespace
