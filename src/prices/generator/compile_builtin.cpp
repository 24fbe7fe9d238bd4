// SPDX-License-Identifier: MIT
// Writes the built-in price table as C++: compile_builtin PRICES.json BUILTIN.cpp
//
// The result is part of the repository, so that building the library needs neither this program nor
// a JSON parser; the target netrun_llm_prices writes it anew, and a test compares the two. Where the
// layout of the table changes, let builtin_price_table() give an empty one until that is done.
#include "prices/price_table.hpp"
#include <netrun/llm/price_file.hpp>

#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <span>
#include <sstream>
#include <string>
#include <string_view>

namespace {

using namespace netrun::llm::detail;

class Writer {
 public:
  explicit Writer(std::ostream& out) : out_(out) {}

  void write(PriceTable const& table) {
    out_
        << "// SPDX-License-Identifier: MIT\n"
           "// The built-in price table. Written by compile_builtin from prices.json; to change a\n"
           "// price, change that file and build the target netrun_llm_prices.\n"
           "#include \"prices/price_table.hpp\"\n\n"
           "namespace netrun::llm::detail {\n"
           "namespace {\n\n"
           "// clang-format off\n";
    text(table.text);
    rows("NamedRow", "sources", table.sources);
    rows("ProviderRow", "providers", table.providers);
    rows("EntryRow", "entries", table.entries);
    rows("MatchRow", "aliases", table.aliases);
    rows("MatchRow", "patterns", table.patterns);
    rows("PeriodRow", "periods", table.periods);
    rows("RateBlock", "blocks", table.blocks);
    rows("PackedRate", "rates", table.rates);
    rows("MultiplierRow", "multipliers", table.multipliers);
    rows("NamedRow", "named", table.named);
    rows("TextRef", "refs", table.refs);
    out_ << "// clang-format on\n\n}  // namespace\n\n"
            "PriceTable const& builtin_price_table() noexcept {\n"
            "  static constexpr PriceTable table{{text, sizeof text - 1}, ";
    row_.str({});
    put(table.snapshot);
    out_ << row_.str()
         << ", sources, providers, entries, aliases, patterns,\n"
            "                                    periods, blocks, rates, multipliers, named, "
            "refs};\n"
            "  return table;\n}\n\n"
            "}  // namespace netrun::llm::detail\n";
  }

 private:
  void text(std::string_view all) {
    constexpr std::size_t line = 90;
    out_ << "constexpr char text[] =";
    for (std::size_t at = 0; at < all.size(); at += line) {
      out_ << "\n    \"";
      for (char const c : all.substr(at, line)) {
        if (c == '"' || c == '\\') out_ << '\\';
        out_ << c;
      }
      out_ << '"';
    }
    out_ << ";\n";
  }

  /// As many rows on a line as there is room for.
  template <class Row>
  void rows(char const* type, char const* name, std::span<Row const> all) {
    out_ << "constexpr " << type << ' ' << name << "[] = {";
    std::size_t column = 100;
    for (auto const& row : all) {
      row_.str({});
      put(row);
      auto const text = row_.str();
      column += text.size() + 2;
      if (column > 100) {
        out_ << "\n   ";
        column = text.size() + 5;
      }
      out_ << ' ' << text << ',';
    }
    out_ << "\n};\n";
  }

  void put(std::int64_t number) { row_ << number; }
  void put(TextRef ref) { row_ << '{' << ref.offset << ", " << ref.size << '}'; }
  void put(RowRange range) { row_ << '{' << range.first << ", " << range.count << '}'; }
  void put(PackedRate rate) { row_ << '{' << rate.bits << "u}"; }
  void put(MatchRow const& row) {
    list(row.text, std::int64_t{row.entry}, std::int64_t{row.layer});
  }
  void put(NamedRow const& row) { list(row.name, row.text, row.picos); }
  void put(MultiplierRow const& row) { list(row.attribute, row.value, row.millionths); }
  void put(PeriodRow const& row) { list(Day{row.from_day}, row.blocks, row.uncounted); }
  void put(RateBlock const& row) {
    row_ << '{' << row.value << "u, " << row.first_rate << ", RateCondition{"
         << static_cast<int>(row.condition) << "}, " << static_cast<int>(row.rates) << '}';
  }
  void put(EntryRow const& row) {
    list(row.model, row.mode, row.note, row.periods, row.multipliers, row.sources,
         std::int64_t{row.context_tokens}, std::int64_t{row.max_input_tokens},
         std::int64_t{row.max_output_tokens}, Day{row.released}, Day{row.deprecated},
         Day{row.retired}, Day{row.checked}, std::int64_t{row.provider},
         std::int64_t{row.is_retired ? 1 : 0});
  }
  void put(ProviderRow const& row) {
    list(row.name, row.note, row.ids, row.hosts, row.strip, row.geo_prefixes, row.fallback,
         row.facts, row.uncounted, row.fees, row.entries, row.aliases, row.patterns, row.batch,
         row.cache_read_factor, row.discount, row.margin,
         std::int64_t{row.tier_is_inclusive ? 1 : 0});
  }
  struct Day {
    std::int32_t since_1970;
  };
  void put(Day day) {
    if (day.since_1970 == no_day) {
      row_ << "no_day";
    } else {
      row_ << day.since_1970;
    }
  }

  template <class First, class... Rest>
  void list(First const& first, Rest const&... rest) {
    row_ << '{';
    put(first);
    ((row_ << ", ", put(rest)), ...);
    row_ << '}';
  }

  std::ostream& out_;
  std::ostringstream row_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: compile_builtin PRICES.json BUILTIN.cpp\n";
    return 2;
  }
  try {
    auto const owned = compile_prices(netrun::llm::load_prices(arguments[1]));
    std::ostringstream text;
    Writer(text).write(owned.table());
    std::ofstream file(arguments[2]);
    file << text.str() << std::flush;
    if (!file) throw std::runtime_error(std::string("cannot write ") + arguments[2]);
    return 0;
  } catch (std::exception const& error) {
    std::cerr << "compile_builtin: " << error.what() << '\n';
    return 1;
  }
}
