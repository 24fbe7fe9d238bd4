// SPDX-License-Identifier: MIT
// CallTexts: the packed texts of a call under way.
#include "support/catch.hpp"
#include <netrun/llm/detail/pending_call.hpp>
#include <netrun/llm/detail/texts_view.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netrun::llm::detail {
namespace {

constexpr std::uint16_t truncated = static_cast<std::uint16_t>(Problem::truncated_text);
constexpr std::uint16_t invalid = static_cast<std::uint16_t>(Problem::invalid_utf8);
constexpr std::uint16_t dropped = static_cast<std::uint16_t>(Problem::dropped_text);

using Tags = std::vector<std::pair<std::string, std::string>>;

Tags tags_of(CallTexts const& texts) {
  Tags tags;
  for (TextFields fields(texts.bytes()); fields.next();) {
    if (fields.kind() == TextKind::tag) tags.emplace_back(fields.tag().first, fields.tag().second);
  }
  return tags;
}

TEST_CASE("CallTexts: a new one is empty", "[unit][call_texts]") {
  CallTexts const texts;
  CHECK(texts.empty());
  CHECK(texts.get(TextKind::user).data() == nullptr);
}

TEST_CASE("CallTexts: each kind keeps its own text", "[unit][call_texts]") {
  CallTexts texts;
  CHECK(texts.set(TextKind::user, "u-1") == 0);
  CHECK(texts.set(TextKind::endpoint, "/v1/chat") == 0);
  CHECK(texts.get(TextKind::user) == "u-1");
  CHECK(texts.get(TextKind::endpoint) == "/v1/chat");
  CHECK(texts.get(TextKind::model).data() == nullptr);
}

TEST_CASE("CallTexts: setting a kind again replaces its text", "[unit][call_texts]") {
  CallTexts texts;
  texts.set(TextKind::user, "the first and longer one");
  texts.set(TextKind::endpoint, "/v1");
  texts.set(TextKind::user, "second");
  CHECK(texts.get(TextKind::user) == "second");
  CHECK(texts.get(TextKind::endpoint) == "/v1");
  CHECK(texts.bytes().size() == 2 * CallTexts::header_bytes + 6 + 3);
}

TEST_CASE("CallTexts: an empty text is there", "[unit][call_texts]") {
  CallTexts texts;
  texts.set(TextKind::user, "");
  CHECK(texts.get(TextKind::user).data() != nullptr);
  CHECK(texts.get(TextKind::user).empty());
}

TEST_CASE("CallTexts: a text without an address is empty", "[unit][call_texts]") {
  CallTexts texts;
  CHECK(texts.set(TextKind::user, {}) == 0);
  CHECK(texts.get(TextKind::user).empty());
}

TEST_CASE("CallTexts: an erased kind is gone and the others stay", "[unit][call_texts]") {
  CallTexts texts;
  texts.set(TextKind::user, "u");
  texts.set(TextKind::model, "m");
  texts.set(TextKind::endpoint, "e");
  texts.erase(TextKind::model);
  texts.erase(TextKind::model);
  CHECK(texts.get(TextKind::model).data() == nullptr);
  CHECK(texts.get(TextKind::user) == "u");
  CHECK(texts.get(TextKind::endpoint) == "e");
}

TEST_CASE("CallTexts: tags keep their order and their values", "[unit][call_texts]") {
  CallTexts texts;
  texts.set_tag("team", "search");
  texts.set_tag("stage", "");
  CHECK(tags_of(texts) == Tags{{"team", "search"}, {"stage", ""}});
}

TEST_CASE("CallTexts: the same key again replaces the value", "[unit][call_texts]") {
  CallTexts texts;
  texts.set_tag("team", "search");
  texts.set_tag("teams", "other");
  texts.set_tag("team", "ads");
  CHECK(tags_of(texts) == Tags{{"teams", "other"}, {"team", "ads"}});
}

TEST_CASE("CallTexts: a tag without a key is ignored", "[unit][call_texts]") {
  CallTexts texts;
  CHECK(texts.set_tag("", "value") == 0);
  CHECK(texts.empty());
}

TEST_CASE("CallTexts: tags are told from other kinds of the same bytes", "[unit][call_texts]") {
  CallTexts texts;
  texts.set(TextKind::user, "\x04teamsearch");
  texts.set_tag("team", "search");
  CHECK(texts.get(TextKind::user) == "\x04teamsearch");
  CHECK(has_tag(texts.bytes(), "team", "search"));
  CHECK_FALSE(has_tag(texts.bytes(), "team", "ads"));
  CHECK_FALSE(has_tag(texts.bytes(), "tea", "msearch"));
}

TEST_CASE("CallTexts: the longest keys and values are kept whole", "[unit][call_texts]") {
  std::string const key(255, 'k');
  std::string const value(255, 'v');
  CallTexts texts;
  CHECK(texts.set_tag(key, value) == 0);
  CHECK(texts.set_tag(key, "new") == 0);
  CHECK(tags_of(texts) == Tags{{key, "new"}});
}

TEST_CASE("CallTexts: texts stay right while they outgrow the object", "[unit][call_texts]") {
  CallTexts texts;
  texts.set(TextKind::user, "u-1");
  Tags expected;
  for (int i = 0; i < 40; ++i) {
    expected.emplace_back("key" + std::to_string(i),
                          std::string(20, static_cast<char>('a' + i % 26)));
    CHECK(texts.set_tag(expected.back().first, expected.back().second) == 0);
  }
  CHECK(tags_of(texts) == expected);
  CHECK(texts.get(TextKind::user) == "u-1");
}

TEST_CASE("CallTexts: a long text is cut and that is told", "[unit][call_texts]") {
  CallTexts texts;
  CHECK(texts.set(TextKind::user, std::string(255, 'a')) == 0);
  CHECK(texts.set(TextKind::user, std::string(256, 'a')) == truncated);
  CHECK(texts.get(TextKind::user) == std::string(255, 'a'));
}

TEST_CASE("CallTexts: an error message may be longer than a name", "[unit][call_texts]") {
  CallTexts texts;
  CHECK(texts.set(TextKind::error_message, std::string(1023, 'a')) == 0);
  CHECK(texts.set(TextKind::error_message, std::string(1024, 'a')) == truncated);
  CHECK(texts.get(TextKind::error_message).size() == 1023);
}

TEST_CASE("CallTexts: a cut falls at the edge of a character", "[unit][call_texts]") {
  CallTexts texts;
  CHECK(texts.set(TextKind::user, std::string(254, 'a') + "\xc3\xa9") == truncated);
  CHECK(texts.get(TextKind::user) == std::string(254, 'a'));
}

TEST_CASE("CallTexts: long keys and values are cut and that is told", "[unit][call_texts]") {
  CallTexts texts;
  CHECK(texts.set_tag(std::string(300, 'k'), std::string(300, 'v')) == truncated);
  CHECK(tags_of(texts) == Tags{{std::string(255, 'k'), std::string(255, 'v')}});
}

TEST_CASE("CallTexts: bytes that are no UTF-8 are replaced and that is told",
          "[unit][call_texts]") {
  CallTexts texts;
  CHECK(texts.set(TextKind::user, "a\xff") == invalid);
  CHECK(texts.get(TextKind::user) == "a\xef\xbf\xbd");
  CHECK(texts.set_tag("k\xff", "v\xfe") == invalid);
  CHECK(tags_of(texts) == Tags{{"k\xef\xbf\xbd", "v\xef\xbf\xbd"}});
}

TEST_CASE("CallTexts: a repaired text stays within the limit", "[unit][call_texts]") {
  CallTexts texts;
  CHECK((texts.set(TextKind::user, std::string(255, '\xff')) & invalid) != 0);
  CHECK(texts.get(TextKind::user).size() == 255);
}

TEST_CASE("CallTexts: a text that no longer fits is left out and that is told",
          "[unit][call_texts]") {
  CallTexts texts;
  int kept = 0;
  std::uint16_t problems = 0;
  while (problems == 0 && kept < 100) {
    problems = texts.set_tag("key" + std::to_string(kept), std::string(250, 'v'));
    kept += problems == 0 ? 1 : 0;
  }
  CHECK(problems == dropped);
  CHECK(tags_of(texts).size() == static_cast<std::size_t>(kept));
  CHECK(texts.bytes().size() <= max_call_text_bytes);
  CHECK(texts.set(TextKind::user, "short") == 0);
}

TEST_CASE("CallTexts: all of the room can be used", "[unit][call_texts]") {
  CallTexts texts;
  std::string const all(max_call_text_bytes - CallTexts::header_bytes, 'x');
  CHECK_FALSE(texts.set_bytes(TextKind::user, all + "x"));
  CHECK(texts.set_bytes(TextKind::user, all));
  CHECK(texts.get(TextKind::user) == all);
  CHECK_FALSE(texts.set_bytes(TextKind::endpoint, ""));
}

TEST_CASE("CallTexts: token counts find room beside full texts", "[unit][call_texts]") {
  CallTexts texts;
  std::string const all(max_call_text_bytes - CallTexts::header_bytes, 'x');
  std::string const counts(sizeof(TokenUsage), '\xff');
  REQUIRE(texts.set_bytes(TextKind::user, all));
  CHECK(texts.set_bytes(TextKind::counts, counts));
  CHECK(texts.get(TextKind::counts) == counts);
  CHECK(texts.get(TextKind::user) == all);
  CHECK_FALSE(texts.set_bytes(TextKind::counts, std::string(most_packed_bytes, 'c')));
}

TEST_CASE("CallTexts: everything at its longest fills the room exactly", "[unit][call_texts]") {
  std::string const name(max_name_bytes, 'n');
  CallTexts texts;
  REQUIRE(texts.set_bytes(TextKind::user,
                          std::string(max_call_text_bytes - CallTexts::header_bytes, 'x')));
  // 3 bytes for each, 1 for the size of its key, 12 and 1 for the keys.
  REQUIRE(texts.set_attribute("service_tier", name) == 0);
  REQUIRE(texts.set_attribute("s", std::string(max_call_attribute_bytes - 271 - 5, 's')) == 0);
  for (auto const kind : {TextKind::provider, TextKind::model, TextKind::tenant,
                          TextKind::error_type, TextKind::parent_request_id}) {
    CHECK(texts.set(kind, name) == 0);
  }
  CHECK(texts.set_bytes(TextKind::counts, std::string(sizeof(TokenUsage), 'c')));
  CHECK(texts.set_duration(TextKind::time_per_output_token, 1.5) == 0);
  CHECK(texts.bytes().size() == most_packed_bytes);
}

TEST_CASE("CallTexts: all texts but tags fit together at their longest", "[unit][call_texts]") {
  std::string const name(max_name_bytes, 'n');
  CallTexts texts;
  for (auto const kind : {TextKind::user, TextKind::request_id, TextKind::endpoint,
                          TextKind::provider_request_id, TextKind::finish_reason}) {
    CHECK(texts.set(kind, name) == 0);
  }
  CHECK(texts.set(TextKind::error_message, std::string(max_message_bytes, 'm')) == 0);
}

TEST_CASE("CallTexts: a length of time that is none changes nothing", "[unit][call_texts]") {
  constexpr auto invalid_latency = static_cast<std::uint16_t>(Problem::invalid_latency);
  double const bad = GENERATE(-0.5, std::numeric_limits<double>::infinity(),
                              std::numeric_limits<double>::quiet_NaN());
  CallTexts texts;
  CHECK(texts.set_duration(TextKind::time_per_output_token, bad) == invalid_latency);
  CHECK(texts.empty());
  CHECK(texts.set_duration(TextKind::time_per_output_token, 2.0) == 0);
  auto const before = std::string(texts.bytes());
  CHECK(texts.set_duration(TextKind::time_per_output_token, bad) == invalid_latency);
  CHECK(texts.bytes() == before);
}

TEST_CASE("CallTexts: fields of other texts are copied as they are", "[unit][call_texts]") {
  CallTexts from;
  from.set(TextKind::user, "u-1");
  from.set_tag("team", "search");
  from.set_tag("stage", "test");
  CallTexts to;
  for (TextFields fields(from.bytes()); fields.next();) {
    CHECK(to.copy_field(fields.kind(), fields.text()));
  }
  CHECK(to.bytes() == from.bytes());
  CHECK(to.set_tag("team", "ads") == 0);
  CHECK(tags_of(to) == Tags{{"stage", "test"}, {"team", "ads"}});
}

TEST_CASE("CallTexts: raw bytes are kept as they are", "[unit][call_texts]") {
  CallTexts texts;
  std::string const raw("\xff\x00\x80z", 4);
  CHECK(texts.set_bytes(TextKind::counts, raw));
  CHECK(texts.get(TextKind::counts) == raw);
}

TEST_CASE("CallTexts: moving takes short texts along", "[unit][call_texts]") {
  CallTexts from;
  from.set(TextKind::user, "u-1");
  CallTexts const to(std::move(from));
  CHECK(to.get(TextKind::user) == "u-1");
  CHECK(from.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
}

TEST_CASE("CallTexts: moving takes long texts along", "[unit][call_texts]") {
  CallTexts from;
  from.set(TextKind::error_message, std::string(900, 'e'));
  CallTexts to;
  to.set(TextKind::error_message, std::string(800, 'f'));
  to = std::move(from);
  CHECK(to.get(TextKind::error_message) == std::string(900, 'e'));
  CHECK(from.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
}

TEST_CASE("CallTexts: a moved-from one can be used again", "[unit][call_texts]") {
  CallTexts from;
  from.set(TextKind::error_message, std::string(900, 'e'));
  CallTexts const to(std::move(from));
  from.set(TextKind::user, "again");
  CHECK(from.get(TextKind::user) == "again");
  CHECK(to.get(TextKind::error_message).size() == 900);
}

TEST_CASE("CallTexts: moving onto itself changes nothing", "[unit][call_texts]") {
  CallTexts texts;
  texts.set(TextKind::error_message, std::string(900, 'e'));
  auto& same = texts;
  texts = std::move(same);
  CHECK(texts.get(TextKind::error_message) == std::string(900, 'e'));
}

TEST_CASE("TextFields: bytes that make no sense are walked safely", "[unit][call_texts]") {
  auto const bytes = GENERATE(std::string(), std::string("\x08", 1), std::string("\x08\x05", 2),
                              std::string("\x08\x05\x00"
                                          "abc",
                                          6),
                              std::string(7, '\xff'));
  int fields_seen = 0;
  for (TextFields fields(bytes); fields.next();) ++fields_seen;
  CHECK(fields_seen == 0);
}

TEST_CASE("TextFields: a tag whose key is longer than its field is empty", "[unit][call_texts]") {
  std::string const bytes("\x08\x02\x00\x09k", 5);
  TextFields fields(bytes);
  REQUIRE(fields.next());
  CHECK(fields.tag().first.empty());
  CHECK(fields.tag().second.empty());
}

}  // namespace
}  // namespace netrun::llm::detail
