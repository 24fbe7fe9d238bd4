// SPDX-License-Identifier: MIT
// Prices as people write them down: what a price file says, and what a PriceBook is made from.
#pragma once

#include <netrun/llm/name_view.hpp>
#include <netrun/llm/usd.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netrun::llm {

/// A kind of token that may have a price of its own. In price files the name that to_string gives.
enum class TokenKind : std::uint8_t {
  input,  ///< Text that goes in and is in no other kind.
  cache_read,
  cached_audio_input,
  cached_image_input,
  cache_write,
  cache_write_1h,
  audio_input,
  image_input,
  video_input,
  output,  ///< Text that comes out and is in no other kind.
  audio_output,
  image_output,
  video_output,
  reasoning,
  citation,
};
inline constexpr std::size_t token_kind_count = 15;

/// The key of a kind in price files: "input", "cache_read", "cache_read_audio", "input_audio",
/// "output_reasoning" ...; "unknown" of a number that is none.
[[nodiscard]] std::string_view to_string(TokenKind kind) noexcept;

/// What a million tokens of each kind cost, in US dollars; absent where a source names no price.
///
/// A kind without a price is billed as the kind that holds it: cache_read and cache_write as input
/// (see also ProviderPrices::cache_read_factor), cache_write_1h as cache_write, audio, image and
/// video as text of the same direction, cached audio and images as cache_read, reasoning and
/// citation as output.
struct TokenRates {
  std::optional<Usd> input{}, cache_read{}, cached_audio_input{}, cached_image_input{};
  std::optional<Usd> cache_write{}, cache_write_1h{}, audio_input{}, image_input{}, video_input{};
  std::optional<Usd> output{}, audio_output{}, image_output{}, video_output{};
  std::optional<Usd> reasoning{}, citation{};

  [[nodiscard]] std::optional<Usd>& operator[](TokenKind kind) noexcept;
  [[nodiscard]] std::optional<Usd> const& operator[](TokenKind kind) const noexcept;
  [[nodiscard]] friend bool operator==(TokenRates const&, TokenRates const&) = default;
};

/// A decimal number with six decimals at most: 0.5, 1.1.
struct Factor {
  std::int64_t millionths = 1'000'000;

  /// Reads an exact decimal. Throws std::invalid_argument, quoting `text`, for anything else, for
  /// more than six decimals that are not zero, and for numbers of a million and more.
  [[nodiscard]] static Factor parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] friend bool operator==(Factor, Factor) = default;
};

/// Prices of calls with a long input. When the whole input (cached tokens included) exceeds
/// `above_tokens`, every token of the call, output too, has the price named here; a kind that is
/// not named keeps its own.
struct PriceTier {
  std::uint64_t above_tokens = 0;
  TokenRates rates{};
  [[nodiscard]] friend bool operator==(PriceTier const&, PriceTier const&) = default;
};

/// Prices at certain hours (DeepSeek): in force when the call starts between `from` and `to`, in
/// minutes of the UTC day, the end exclusive; a range that ends before it starts passes midnight.
struct PriceWindow {
  struct Range {
    std::uint16_t from_minute = 0, to_minute = 0;  ///< 0 to 1440
    [[nodiscard]] friend bool operator==(Range, Range) = default;
  };
  std::vector<Range> utc{};
  /// Days of the week on which it holds, by the calendar of Beijing (UTC+8); bit 0 is Monday.
  std::uint8_t days = 127;
  TokenRates rates{};
  [[nodiscard]] friend bool operator==(PriceWindow const&, PriceWindow const&) = default;
};

/// A fee for a thousand events in US dollars: one figure, or one for each size of the search
/// context.
struct CallFee {
  std::optional<Usd> any{}, low{}, medium{}, high{};
  [[nodiscard]] bool empty() const noexcept { return !any && !low && !medium && !high; }
  [[nodiscard]] friend bool operator==(CallFee const&, CallFee const&) = default;
};

/// Fees beside the tokens, per thousand.
struct CallFees {
  /// Of each call that names the size of its search context.
  CallFee request{};
  CallFee web_search{};  ///< Of each search that TokenUsage counts.
  /// Fees for which there is no counter (file_search, code_execution ...): shown, never charged.
  std::vector<std::pair<std::string, Usd>> uncounted{};
  [[nodiscard]] friend bool operator==(CallFees const&, CallFees const&) = default;
};

/// What a model costs from one day on, until the next period begins.
struct PricePeriod {
  std::optional<std::chrono::sys_days> from{};  ///< First day, UTC; absent: always.
  TokenRates rates{};
  std::vector<PriceTier> tiers{};  ///< Ascending.
  /// Prices for that service tier. Above a long-context tier they rise by the same ratio as
  /// `rates`.
  TokenRates flex{}, priority{};
  TokenRates batch{};  ///< Where it is not ProviderPrices::batch times the price.
  std::vector<PriceWindow> windows{};
  CallFees fees{};
  [[nodiscard]] friend bool operator==(PricePeriod const&, PricePeriod const&) = default;
};

/// Multiplies what the tokens of a call cost when it has this attribute ("inference_geo" = "us").
struct PriceMultiplier {
  std::string attribute{}, value{};
  Factor factor{};
  [[nodiscard]] friend bool operator==(PriceMultiplier const&, PriceMultiplier const&) = default;
};

/// One entry of a book: a model, or a family of models with the same price.
struct ModelPrices {
  std::string provider{}, model{};  ///< `provider` in lower case.
  /// Ids that this price is for, lower case. `*` stands for any run of characters, `#` for one
  /// digit; without either it is an exact alias. Empty means the model's own name.
  std::vector<std::string> match{};
  std::vector<PricePeriod> periods{};  ///< In order of time.
  std::vector<PriceMultiplier> multipliers{};
  std::string mode{};  ///< "chat", "completion", "embedding", "realtime"; empty when not known.
  std::uint32_t context_tokens = 0, max_input_tokens = 0, max_output_tokens = 0;  ///< 0: not known
  std::optional<std::chrono::sys_days> released{}, deprecated{}, retired{};
  bool is_retired = false;  ///< Retired on a day that no source knows; then `retired` is absent.
  std::optional<std::chrono::sys_days> checked{};  ///< Day on which a source was last checked.
  std::vector<std::string> sources{};              ///< Codes that PriceData::sources explains.
  std::string note{};
  std::size_t line = 0;  ///< Where it stood in a file; 0: nowhere. Not part of the price.
  [[nodiscard]] friend bool operator==(ModelPrices const&, ModelPrices const&) = default;
};

/// What holds for all models of a provider.
struct ProviderPrices {
  std::string name{};
  std::vector<std::string> ids{};    ///< Other spellings, lower case ("azure_openai").
  std::vector<std::string> hosts{};  ///< "api.openai.com"; subdomains and `*` count too.
  std::vector<std::string> strip{};  ///< Prefixes to take off a model id; may contain `*`.
  /// Prefixes ("eu."), lower case, that are taken off only when nothing else is found.
  std::vector<std::string> geo_prefixes{};
  std::vector<std::string> fallback{};  ///< Providers that are asked when nothing is found here.
  std::optional<Factor> batch{};        ///< Of the price of tokens in batch jobs.
  std::optional<Factor> cache_read_factor{};  ///< Of `input`, where cache_read has no price.
  bool tier_is_inclusive = false;             ///< A tier begins at its number itself (xAI).
  CallFees fees{};                            ///< Where the model names none.
  std::optional<Factor> discount{};           ///< Your own: 0.15 takes 15 % off the cost of a call.
  std::optional<Factor> margin{};  ///< Your own: 0.2 then adds 20 %, to what you bill on.
  /// What else a source says, sorted by key; prices do not use it. Keys are those of price files:
  /// "tier.kind", "tier.on", "multipliers.<attribute>=<value>", "data_residency_multiplier",
  /// "regional_multiplier".
  std::vector<std::pair<std::string, std::string>> facts{};
  std::string note{};
  std::size_t line = 0;  ///< Where it stood in a file; 0: nowhere.
  [[nodiscard]] friend bool operator==(ProviderPrices const&, ProviderPrices const&) = default;
};

/// All that a price file says.
///
/// Thread safety: a plain value.
///
/// Example:
///   PriceData mine{.models = {{.provider = "openai", .model = "ft:gpt-4o:acme",
///                              .match = {"ft:gpt-4o*:acme*"},
///                              .periods = {{.rates = {.input = Usd::parse("3.75"),
///                                                     .output = Usd::parse("15")}}}}}};
///   collector.set_prices(PriceBook::builtin().with(mine));
struct PriceData {
  std::string snapshot{};  ///< Day of the newest source, "2026-10-09"; other words may stand by it.
  std::vector<std::pair<std::string, std::string>> sources{};  ///< Code, and what it stands for.
  std::vector<ProviderPrices> providers{};
  std::vector<ModelPrices> models{};
  [[nodiscard]] friend bool operator==(PriceData const&, PriceData const&) = default;
};

/// Something that is wrong in a price file or in PriceData.
struct PriceMistake {
  std::size_t line = 0;  ///< 1 is the first; 0: in no file.
  std::string where{};   ///< "openai/gpt-4o", "provider openai"; may be empty.
  std::string path{};    ///< What of it, as in a price file: "rates[0].input"; may be empty.
  std::string reason{};  ///< In one sentence, quoting the value.

  /// "line 12: openai/gpt-4o: rates[0].input: ..." without the parts that are not there.
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] friend bool operator==(PriceMistake const&, PriceMistake const&) = default;
};

/// Most mistakes that are listed; the one after them says that there are more.
inline constexpr std::size_t max_price_mistakes = 1'000;
/// Providers that a book holds, those of its entries included.
inline constexpr std::size_t max_price_providers = 255;

/// What PriceData is meant for.
enum class PriceScope : std::uint8_t {
  book,     ///< A whole book.
  changes,  ///< Changes to a book, which may know the providers that these fall back to.
};

/// All that is wrong in `data`, sorted by place in it; empty when all is well:
///
/// - names that are empty, longer than max_name_bytes, have control characters or, where ids are
///   compared with them, upper case; providers, ids, hosts and entries that are there twice;
///   aliases that two entries of a provider share; fallbacks that are not there;
/// - prices and fees that are negative, have more than six decimals or are not below 1,000,000 USD;
///   factors that are negative or not below 1,000, discounts that are not below 1;
/// - entries without prices, periods out of order, tiers out of order, hours that are none or that
///   two windows of a period share; days before 1970 or after 2261.
///
/// Throws std::bad_alloc.
[[nodiscard]] std::vector<PriceMistake> check_prices(PriceData const& data,
                                                     PriceScope scope = PriceScope::book);

}  // namespace netrun::llm
