// SPDX-License-Identifier: MIT
// The names of token kinds, factors, and mistakes as text.
#include <netrun/llm/price_data.hpp>

#include <stdexcept>

namespace netrun::llm {
namespace {

constexpr std::int64_t picos_per_millionth = Usd::picos_per_dollar / 1'000'000;
constexpr std::int64_t factor_end = 1'000'000;

[[noreturn]] void refuse_factor(std::string_view text) {
  throw std::invalid_argument("not a number from 0 to below 1000000 with at most six decimals: \"" +
                              std::string(text.substr(0, 80)) + "\"");
}

}  // namespace

std::string_view to_string(TokenKind kind) noexcept {
  switch (kind) {
    case TokenKind::input:
      return "input";
    case TokenKind::cache_read:
      return "cache_read";
    case TokenKind::cached_audio_input:
      return "cache_read_audio";
    case TokenKind::cached_image_input:
      return "cache_read_image";
    case TokenKind::cache_write:
      return "cache_write";
    case TokenKind::cache_write_1h:
      return "cache_write_1h";
    case TokenKind::audio_input:
      return "input_audio";
    case TokenKind::image_input:
      return "input_image";
    case TokenKind::video_input:
      return "input_video";
    case TokenKind::output:
      return "output";
    case TokenKind::audio_output:
      return "output_audio";
    case TokenKind::image_output:
      return "output_image";
    case TokenKind::video_output:
      return "output_video";
    case TokenKind::reasoning:
      return "output_reasoning";
    case TokenKind::citation:
      return "output_citation";
  }
  return "unknown";
}

std::optional<Usd> const& TokenRates::operator[](TokenKind kind) const noexcept {
  switch (kind) {
    case TokenKind::cache_read:
      return cache_read;
    case TokenKind::cached_audio_input:
      return cached_audio_input;
    case TokenKind::cached_image_input:
      return cached_image_input;
    case TokenKind::cache_write:
      return cache_write;
    case TokenKind::cache_write_1h:
      return cache_write_1h;
    case TokenKind::audio_input:
      return audio_input;
    case TokenKind::image_input:
      return image_input;
    case TokenKind::video_input:
      return video_input;
    case TokenKind::output:
      return output;
    case TokenKind::audio_output:
      return audio_output;
    case TokenKind::image_output:
      return image_output;
    case TokenKind::video_output:
      return video_output;
    case TokenKind::reasoning:
      return reasoning;
    case TokenKind::citation:
      return citation;
    case TokenKind::input:
      break;
  }
  return input;
}

std::optional<Usd>& TokenRates::operator[](TokenKind kind) noexcept {
  return const_cast<std::optional<Usd>&>(static_cast<TokenRates const&>(*this)[kind]);
}

Factor Factor::parse(std::string_view text) {
  Usd number;
  try {
    number = Usd::parse(text);
  } catch (std::invalid_argument const&) {
    refuse_factor(text);
  }
  Int128 const picos = number.picos();
  if (picos < 0 || picos >= Int128{factor_end} * Usd::picos_per_dollar ||
      picos % picos_per_millionth != 0) {
    refuse_factor(text);
  }
  return {static_cast<std::int64_t>(picos / picos_per_millionth)};
}

std::string Factor::to_string() const {
  return Usd::from_picos(Int128{millionths} * picos_per_millionth).to_string();
}

std::string PriceMistake::to_string() const {
  std::string text = line == 0 ? std::string() : "line " + std::to_string(line);
  for (auto const* part : {&where, &path, &reason}) {
    if (!text.empty() && !part->empty()) text += ": ";
    text += *part;
  }
  return text;
}

}  // namespace netrun::llm
