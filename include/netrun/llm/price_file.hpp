// SPDX-License-Identifier: MIT
// Price books in JSON files: reading, checking, writing. Component json.
#pragma once

#include <netrun/llm/price_data.hpp>

#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm {

/// Largest price file that is read, in bytes. The built-in book is a third of a megabyte.
inline constexpr std::size_t max_price_file_bytes = std::size_t{16} << 20;
/// Most entries, providers, periods, tiers and windows of a price file together: a short text may
/// name more of them than there is memory. The built-in book has 1,600.
inline constexpr std::size_t max_price_file_parts = 50'000;

/// A price file with mistakes; what() lists the first of them, mistakes() all.
class PriceFileError : public std::runtime_error {
 public:
  PriceFileError(std::string const& file, std::vector<PriceMistake> mistakes);
  [[nodiscard]] std::vector<PriceMistake> const& mistakes() const noexcept { return mistakes_; }

 private:
  std::vector<PriceMistake> mistakes_;
};

/// Reads the text of a price file; docs/pricing.md describes the format. Every mistake is added to
/// `mistakes` with the line of its value, in the order of lines, those that check_prices finds (as
/// changes to a book) among them; then the result is empty. Past max_price_mistakes one more says
/// that there are others. A text that is no JSON has one mistake. Throws std::bad_alloc only.
///
/// Numbers are read exactly, from their text, with an exponent too ("5e-05"); a price may also be a
/// JSON string ("0.075").
[[nodiscard]] PriceData parse_prices(std::string_view text, std::vector<PriceMistake>& mistakes);

/// Reads a price file. Throws PriceFileError when there is a mistake in it, or it cannot be read.
/// Of a pipe or a device no more is read than max_price_file_bytes.
///
/// Example:
///   collector.set_prices(PriceBook::builtin().with(load_prices("prices.json")));
[[nodiscard]] PriceData load_prices(std::filesystem::path const& file);

/// All mistakes in a price file; empty when there are none. A file that cannot be read is one.
[[nodiscard]] std::vector<PriceMistake> check_price_file(std::filesystem::path const& file);

/// Writes a price file, one entry a line, in the order of `data`. What parse_prices reads back is
/// equal but for the lines, when check_prices finds nothing wrong in `data` and its texts are
/// UTF-8. Errors are those of the stream.
void write_prices(std::ostream& out, PriceData const& data);
/// One entry in the form of a price file, on one line.
[[nodiscard]] std::string to_price_line(ModelPrices const& model);

}  // namespace netrun::llm
