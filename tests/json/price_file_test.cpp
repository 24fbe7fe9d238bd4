// SPDX-License-Identifier: MIT
// Price files: what is read from them, what is written, and the files themselves.
#include "support.hpp"
#include "support/catch.hpp"
#include <netrun/llm/price_file.hpp>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <sys/stat.h>

namespace netrun::llm {
namespace {

using Catch::Matchers::ContainsSubstring;
using std::chrono::year;
using testing::contents;
using testing::set_contents;
using testing::TemporaryDirectory;

std::string const own_file = NETRUN_LLM_SOURCE_DIR "/src/prices/prices.json";

PriceData parsed(std::string_view text) {
  std::vector<PriceMistake> mistakes;
  auto data = parse_prices(text, mistakes);
  for (auto const& mistake : mistakes) UNSCOPED_INFO(mistake.to_string());
  REQUIRE(mistakes.empty());
  return data;
}

std::string written(PriceData const& data) {
  std::ostringstream out;
  write_prices(out, data);
  return out.str();
}

PriceData without_lines(PriceData data) {
  for (auto& provider : data.providers) provider.line = 0;
  for (auto& entry : data.models) entry.line = 0;
  return data;
}

/// The one entry of a book, whose fields beside its names are `fields`.
ModelPrices entry(std::string const& fields) {
  auto data = parsed(R"({"models":[{"provider":"p","model":"m",)" + fields + "}]}");
  REQUIRE(data.models.size() == 1);
  return data.models[0];
}
ProviderPrices provider(std::string const& fields) {
  auto data = parsed(R"({"providers":{"p":{)" + fields + "}}}");
  REQUIRE(data.providers.size() == 1);
  return data.providers[0];
}
Usd input(std::string const& number) {
  auto const read = entry(R"("rates":[{"input":)" + number + "}]");
  REQUIRE(read.periods.size() == 1);
  REQUIRE(read.periods[0].rates.input);
  return *read.periods[0].rates.input;
}

/// Every field of every type, with a value of its own.
PriceData full_data() {
  TokenRates rates;
  for (std::size_t i = 0; i < token_kind_count; ++i) {
    rates[static_cast<TokenKind>(i)] = Usd::from_picos(Int128{1'000'000} * static_cast<int>(i + 1));
  }
  auto const cents = [](int amount) { return Usd::from_picos(Int128{10'000'000'000} * amount); };
  CallFees const fees{.request = {.low = cents(1), .medium = cents(2), .high = cents(3)},
                      .web_search = {.any = cents(4)},
                      .uncounted = {{"file_search", cents(5)}, {"code \"execution\"", cents(6)}}};
  PricePeriod const last{
      .from = year(2026) / 3 / 1,
      .rates = rates,
      .tiers = {{.above_tokens = 1, .rates = rates}, {.above_tokens = 18446744073709551615u}},
      .flex = rates,
      .priority = rates,
      .batch = rates,
      .windows = {{.utc = {{0, 61}, {1380, 1440}}, .days = 31, .rates = rates},
                  {.utc = {{600, 599}}, .days = 96, .rates = rates},
                  {.utc = {{100, 200}}, .days = 1, .rates = rates},
                  {.utc = {{100, 200}}, .days = 2 + 4 + 16, .rates = rates}},
      .fees = fees};
  ModelPrices const model{.provider = "p",
                          .model = "Model \"m\" \xe2\x82\xac",
                          .match = {"m", "m-*", "m-####"},
                          .periods = {{}, {.from = year(1970) / 1 / 1}, last},
                          .multipliers = {{"inference_geo", "us", Factor::parse("1.1")},
                                          {"speed", "a=b.c[0]", Factor{0}}},
                          .mode = "chat",
                          .context_tokens = 4'294'967'295,
                          .max_input_tokens = 2,
                          .max_output_tokens = 3,
                          .released = year(2025) / 1 / 2,
                          .deprecated = year(2025) / 3 / 4,
                          .retired = year(2261) / 12 / 31,
                          .checked = year(2025) / 7 / 8,
                          .sources = {"gp", "hand"},
                          .note = "a \\ note\twith \x01"};
  ProviderPrices const provider{.name = "p",
                                .ids = {"p", "p.other"},
                                .hosts = {"api.*.example.com"},
                                .strip = {"Models/", "*/"},
                                .geo_prefixes = {"eu."},
                                .fallback = {"q"},
                                .batch = Factor::parse("0.5"),
                                .cache_read_factor = Factor::parse("0.25"),
                                .tier_is_inclusive = true,
                                .fees = fees,
                                .discount = Factor::parse("0.15"),
                                .margin = Factor::parse("0.2"),
                                .facts = {{"data_residency_multiplier", "1.1"},
                                          {"multipliers.a=b", "1.10"},
                                          {"multipliers.speed=fast", "per model"},
                                          {"regional_multiplier", "01"},
                                          {"tier.kind", "cliff"},
                                          {"tier.on", "input"}},
                                .note = "note"};
  auto bare = ModelPrices{.provider = "q", .model = "bare", .periods = {{}}};
  bare.is_retired = true;
  return {.snapshot = "2026-10-09",
          .sources = {{"gp", "a source"}, {"hand", "by \"hand\""}},
          .providers = {provider, {.name = "q"}},
          .models = {model, bare}};
}

TEST_CASE("price file: reads back all that it writes", "[json][price_file]") {
  auto const data = full_data();
  REQUIRE(check_prices(data).empty());
  CHECK(without_lines(parsed(written(data))) == data);
}

TEST_CASE("price file: an empty book is read back", "[json][price_file]") {
  CHECK(parsed(written({})) == PriceData{});
}

TEST_CASE("price file: an entry stands on one line", "[json][price_file]") {
  auto const data = full_data();
  auto const text = written(data);
  CHECK_THAT(text, ContainsSubstring("\n" + to_price_line(data.models[0]) + ",\n"));
  CHECK_THAT(text, ContainsSubstring("\n" + to_price_line(data.models[1]) + "\n]}\n"));
  CHECK(to_price_line(data.models[1]) ==
        R"({"provider":"q","model":"bare","retired":true,"rates":[{}]})");
}

TEST_CASE("price file: that of the library is as the writer writes it", "[json][price_file]") {
  auto const data = load_prices(own_file);
  CHECK(check_prices(data).empty());
  CHECK(data.models.size() == 1456);
  CHECK(data.providers.size() == 17);
  CHECK((written(data) == contents(own_file)));  // not to be shown when it is not
}

TEST_CASE("price file: that of the library is sorted, and explains its sources",
          "[json][price_file]") {
  auto const data = load_prices(own_file);
  CHECK(std::is_sorted(data.models.begin(), data.models.end(), [](auto const& a, auto const& b) {
    return std::tie(a.provider, a.model) < std::tie(b.provider, b.model);
  }));
  std::set<std::string> known;
  for (auto const& source : data.sources) known.insert(source.first);
  for (auto const& model : data.models) {
    for (auto const& code : model.sources) CHECK(known.count(code) == 1);
  }
}

TEST_CASE("price file: that of the library says what the researched prices say",
          "[json][price_file]") {
  auto const facts =
      std::filesystem::path(NETRUN_LLM_SHARED_DIR) / "facts" / "pricing" / "prices.json";
  if (!std::filesystem::exists(facts)) SKIP_TEST("no shared folder with prices.json");
  auto own = without_lines(load_prices(own_file));
  auto researched = without_lines(load_prices(facts));
  std::sort(researched.models.begin(), researched.models.end(), [](auto const& a, auto const& b) {
    return std::tie(a.provider, a.model) < std::tie(b.provider, b.model);
  });
  REQUIRE(own.models.size() == researched.models.size());
  for (std::size_t i = 0; i < own.models.size(); ++i) {
    INFO(to_price_line(own.models[i]) << '\n' << to_price_line(researched.models[i]));
    REQUIRE(own.models[i] == researched.models[i]);
  }
  // The hosts of its regions, which the sources leave out.
  for (auto& provider : researched.providers) {
    if (provider.name == "vertex_ai") provider.hosts.emplace_back("*-aiplatform.googleapis.com");
  }
  CHECK(own.providers == researched.providers);
}

TEST_CASE("price file: entries and providers know their lines", "[json][price_file]") {
  auto const data = parsed(
      "{\"providers\":{\n\"p\":{}, \"q\":\n{}\n},\n\"models\": [\n"
      "{\"provider\": \"p\", \"model\": \"a\", \"rates\": [{}]},\n\n{\n\"provider\": \"p\",\n"
      "\"model\": \"b\", \"rates\": [{}]}]}");
  CHECK(data.providers[0].line == 2);
  CHECK(data.providers[1].line == 3);
  CHECK(data.models[0].line == 6);
  CHECK(data.models[1].line == 8);
}

TEST_CASE("price file: numbers are read exactly", "[json][price_file]") {
  CHECK(input("0.003625").to_string() == "0.003625");
  CHECK(input("999999.999999").to_string() == "999999.999999");
  CHECK(input("0.1000000000000000000000000000000000000").to_string() == "0.1");
  CHECK(input("123456.000001").to_string() == "123456.000001");
  CHECK(input("-0").to_string() == "0");
  CHECK(input("-0.0").to_string() == "0");
}

TEST_CASE("price file: exponents are read exactly", "[json][price_file]") {
  CHECK(input("5e-05").to_string() == "0.00005");
  CHECK(input("1E-6").to_string() == "0.000001");
  CHECK(input("12.5e+3").to_string() == "12500");
  CHECK(input("0.00125e3").to_string() == "1.25");
  CHECK(input("1234567e-1").to_string() == "123456.7");
  CHECK(input("0e400").to_string() == "0");
}

TEST_CASE("price file: a price may be a text", "[json][price_file]") {
  CHECK(input(R"("0.075")").to_string() == "0.075");
  CHECK(input(R"("5e-05")").to_string() == "0.00005");
}

TEST_CASE("price file: rates have the keys of their kinds", "[json][price_file]") {
  for (std::size_t i = 0; i < token_kind_count; ++i) {
    auto const kind = static_cast<TokenKind>(i);
    std::string const key(to_string(kind));
    auto const read =
        entry(R"("rates":[{"tiers":[{"above":5,")" + key + "\":2}],\"" + key + "\":1}]");
    TokenRates rates;
    rates[kind] = Usd::parse("1");
    CHECK(read.periods[0].rates == rates);
    rates[kind] = Usd::parse("2");
    CHECK(read.periods[0].tiers == std::vector<PriceTier>{{.above_tokens = 5, .rates = rates}});
  }
}

TEST_CASE("price file: fees are one amount or one for each size", "[json][price_file]") {
  auto const fees =
      entry(R"("rates":[{"per_1k":{"request":{"low":5,"high":12},"web_search":10,"x":2.5}}])")
          .periods[0]
          .fees;
  CHECK(fees.request == CallFee{.low = Usd::parse("5"), .high = Usd::parse("12")});
  CHECK(fees.web_search == CallFee{.any = Usd::parse("10")});
  REQUIRE(fees.uncounted.size() == 1);
  CHECK(fees.uncounted[0].first == "x");
  CHECK(fees.uncounted[0].second == Usd::parse("2.5"));
}

TEST_CASE("price file: windows have hours and days", "[json][price_file]") {
  auto const window = [](std::string const& fields) {
    return entry(R"("rates":[{"windows":[{"input":1,)" + fields + "}]}]").periods[0].windows[0];
  };
  auto const night = window(R"("utc":["01:00-04:30","23:59-00:10"],"days":"mon-fri")");
  CHECK(night.utc == std::vector<PriceWindow::Range>{{60, 270}, {1439, 10}});
  CHECK(night.days == 31);
  CHECK(window(R"("utc":["00:00-24:00"])").days == 127);
  CHECK(window(R"("utc":["00:00-24:00"],"days":"sat,sun")").days == 96);
  CHECK(window(R"("utc":["00:00-24:00"],"days":"sat-mon,wed")").days == 96 + 1 + 4);
}

TEST_CASE("price file: the operator of a provider's tiers says whether they are inclusive",
          "[json][price_file]") {
  CHECK(provider(R"("tier":{"kind":"cliff","op":">="})").tier_is_inclusive);
  CHECK_FALSE(provider(R"("tier":{"kind":"cliff","op":">"})").tier_is_inclusive);
  CHECK_FALSE(provider("").tier_is_inclusive);
}

TEST_CASE("price file: keeps as facts what prices do not use", "[json][price_file]") {
  auto const read = provider(
      R"("tier":{"op":">","on":"all"},"regional_multiplier":1.10,"multipliers":{"a=b":"per model"})");
  CHECK(read.facts ==
        std::vector<std::pair<std::string, std::string>>{
            {"multipliers.a=b", "per model"}, {"regional_multiplier", "1.10"}, {"tier.on", "all"}});
}

TEST_CASE("price file: a retirement is a day or a flag", "[json][price_file]") {
  CHECK(entry(R"("rates":[{}],"retired":true)").is_retired);
  CHECK_FALSE(entry(R"("rates":[{}],"retired":false)").is_retired);
  auto const read = entry(R"("rates":[{}],"retired":"2026-02-28")");
  CHECK(read.retired == std::chrono::sys_days(year(2026) / 2 / 28));
  CHECK_FALSE(read.is_retired);
}

TEST_CASE("price file: a byte order mark and other line ends are passed over",
          "[json][price_file]") {
  auto const data = parsed("\xef\xbb\xbf{\r\n\"models\":[]\r\n}\r\n");
  CHECK(data == PriceData{});
}

TEST_CASE("price file: changes may name a provider alone, and fall back to one of the book",
          "[json][price_file]") {
  CHECK(provider(R"("discount":0.15,"margin":"0.2","fallback":["openai"])").discount ==
        Factor::parse("0.15"));
}

TEST_CASE("load_prices: throws what is wrong, with the first mistakes in words",
          "[json][price_file]") {
  TemporaryDirectory const directory;
  auto const file = directory.file("prices.json");
  std::string text = R"({"models":[)";
  for (int i = 0; i < 12; ++i) text += "\n5,";
  set_contents(file, text + "\n6]}");
  try {
    auto const data = load_prices(file);
    FAIL("loaded " << data.models.size() << " entries");
  } catch (PriceFileError const& error) {
    CHECK(error.mistakes().size() == 13);
    CHECK_THAT(error.what(),
               ContainsSubstring(file) &&
                   ContainsSubstring("line 2: models[0]: a number where an object belongs: 5") &&
                   ContainsSubstring("and 3 more"));
  }
}

std::string only_mistake(std::string const& file) {
  auto const mistakes = check_price_file(file);
  REQUIRE(mistakes.size() == 1);
  CHECK(mistakes[0].line == 0);
  return mistakes[0].reason;
}

TEST_CASE("check_price_file: a file that cannot be read is a mistake", "[json][price_file]") {
  TemporaryDirectory const directory;
  CHECK_THAT(only_mistake(directory.file("none.json")),
             ContainsSubstring("cannot be opened: No such file"));
  CHECK(only_mistake(directory.file(".")) == "it is a directory");
}

TEST_CASE("check_price_file: refuses a file by its size", "[json][price_file]") {
  TemporaryDirectory const directory;
  auto const file = directory.file("prices.json");
  constexpr std::size_t size = 100'000'000;
  set_contents(file, "{");
  std::filesystem::resize_file(file, size);  // with a hole, on a disk that has them
  CHECK(only_mistake(file) ==
        "the file is 100000000 bytes long, and a price file has at most 16777216");
}

TEST_CASE("check_price_file: reads no more of a device than a price file has",
          "[json][price_file]") {
  CHECK_THAT(only_mistake("/dev/zero"), ContainsSubstring("more than 16777216 bytes long"));
}

TEST_CASE("check_price_file: reads a pipe", "[json][price_file]") {
  TemporaryDirectory const directory;
  auto const file = directory.file("pipe");
  REQUIRE(mkfifo(file.c_str(), 0600) == 0);
  std::thread writer([&] { set_contents(file, contents(own_file)); });
  CHECK(check_price_file(file).empty());
  writer.join();
}

TEST_CASE("price file: a file of the largest size is read, one byte more is not",
          "[json][price_file]") {
  std::string text = R"({"models":[]})";
  text.resize(max_price_file_bytes, ' ');
  CHECK(parsed(text) == PriceData{});
  text += ' ';
  std::vector<PriceMistake> mistakes;
  static_cast<void>(parse_prices(text, mistakes));
  REQUIRE(mistakes.size() == 1);
  CHECK_THAT(mistakes[0].reason, ContainsSubstring("16777217 bytes long"));
}

}  // namespace
}  // namespace netrun::llm
