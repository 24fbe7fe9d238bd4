// SPDX-License-Identifier: MIT
// PriceData as a price file, one entry a line.
#include "json/price_keys.hpp"
#include "json/price_text.hpp"
#include <netrun/llm/price_file.hpp>

#include <cstdint>
#include <ostream>

namespace netrun::llm {
namespace detail {
namespace {

/// Writes line by line: what a book says may be large.
class LineOutput {
 public:
  explicit LineOutput(std::ostream& stream) : stream_(stream) {}

  template <class Write>
  void line(Write const& write) {
    text_.clear();
    {
      TextBuffer buffer(text_);
      write(buffer);
      buffer.raw('\n');
      buffer.commit();
    }
    stream_.write(text_.data(), static_cast<std::streamsize>(text_.size()));
  }

  /// A line for each element, with commas between them, between the lines `open` and `close`.
  template <class T, class Write>
  void list(std::string_view open, std::vector<T> const& elements, std::string_view close,
            Write const& write) {
    line([&](TextBuffer& out) { out.raw(open); });
    for (auto const& element : elements) {
      line([&](TextBuffer& out) {
        write(out, element);
        if (&element != &elements.back()) out.raw(',');
      });
    }
    line([&](TextBuffer& out) { out.raw(close); });
  }

 private:
  std::ostream& stream_;
  std::string text_{};
};

void put_head(TextBuffer& out, PriceData const& data) {
  out.raw(std::string_view("{\"schema\":"));
  out.number(static_cast<std::uint64_t>(price_schema));
  out.raw(std::string_view(",\"currency\":"));
  out.json_string(price_currency);
  out.raw(std::string_view(",\"unit\":"));
  out.json_string(std::string(price_unit) + "; per_1k = per 1000 calls");
  if (!data.snapshot.empty()) {
    out.raw(std::string_view(",\"snapshot\":"));
    out.json_string(data.snapshot);
  }
  out.raw(',');
}

}  // namespace
}  // namespace detail

void write_prices(std::ostream& out, PriceData const& data) {
  using detail::TextBuffer;
  detail::LineOutput lines(out);
  lines.line([&](TextBuffer& line) { detail::put_head(line, data); });
  if (!data.sources.empty()) {
    lines.list("\"sources\":{", data.sources, "},", [](TextBuffer& line, auto const& source) {
      line.json_string(source.first);
      line.raw(':');
      line.json_string(source.second);
    });
  }
  if (!data.providers.empty()) {
    lines.list("\"providers\":{", data.providers, "},",
               [](TextBuffer& line, ProviderPrices const& provider) {
                 line.json_string(provider.name);
                 line.raw(':');
                 detail::put(line, provider);
               });
  }
  lines.list("\"models\":[", data.models, "]}",
             [](TextBuffer& line, ModelPrices const& entry) { detail::put(line, entry); });
}

std::string to_price_line(ModelPrices const& model) {
  std::string text;
  detail::TextBuffer buffer(text);
  detail::put(buffer, model);
  buffer.commit();
  return text;
}

}  // namespace netrun::llm
