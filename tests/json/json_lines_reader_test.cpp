// SPDX-License-Identifier: MIT
// JsonLinesReader: what it takes, what it skips, and files that grow.
#include "support.hpp"
#include "support/catch.hpp"
#include <netrun/llm/json_lines.hpp>

#include <cstdio>
#include <string>
#include <system_error>
#include <vector>

namespace netrun::llm {
namespace {

using Catch::Matchers::ContainsSubstring;
using testing::set_contents;
using testing::TemporaryDirectory;
using Ids = std::vector<std::string>;

std::string line_of(std::string const& id) { return R"({"request_id": ")" + id + "\"}"; }

struct File {
  TemporaryDirectory directory{};
  std::string path = directory.file("calls.jsonl");

  explicit File(std::string_view text) { set_contents(path, text); }
  void append(std::string_view text) const {
    set_contents(path, testing::contents(path) + std::string(text));
  }
};

Ids rest_of(JsonLinesReader& reader) {
  Ids ids;
  while (auto const call = reader.next()) ids.push_back(call->request_id);
  return ids;
}

TEST_CASE("JsonLinesReader: gives back what was written", "[json][reader]") {
  constexpr std::uint64_t seed = 601;
  INFO("seed " << seed);
  testing::Random random(seed);
  File const file("");
  std::vector<LLMRequestMetrics> calls;
  for (int i = 0; i < 500; ++i) calls.push_back(testing::random_call(random));
  JsonLinesWriter(file.path).write(calls);
  JsonLinesReader reader(file.path);
  for (auto const& call : calls) {
    INFO("line " << reader.line() << (reader.errors().empty() ? "" : reader.errors()[0].reason));
    auto const read = reader.next();
    REQUIRE(read);
    REQUIRE(*read == call);
  }
  CHECK_FALSE(reader.next());
  CHECK(reader.malformed() == 0);
  CHECK_FALSE(reader.torn_tail());
}

TEST_CASE("JsonLinesReader: takes lines of older files, which lack some fields", "[json][reader]") {
  File const file(
      R"({"request_id":"r1","timestamp":"2026-01-01T00:00:00.000000Z","tenant_id":"","user_id":null,)"
      R"("provider":"openai","model":"gpt-4o","endpoint":null,"success":true,"error_type":null,)"
      R"("error_message":null,"streaming":false,"cached":false,"latency_ms":0.0,)"
      R"("time_to_first_token_ms":null,"input_tokens":0,"output_tokens":0,"total_tokens":0,)"
      R"("usage_source":"reported","cost_usd":0.0,"cost_picousd":null,"cost_source":"manual",)"
      R"("tags":{},"attributes":{}})"
      "\n");
  JsonLinesReader reader(file.path);
  auto const call = reader.next();
  REQUIRE(call);
  CHECK(*call == testing::plain_call("r1"));
  CHECK(reader.malformed() == 0);
}

TEST_CASE("JsonLinesReader: every line is a call or an error, whatever bytes are changed",
          "[json][reader]") {
  constexpr std::uint64_t seed = 602;
  INFO("seed " << seed);
  testing::Random random(seed);
  constexpr std::string_view hostile = "{}[]\",:\\0e-.\xff\x80 \t";
  std::string text;
  constexpr std::uint64_t lines = 3000;
  for (std::uint64_t i = 0; i < lines; ++i) {
    std::string line;
    append_json_line(line, testing::random_call(random));
    for (auto changes = random() % 4; changes > 0; --changes) {
      line[random() % (line.size() - 1)] = hostile[random() % hostile.size()];
    }
    text += line;
  }
  File const file(text);
  JsonLinesReader reader(file.path, {.max_errors = 5000});
  auto const read = rest_of(reader).size();
  CHECK(read + reader.malformed() == lines);
  CHECK(reader.errors().size() == reader.malformed());
  CHECK(read > lines / 4);
  CHECK(reader.malformed() > lines / 4);
}

TEST_CASE("JsonLinesReader: takes CRLF, blank lines and a byte order mark", "[json][reader]") {
  File const file("\xef\xbb\xbf" + line_of("a") + "\r\n\r\n  \t\n\n" + line_of("b") + "\n");
  JsonLinesReader reader(file.path);
  CHECK(rest_of(reader) == Ids{"a", "b"});
  CHECK(reader.malformed() == 0);
  CHECK(reader.line() == 5);
}

TEST_CASE("JsonLinesReader: an empty file has no calls", "[json][reader]") {
  File const file("");
  JsonLinesReader reader(file.path);
  CHECK_FALSE(reader.next());
  CHECK_FALSE(reader.torn_tail());
  CHECK(reader.line() == 0);
}

TEST_CASE("JsonLinesReader: a last line without its end is torn, even if it parses",
          "[json][reader]") {
  File const file(line_of("a") + "\n" + line_of("b"));
  JsonLinesReader reader(file.path);
  CHECK(rest_of(reader) == Ids{"a"});
  CHECK(reader.torn_tail());
  CHECK(reader.malformed() == 0);
}

TEST_CASE("JsonLinesReader: goes on where the file has grown", "[json][reader]") {
  File const file(line_of("a") + "\n{\"request_id\"");
  JsonLinesReader reader(file.path);
  CHECK(rest_of(reader) == Ids{"a"});
  CHECK(reader.torn_tail());
  file.append(": \"b\"}\n" + line_of("c") + "\n");
  CHECK(rest_of(reader) == Ids{"b", "c"});
  CHECK_FALSE(reader.torn_tail());
  CHECK(rest_of(reader).empty());
}

TEST_CASE("JsonLinesReader: begins anew when the file was cut", "[json][reader]") {
  File const file(line_of("a") + "\n" + line_of("b") + "\n");
  JsonLinesReader reader(file.path);
  CHECK(rest_of(reader) == Ids{"a", "b"});
  set_contents(file.path, line_of("c") + "\n");
  CHECK(rest_of(reader) == Ids{"c"});
  CHECK(reader.line() == 1);
}

TEST_CASE("JsonLinesReader: skips and describes what is no call", "[json][reader]") {
  File const file("{\"request_id\": \n" + line_of("a") + "\n[1, 2]\n{\"input_tokens\": -5}\n" +
                  std::string(3, '\0') + "\n\xff\xfe\n{\"latency_ms\": 1e999}\n" + line_of("b") +
                  line_of("c") + "\n" + line_of("d") + "\n");
  JsonLinesReader reader(file.path);
  CHECK(rest_of(reader) == Ids{"a", "d"});
  CHECK(reader.malformed() == 7);
  REQUIRE(reader.errors().size() == 7);
  CHECK(reader.errors()[0].line == 1);
  CHECK(reader.errors()[0].text == "{\"request_id\": ");
  CHECK_THAT(reader.errors()[0].reason, ContainsSubstring("parse error"));
  CHECK(reader.errors()[1].line == 3);
  CHECK_THAT(reader.errors()[1].reason, ContainsSubstring("expected an object"));
  CHECK_THAT(reader.errors()[2].reason, ContainsSubstring("input_tokens: expected"));
  CHECK(reader.errors()[6].line == 8);
}

TEST_CASE("JsonLinesReader: describes a bounded number of lines", "[json][reader]") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "x\n";
  File const file(text);
  JsonLinesReader reader(file.path, {.max_errors = 3});
  CHECK(rest_of(reader).empty());
  CHECK(reader.malformed() == 1000);
  CHECK(reader.errors().size() == 3);
}

TEST_CASE("JsonLinesReader: a line past the limit is an error, wherever pieces end",
          "[json][reader]") {
  auto const size = GENERATE(101, 65'535, 65'536, 65'537, 500'000);
  File const file(line_of("a") + "\n" + std::string(static_cast<std::size_t>(size), '[') + "\n" +
                  line_of("b") + "\n");
  JsonLinesReader reader(file.path, {.max_line_bytes = 100});
  CHECK(rest_of(reader) == Ids{"a", "b"});
  CHECK(reader.malformed() == 1);
  REQUIRE(reader.errors().size() == 1);
  CHECK(reader.errors()[0].line == 2);
  CHECK(reader.errors()[0].text.size() < 100);
  CHECK_THAT(reader.errors()[0].reason, ContainsSubstring("longer than 100 bytes"));
  CHECK(reader.line() == 3);
}

TEST_CASE("JsonLinesReader: a line of exactly the limit is read", "[json][reader]") {
  auto const line = line_of(std::string(70'000, 'x'));
  File const file(line + "\n");
  JsonLinesReader fits(file.path, {.max_line_bytes = line.size()});
  CHECK(rest_of(fits).size() == 1);
  JsonLinesReader short_by_one(file.path, {.max_line_bytes = line.size() - 1});
  CHECK(rest_of(short_by_one).empty());
}

TEST_CASE("JsonLinesReader: a torn line past the limit is one error", "[json][reader]") {
  File const file(std::string(300, 'x'));
  JsonLinesReader reader(file.path, {.max_line_bytes = 100});
  CHECK(rest_of(reader).empty());
  CHECK(reader.torn_tail());
  file.append(std::string(300, 'x') + "\n" + line_of("a") + "\n");
  CHECK(rest_of(reader) == Ids{"a"});
  CHECK(reader.malformed() == 1);
}

TEST_CASE("JsonLinesReader: deep nesting is an error, not a full stack", "[json][reader]") {
  File const file("{\"tags\": " + std::string(200'000, '[') + std::string(200'000, ']') + "}\n" +
                  line_of("a") + "\n");
  JsonLinesReader reader(file.path);
  CHECK(rest_of(reader) == Ids{"a"});
  REQUIRE(reader.errors().size() == 1);
  CHECK(reader.errors()[0].reason == "nested too deeply");
}

TEST_CASE("JsonLinesReader: what it shows of a line turns no terminal's text", "[json][reader]") {
  File const file(
      "{\x1b[31m|\x7f|\xc2\x9b"
      "2J|\xe2\x80\xae|\xe2\x81\xa6|\xe2\x81\xa9|\xe2\x80\xa8|\xc3\xa4\xe2\x82\xac\n");
  JsonLinesReader reader(file.path);
  CHECK(rest_of(reader).empty());
  REQUIRE(reader.errors().size() == 1);
  CHECK(reader.errors()[0].text == "{ [31m| | 2J| | | | |\xc3\xa4\xe2\x82\xac");
}

TEST_CASE("JsonLinesReader: a missing file is named", "[json][reader]") {
  CHECK_THROWS_AS(JsonLinesReader("/none/calls.jsonl"), std::system_error);
  CHECK_THROWS_WITH(JsonLinesReader("/none/calls.jsonl"),
                    ContainsSubstring("cannot open \"/none/calls.jsonl\": No such file"));
}

}  // namespace
}  // namespace netrun::llm
