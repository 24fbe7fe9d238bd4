// SPDX-License-Identifier: MIT
// What is wrong in price files, and on which line.
#include "support.hpp"
#include "support/catch.hpp"
#include <netrun/llm/price_file.hpp>

#include <string>
#include <vector>

namespace netrun::llm {
namespace {

using namespace std::string_view_literals;
using Catch::Matchers::ContainsSubstring;

std::vector<PriceMistake> mistakes_in(std::string_view text) {
  std::vector<PriceMistake> mistakes;
  auto const data = parse_prices(text, mistakes);
  // Nothing is half loaded.
  if (!mistakes.empty()) CHECK(data == PriceData{});
  return mistakes;
}

/// One a line.
std::string mistakes(std::string_view text) {
  std::string all;
  for (auto const& mistake : mistakes_in(text)) all += mistake.to_string() + '\n';
  return all;
}

/// Of an entry with these further fields, which begins on the second line.
std::string in_entry(std::string const& fields) {
  return mistakes("{\"models\":[\n{\"provider\":\"p\",\"model\":\"m\"," + fields + "}]}");
}
std::string in_rates(std::string const& fields) { return in_entry("\"rates\":[{" + fields + "}]"); }
std::string in_provider(std::string const& fields) {
  return mistakes("{\"providers\":{\n\"p\":{" + fields + "}}}");
}

constexpr std::string_view small_book = R"({"schema":1,"currency":"USD",
"unit":"per 1M tokens; per_1k = per 1000 calls","snapshot":"2026-10-09",
"sources":{"gp":"a source"},
"providers":{"p":{"ids":["p","q\u00e4\""],"tier":{"kind":"cliff","op":">="},"batch":0.5}},
"models":[
{"provider":"p","model":"m","match":["m*"],"rates":[{"input":0.075,
 "tiers":[{"above":200000,"input":2}]},{"from":"2026-01-01","input":1e-3}],"retired":true}
]})";

TEST_CASE("price mistakes: each value that is wrong is named, with its line",
          "[json][price_file]") {
  CHECK(mistakes("{\n"
                 "  \"schema\": 2,\n"
                 "  \"currency\": \"EUR\",\n"
                 "  \"unit\": \"per token\",\n"
                 "  \"models\": [\n"
                 "    {\n"
                 "      \"provider\": \"openai\",\n"
                 "      \"model\": \"gpt-4o\",\n"
                 "      \"context\": -1,\n"
                 "      \"rates\": [\n"
                 "        {\n"
                 "          \"input\": -2.5,\n"
                 "          \"ouput\": 10\n"
                 "        },\n"
                 "        {\n"
                 "          \"from\": \"2026-02-30\",\n"
                 "          \"cache_read\": 0.0000001,\n"
                 "          \"tiers\": [\n"
                 "            {\"above\": 200, \"input\": 1},\n"
                 "            {\n"
                 "              \"above\": 100,\n"
                 "              \"input\": \"two\"\n"
                 "            }\n"
                 "          ]\n"
                 "        }\n"
                 "      ]\n"
                 "    }\n"
                 "  ]\n"
                 "}\n") ==
        "line 2: schema: 2 is not the schema that is read, which is 1\n"
        "line 3: currency: \"EUR\" is not \"USD\"\n"
        "line 4: unit: \"per token\" does not begin with \"per 1M tokens\"\n"
        "line 9: openai/gpt-4o: context: -1 is not a whole number from 0 to 4294967295\n"
        "line 12: openai/gpt-4o: rates[0].input: -2.5 is negative\n"
        "line 13: openai/gpt-4o: rates[0].ouput: \"ouput\" is not known here; did you mean "
        "\"output\"?\n"
        "line 16: openai/gpt-4o: rates[1].from: \"2026-02-30\" is no date such as \"2026-01-31\"\n"
        "line 17: openai/gpt-4o: rates[1].cache_read: 0.0000001 has more than six decimals\n"
        "line 21: openai/gpt-4o: rates[1].tiers[1].above: 100 is not more than 200, where the tier "
        "before it begins\n"
        "line 22: openai/gpt-4o: rates[1].tiers[1].input: \"two\" is no decimal number\n");
}

TEST_CASE("price mistakes: entries on one line each have their own", "[json][price_file]") {
  CHECK(mistakes("{\"models\":[\n"
                 "{\"provider\":\"p\",\"model\":\"a\",\"match\":[\"x\"],\"rates\":[{}]},\n"
                 "{\"provider\":\"p\",\"model\":\"b\",\"match\":[\"y\",\"x\"],\"rates\":[{}]},\n"
                 "{\"provider\":\"p\",\"model\":\"a\",\"rates\":[{}]}, 7,\n"
                 "{\"provider\":\"p\",\"rates\":[{}]}\n"
                 "]}") ==
        "line 3: p/b: match[1]: \"x\" belongs to p/a too\n"
        "line 4: models[3]: a number where an object belongs: 7\n"
        "line 4: p/a: model: the entry is here twice\n"
        "line 5: models[4]: model: \"model\" is missing\n");
}

TEST_CASE("price mistakes: a file on one line has all of them on the first", "[json][price_file]") {
  CHECK(mistakes(R"({"models":[{"provider":"p","model":"a","rates":[{"input":-1}]},)"
                 R"({"provider":"p","model":"a","rates":[{"input":-1}]}]})") ==
        "line 1: p/a: model: the entry is here twice\n"
        "line 1: p/a: rates[0].input: -1 is negative\n"
        "line 1: p/a: rates[0].input: -1 is negative\n");
}

TEST_CASE("price mistakes: a number before a line break is on its own line", "[json][price_file]") {
  CHECK(in_rates("\"input\":\n-1\n,\n\"output\":-2\n\n") ==
        "line 3: p/m: rates[0].input: -1 is negative\n"
        "line 5: p/m: rates[0].output: -2 is negative\n");
}

TEST_CASE("price mistakes: those of the rules for all prices have the lines of their values",
          "[json][price_file]") {
  CHECK(
      in_entry("\"multipliers\":{\"a.b=c[0]\":1,\n\"speed=fast\":\n1000},\"rates\":[{},\n{\n"
               "\"windows\":[{\"input\":1,\"utc\":[\"00:00-01:00\",\n\"00:30-02:00\"]}]}]") ==
      "line 4: p/m: multipliers.speed=fast: 1000 is not from 0 to below 1000\n"
      "line 5: p/m: rates[1].from: only the first prices may have no first day\n"
      "line 7: p/m: rates[1].windows[0].utc[1]: \"00:30-02:00\" shares hours with a window before "
      "it\n");
}

TEST_CASE("price mistakes: what follows from one is not another", "[json][price_file]") {
  CHECK(in_entry(R"("rates":[{"tiers":[{"above":"x"},{"above":5}]},{"from":3}],"match":[7])") ==
        "line 2: p/m: match[0]: a number where a text belongs: 7\n"
        "line 2: p/m: rates[0].tiers[0].above: a text where a number belongs: \"x\"\n"
        "line 2: p/m: rates[1].from: a number where a text belongs: 3\n");
  CHECK(in_entry(R"("rates":5)") == "line 2: p/m: rates: a number where a list belongs: 5\n");
}

TEST_CASE("price mistakes: a value of a wrong type names both", "[json][price_file]") {
  CHECK_THAT(mistakes("[]"), ContainsSubstring("line 1: a list where an object belongs"));
  CHECK_THAT(mistakes("5"), ContainsSubstring("a number where an object belongs: 5"));
  CHECK_THAT(mistakes(R"({"models":{}})"),
             ContainsSubstring("models: an object where a list belongs"));
  CHECK_THAT(mistakes(R"({"models":[],"snapshot":null})"),
             ContainsSubstring("snapshot: null where a text belongs"));
  CHECK_THAT(in_rates(R"("input":true)"),
             ContainsSubstring("rates[0].input: true or false where a number belongs"));
  CHECK_THAT(in_rates(R"("input":[1])"), ContainsSubstring("a list where a number belongs"));
  CHECK_THAT(in_rates(R"("flex":1)"), ContainsSubstring("a number where an object belongs: 1"));
  CHECK_THAT(in_provider(R"("ids":"p")"),
             ContainsSubstring("provider p: ids: a text where a list belongs: \"p\""));
  CHECK_THAT(in_provider(R"("regional_multiplier":[])"),
             ContainsSubstring("regional_multiplier: a list where a text belongs"));
}

TEST_CASE("price mistakes: keys that are not known are quoted, with the nearest one",
          "[json][price_file]") {
  CHECK_THAT(mistakes(R"({"model":[],"models":[]})"),
             ContainsSubstring("\"model\" is not known here; did you mean \"models\"?"));
  CHECK_THAT(in_entry(R"("rates":[{}],"colour":1)"),
             ContainsSubstring("colour: \"colour\" is not known here\n"));
  CHECK_THAT(in_rates(R"("cache_reed":1)"), ContainsSubstring("did you mean \"cache_read\"?"));
  CHECK_THAT(in_rates(R"("tiers":[{"above":1,"abowe":1}])"),
             ContainsSubstring("did you mean \"above\"?"));
  CHECK_THAT(in_rates(R"("flex":{"tiers":[]})"),
             ContainsSubstring("\"tiers\" is not known here\n"));
  CHECK_THAT(in_provider(R"("discont":0.1)"), ContainsSubstring("did you mean \"discount\"?"));
  CHECK_THAT(in_provider(R"("tier":{"operator":1})"),
             ContainsSubstring("tier.operator: \"operator\" is not known here\n"));
}

TEST_CASE("price mistakes: a key is in an object once", "[json][price_file]") {
  CHECK(in_rates("\"input\":1,\n\"input\":2") ==
        "line 3: p/m: rates[0].input: \"input\" is here twice\n");
  CHECK(in_entry("\"rates\":[{\"input\":1}],\n\"rates\":[{\"input\":1}]") ==
        "line 3: p/m: rates: \"rates\" is here twice\n");
  CHECK(mistakes("{\"providers\":{\"p\":{},\n\"p\":{}}}") ==
        "line 2: providers.p: \"p\" is here twice\n"
        "line 2: provider p: the provider is here twice\n");
  CHECK_THAT(mistakes(R"({"models":[],"models":[]})"),
             ContainsSubstring("\"models\" is here twice"));
  CHECK_THAT(in_provider(R"("multipliers":{"a=b":1,"a=b":1})"),
             ContainsSubstring("\"a=b\" is here twice"));
}

TEST_CASE("price mistakes: an entry has names and prices, a tier its number",
          "[json][price_file]") {
  CHECK(mistakes(R"({"models":[{}]})") ==
        "line 1: models[0]: model: \"model\" is missing\n"
        "line 1: models[0]: provider: \"provider\" is missing\n"
        "line 1: models[0]: rates: the entry has no prices\n");
  CHECK(in_rates(R"("tiers":[{"input":1}])") ==
        "line 2: p/m: rates[0].tiers[0].above: \"above\" is missing\n");
}

TEST_CASE("price mistakes: a file has entries or providers", "[json][price_file]") {
  CHECK(mistakes("{}") == "line 1: there are neither \"models\" nor \"providers\"\n");
  CHECK(mistakes("") == "line 1: the text is empty\n");
  CHECK(mistakes("\n \n") == "line 3: the text is empty\n");
}

TEST_CASE("price mistakes: numbers that are no price are quoted as they are written",
          "[json][price_file]") {
  CHECK_THAT(in_rates(R"("input":1e300)"), ContainsSubstring("1e300 is not below 1,000,000 USD"));
  CHECK_THAT(in_rates(R"("input":1e400)"), ContainsSubstring("the number 1e400 is too large"));
  CHECK_THAT(in_rates(R"("input":1e-400)"), ContainsSubstring("1e-400 has more than six decimals"));
  CHECK_THAT(in_rates(R"("input":1e-7)"),
             ContainsSubstring("0.0000001 has more than six decimals"));
  CHECK_THAT(in_rates(R"("input":"1e99999999999")"),
             ContainsSubstring("\"1e99999999999\" is no decimal number"));
  CHECK_THAT(in_rates(R"("input":123456789012345678901234567890)"),
             ContainsSubstring("123456789012345678901234567890 is not below 1,000,000 USD"));
  CHECK_THAT(in_rates(R"("input":00.1)"), ContainsSubstring("line 2: not JSON"));
  auto const* text = GENERATE("", "$3", "1,000", ".5", "5.", "+1", "1e", "1ex", "-", "1 ", "0x1",
                              "nan", "1.2.3", "1e5.0");
  CHECK_THAT(in_rates(R"("input":")" + std::string(text) + "\""),
             ContainsSubstring("\"" + std::string(text) + "\" is no decimal number"));
}

TEST_CASE("price mistakes: factors are quoted as they are written", "[json][price_file]") {
  CHECK_THAT(in_provider(R"("discount":1)"), ContainsSubstring("1 is not from 0 to below 1\n"));
  CHECK_THAT(in_provider(R"("batch":-0.5)"), ContainsSubstring("batch: -0.5 is not a number"));
  CHECK_THAT(in_provider(R"("margin":0.0000001)"), ContainsSubstring("0.0000001 is not a number"));
  CHECK_THAT(in_entry(R"("rates":[{}],"multipliers":{"speed":2})"),
             ContainsSubstring("\"speed\" is not an attribute and its value"));
}

TEST_CASE("price mistakes: whole numbers have their range", "[json][price_file]") {
  auto const* number = GENERATE("-1", "1.5", "1.0", "1e3", "4294967296", "18446744073709551616");
  CHECK_THAT(in_entry(R"("rates":[{}],"context":)" + std::string(number)),
             ContainsSubstring(std::string("context: ") + number + " is not a whole number"));
}

TEST_CASE("price mistakes: dates are whole", "[json][price_file]") {
  auto const* date = GENERATE("", "2026", "2026-1-1", "2026-13-01", "2026-00-01", "2026-02-29",
                              "2026-01-01T00:00:00Z", "26-01-01", "2026/01/01", "+026-01-01",
                              "2026-01-0a", "0000-00-00");
  CHECK_THAT(in_rates(R"("from":")" + std::string(date) + "\""),
             ContainsSubstring("\"" + std::string(date) + "\" is no date such as"));
}

TEST_CASE("price mistakes: periods are in order", "[json][price_file]") {
  CHECK(in_entry("\"rates\":[{\"from\":\"2026-02-01\"},\n{\"from\":\"2026-02-01\"},\n"
                 "{\"from\":\"2026-01-01\"}]") ==
        "line 3: p/m: rates[1].from: \"2026-02-01\" does not come after \"2026-02-01\", where the "
        "prices before it begin\n"
        "line 4: p/m: rates[2].from: \"2026-01-01\" does not come after \"2026-02-01\", where the "
        "prices before it begin\n");
}

TEST_CASE("price mistakes: hours are quoted", "[json][price_file]") {
  auto const* hours = GENERATE("", "1-2", "01:00", "01:00-25:00", "01:60-02:00", "24:01-02:00",
                               "01:00 - 02:00", "01:00-02:00-03:00", "-1:00-02:00");
  CHECK_THAT(in_rates(R"("windows":[{"utc":[")" + std::string(hours) + "\"]}]"),
             ContainsSubstring("\"" + std::string(hours) + "\" is no range of hours"));
}

TEST_CASE("price mistakes: days are quoted", "[json][price_file]") {
  auto const* days =
      GENERATE("", "monday", "mon-", "-fri", "mon,,tue", "Mon", "mon-tue-wed", "1-5");
  CHECK_THAT(in_rates(R"("windows":[{"utc":["00:00-01:00"],"days":")" + std::string(days) + "\"}]"),
             ContainsSubstring("\"" + std::string(days) + "\" names no days"));
}

TEST_CASE("price mistakes: a rule for tiers is one that is known", "[json][price_file]") {
  CHECK(in_provider("\"tier\":{\n\"kind\":\"slope\",\n\"op\":\"<\"}") ==
        "line 3: provider p: tier.kind: \"slope\" is no kind of tier; it is always \"cliff\"\n"
        "line 4: provider p: tier.op: \"<\" is neither \">\" nor \">=\"\n");
}

TEST_CASE("price mistakes: a text that is cut anywhere has one", "[json][price_file]") {
  REQUIRE(mistakes(small_book).empty());
  for (std::size_t size = 0; size < small_book.size(); ++size) {
    INFO("the first " << size << " bytes");
    auto const found = mistakes_in(small_book.substr(0, size));
    REQUIRE(found.size() == 1);
    CHECK(found[0].line >= 1);
    CHECK(found[0].line <= 9);
  }
}

TEST_CASE("price mistakes: a text that is cut says so, with the line of its end",
          "[json][price_file]") {
  CHECK(mistakes("{\"models\":[\n\n{\"provider\":\"p") == "line 3: the text ends in the middle\n");
  CHECK(mistakes("{\"models\":[\n{\"provider\":\"p\",\n") ==
        "line 3: the text ends in the middle\n");
}

TEST_CASE("price mistakes: whatever bytes are changed, a text is read or refused",
          "[json][price_file]") {
  constexpr std::uint64_t seed = 604;
  INFO("seed " << seed);
  testing::Random random(seed);
  constexpr auto hostile = "{}[]\",:\\0e-.\xff\x80 \t\0a9"sv;
  std::size_t refused = 0;
  constexpr std::size_t rounds = 2000;
  for (std::size_t i = 0; i < rounds; ++i) {
    std::string text(small_book);
    for (auto changes = random() % 4; changes > 0; --changes) {
      text[random() % text.size()] = hostile[random() % hostile.size()];
    }
    if (!mistakes_in(text).empty()) ++refused;
  }
  CHECK(refused > rounds / 2);
}

TEST_CASE("price mistakes: deep nesting is one, not a full stack", "[json][price_file]") {
  CHECK(mistakes(std::string(1'000'000, '[')) == "line 1: nested deeper than 16 levels\n");
  CHECK(mistakes("{\"models\":\n" + std::string(200'000, '[') + std::string(200'000, ']') + '}') ==
        "line 2: nested deeper than 16 levels\n");
}

TEST_CASE("price mistakes: bytes that are no text are refused", "[json][price_file]") {
  CHECK_THAT(mistakes("{\"models\":[],\n\"snapshot\":\"\xff\"}"),
             ContainsSubstring("line 2: not JSON") && ContainsSubstring("UTF-8"));
  CHECK(mistakes("{\"models\":\n[]}\0 {"sv) == "line 2: not JSON: a zero byte\n");
  CHECK_THAT(mistakes("{\"models\":[]}\n\n}"), ContainsSubstring("line 3: not JSON"));
  CHECK_THAT(mistakes("\xff\xfe{\0"), ContainsSubstring("line 1: not JSON"));
}

TEST_CASE("price mistakes: what they show of a file turns no terminal's text",
          "[json][price_file]") {
  auto const text = mistakes(
      "{\"models\":[{\"provider\":\"\\u001b[31m\",\"model\":\"\\u202e\",\"\\u009b\":1,"
      "\"rates\":[{}],\"src\":[\"\\u0007\"]}]}");
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\x07') == std::string::npos);
  CHECK(text.find("\xe2\x80\xae") == std::string::npos);
  CHECK(text.find("\xc2\x9b") == std::string::npos);
  CHECK_FALSE(text.empty());
}

TEST_CASE("price mistakes: long values are not shown whole", "[json][price_file]") {
  std::string const long_text(1'000'000, 'x');
  CHECK(in_rates("\"input\":\"" + long_text + "\"").size() < 1000);
  CHECK(in_rates('"' + long_text + "\":1").size() < 1000);
  CHECK(mistakes("{\"" + long_text + "\":1}").size() < 1000);
  CHECK(mistakes("{\"providers\":{\"" + long_text + "\":{\"x\":1}}}").size() < 1500);
  CHECK(in_rates("\"input\":1" + std::string(1'000'000, '0')).size() < 1000);
}

TEST_CASE("price mistakes: a bounded number is listed, with a last line that there are more",
          "[json][price_file]") {
  std::string text = "{\"models\":[5";
  for (int i = 0; i < 40'000; ++i) text += ",\n5";
  auto const found = mistakes_in(text + "]}");
  REQUIRE(found.size() == max_price_mistakes + 1);
  CHECK(found[max_price_mistakes - 1].line == max_price_mistakes);
  CHECK(found.back().to_string() == "there are more mistakes than these");
}

TEST_CASE("price mistakes: a short text does not fill the memory", "[json][price_file]") {
  auto const many = [](std::string const& element, std::size_t count) {
    std::string text = element;
    for (std::size_t i = 1; i < count; ++i) text += ',' + element;
    return text;
  };
  constexpr auto reason =
      "there are more than 50000 entries, providers, periods, tiers and windows "
      "in the file\n";
  CHECK(mistakes("{\"models\":[" + many("{}", 60'000) + "]}") ==
        std::string("line 1: models: ") + reason);
  CHECK(in_entry("\"rates\":[" + many("{}", 1'000'000) + "]") ==
        std::string("line 2: p/m: rates: ") + reason);
  CHECK(in_entry("\"rates\":[{\"tiers\":[" + many("{}", 50'000) + "]},{}]") ==
        std::string("line 2: p/m: rates[0].tiers: ") + reason);
}

TEST_CASE("price mistakes: are added to those that are there", "[json][price_file]") {
  std::vector<PriceMistake> mistakes{{.line = 9, .reason = "other"}};
  static_cast<void>(parse_prices(R"({"models":[5]})", mistakes));
  REQUIRE(mistakes.size() == 2);
  CHECK(mistakes[0].reason == "other");
  CHECK(parse_prices(R"({"providers":{"p":{}}})", mistakes).providers.size() == 1);
}

}  // namespace
}  // namespace netrun::llm
