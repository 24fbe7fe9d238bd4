// SPDX-License-Identifier: MIT
// The scanner of responses beside a parser that many rely on.
#include "support/catch.hpp"
#include "usage/json_scanner.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace netrun::llm::detail;

using Values = std::vector<std::string>;

/// The fields that the oracle knows too.
[[nodiscard]] std::string_view name_of(Field field) {
  switch (field) {
    case Field::model:
      return "$.model";
    case Field::prompt_tokens:
      return "$.usage.prompt_tokens";
    case Field::prompt_cached:
      return "$.usage.prompt_tokens_details.cached_tokens";
    case Field::finish_reason:
      return "$.choices[].finish_reason";
    default:
      return {};
  }
}

struct Collected {
  Values values{};
  std::size_t documents = 0;
  std::string text{};

  void begin_document() noexcept {}
  void end_document() noexcept { ++documents; }
  void begin(Field, bool) noexcept {}
  void end(Field) noexcept {}
  void text_begin(Field) noexcept { text.clear(); }
  void text_piece(Field, std::string_view piece) noexcept { text += piece; }
  void text_end(Field field) noexcept { add(field, '"' + text); }
  void number(Field field, std::string_view digits, bool) noexcept { add(field, std::string(digits)); }
  void literal(Field field, Literal value) noexcept {
    add(field, value == Literal::null ? "null" : value == Literal::yes ? "true" : "false");
  }
  void add(Field field, std::string const& value) {
    if (auto const name = name_of(field); !name.empty()) {
      values.push_back(std::string(name) + '=' + value);
    }
  }
};

/// The same from nlohmann's events. What stands below a path goes by "path.key", elements by
/// "path[]", from "$".
class Oracle : public nlohmann::json_sax<nlohmann::json> {
 public:
  Values values{};

  bool null() override { return add("null"); }
  bool boolean(bool value) override { return add(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return add(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return add(std::to_string(value)); }
  bool number_float(number_float_t, string_t const& text) override { return add(text); }
  bool string(string_t& text) override { return add('"' + text); }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return open(""); }
  bool start_array(std::size_t) override { return open("[]"); }
  bool key(string_t& key) override {
    here_ = around_.back() + '.' + key;
    return true;
  }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, std::string const&, nlohmann::detail::exception const&) override {
    return false;
  }

 private:
  bool add(std::string const& value) {
    for (std::string_view const name :
         {"$.model", "$.usage.prompt_tokens", "$.usage.prompt_tokens_details.cached_tokens",
          "$.choices[].finish_reason"}) {
      if (here_ == name) values.push_back(here_ + '=' + value);
    }
    return true;
  }
  bool open(std::string_view suffix) {
    around_.push_back(here_ + std::string(suffix));
    here_ = around_.back();
    return true;
  }
  bool close() {
    around_.pop_back();
    if (!around_.empty()) here_ = around_.back();
    return true;
  }

  std::vector<std::string> around_{};
  std::string here_ = "$";
};

/// JSON at random, of keys that matter more often than not.
class Maker {
 public:
  explicit Maker(unsigned seed, bool ascii = false) : random_(seed), ascii_(ascii) {}

  std::string document() {
    text_.clear();
    object(0);
    return text_;
  }
  /// One byte changed, gone or doubled. Always ASCII.
  std::string spoil(std::string text) {
    auto const at = below(text.size());
    constexpr std::string_view bytes = "{}[]\",:\\0123456789.-+utfnrslabxyz \n\t\x01";
    switch (below(3)) {
      case 0:
        text[at] = bytes[below(bytes.size())];
        break;
      case 1:
        text.erase(at, 1);
        break;
      default:
        text.insert(at, 1, bytes[below(bytes.size())]);
    }
    return text;
  }
  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }

 private:
  void space() {
    constexpr std::string_view spaces[] = {"", "", "", "", " ", "\n", " \t\r\n"};
    text_ += spaces[below(std::size(spaces))];
  }
  void string() {
    constexpr std::string_view parts[] = {
        "a",   "model",   "\\n",        "\\\"",           "\\\\",
        "\\/", "\\u0041", "\\u00e9",    "\\ud83d\\ude00", "{",
        "[",   "1",       "long text ", "\xC3\xA9",       "\xF0\x9F\x98\x80"};
    text_ += '"';
    for (auto n = below(6); n > 0; --n) text_ += parts[below(std::size(parts) - (ascii_ ? 2 : 0))];
    text_ += '"';
  }
  void key() {
    constexpr std::string_view keys[] = {
        "\"model\"",         "\"usage\"",   "\"prompt_tokens\"", "\"prompt_tokens_details\"",
        "\"cached_tokens\"", "\"choices\"", "\"finish_reason\"", "\"m\\u006fdel\""};
    if (below(5) == 0) return string();
    text_ += keys[below(std::size(keys))];
  }
  void value(int depth) {
    space();
    switch (below(depth < 6 ? 9 : 6)) {
      case 0:
      case 1:
        string();
        break;
      case 2:
        text_ += std::to_string(below(1'000'000));
        break;
      case 3:
        text_ += "-0";
        break;
      case 4:
        text_ += std::to_string(below(100)) + ".5e" + std::to_string(below(3));
        break;
      case 5:
        text_ += below(2) == 0 ? "null" : below(2) == 0 ? "true" : "false";
        break;
      case 6:
        text_ += '[';
        for (auto n = below(4); n > 0; --n) {
          value(depth + 1);
          if (n > 1) text_ += ',';
        }
        space();
        text_ += ']';
        break;
      default:
        object(depth + 1);
    }
    space();
  }
  void object(int depth) {
    text_ += '{';
    for (auto n = below(5); n > 0; --n) {
      space();
      key();
      space();
      text_ += ':';
      value(depth + 1);
      if (n > 1) text_ += ',';
    }
    space();
    text_ += '}';
  }

  std::mt19937 random_;
  bool ascii_;
  std::string text_{};
};

struct Scanned {
  Collected found{};
  bool accepted = false;
};

Scanned scan(std::string_view text, std::size_t piece) {
  Scanned result;
  JsonScanner<Collected> scanner(result.found);
  while (!text.empty()) {
    auto const part = text.substr(0, piece);
    scanner.feed(part);
    text.remove_prefix(part.size());
  }
  scanner.end();
  result.accepted = scanner.failure() == JsonScanner<Collected>::Failure::none &&
                    !scanner.inside() && result.found.documents == 1;
  return result;
}

/// "-0" is kept as it is written; the oracle makes a number of it.
Values plain(Values values) {
  for (auto& value : values) {
    if (value.ends_with("=-0")) value.replace(value.size() - 2, 2, "0");
  }
  return values;
}

TEST_CASE("the scanner finds what nlohmann finds") {
  Maker maker(5);
  std::size_t found = 0;
  for (int i = 0; i < 3'000; ++i) {
    auto const text = maker.document();
    CAPTURE(text);
    Oracle oracle;
    REQUIRE(nlohmann::json::sax_parse(text, &oracle));
    auto const scanned = scan(text, 1 + maker.below(20));
    REQUIRE(scanned.accepted);
    REQUIRE(plain(scanned.found.values) == oracle.values);
    found += oracle.values.size();
  }
  CHECK(found > 500);
}

TEST_CASE("the scanner refuses what nlohmann refuses") {
  Maker maker(6, true);  // what is not UTF-8 only nlohmann refuses
  std::size_t refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto const text = maker.spoil(maker.document());
    bool const accepted = nlohmann::json::accept(text);
    auto const scanned = scan(text, 1 + maker.below(20));
    if (scanned.accepted != accepted) {
      // Half a surrogate pair is read, as a replacement character: it may stand in a text that
      // nobody asked for.
      bool const surrogate = text.find("\\ud83d") != text.npos || text.find("\\ude00") != text.npos;
      CAPTURE(text, accepted);
      REQUIRE((surrogate && scanned.accepted));
    }
    refused += accepted ? 0 : 1;
  }
  CHECK(refused > 5'000);
}

}  // namespace
