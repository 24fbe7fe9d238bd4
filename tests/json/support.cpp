// SPDX-License-Identifier: MIT
// Random calls, directories that vanish, and disks that are full.
#include "support.hpp"

#include <netrun/llm/json_lines.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>

#include <stdlib.h>

namespace netrun::llm::testing {
namespace {

constexpr std::string_view pieces[] = {"a",
                                       "gpt-4o",
                                       " ",
                                       "\"",
                                       "\\",
                                       "/",
                                       "\n",
                                       "\r\n",
                                       "\t",
                                       "\b",
                                       "\f",
                                       "\x01",
                                       "\x1f",
                                       "\x7f",
                                       "\xc2\x80",
                                       "\xc2\x9b",
                                       std::string_view("\0", 1),
                                       "\xc2\x85",
                                       "\xe2\x80\xa8",
                                       "\xe2\x80\xa9",
                                       "\xc3\xa4",
                                       "\xe6\xbc\xa2",
                                       "\xf0\x9f\x92\xb8",
                                       "\xef\xbf\xbd",
                                       "\xe2\x80\xaa",
                                       ",",
                                       "'",
                                       "</script>",
                                       "{}",
                                       "\\u0041",
                                       "eight by",
                                       "\xef\xbb\xbf",
                                       "\xc3\xa9\xc3\xa9\xc3\xa9"};

}  // namespace

std::string random_text(Random& random, Texts texts) {
  std::string text;
  auto const count = random() % 6 == 0 ? random() % 400 : random() % 8;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (texts == Texts::bytes && random() % 4 == 0) {
      text += static_cast<char>(random());
    } else {
      text += pieces[random() % std::size(pieces)];
    }
  }
  return text;
}

double random_double(Random& random) {
  constexpr double special[] = {0.0,
                                -0.0,
                                1e22,
                                1e300,
                                std::numeric_limits<double>::max(),
                                std::numeric_limits<double>::min(),
                                std::numeric_limits<double>::denorm_min(),
                                9007199254740993.0,
                                18446744073709551616.0,
                                0.1};
  switch (random() % 4) {
    case 0:
      return special[random() % std::size(special)];
    case 1:
      return static_cast<double>(random() >> random() % 64);
    case 2:
      return static_cast<double>(random() % 1'000'000) / 1000;
    default:
      break;
  }
  auto const any = std::bit_cast<double>(random());
  return std::isfinite(any) ? any : 1.5;
}

std::uint64_t random_count(Random& random) {
  return random() % 8 == 0 ? std::numeric_limits<std::uint64_t>::max() : random() >> random() % 64;
}

Clock::time_point random_time(Random& random) {
  return Clock::time_point{Clock::duration{static_cast<Clock::rep>(random())}};
}

Usd random_amount(Random& random) {
  auto const bits = static_cast<UInt128>(random()) << 64 | random();
  return Usd::from_picos(static_cast<Int128>(bits) >> random() % 127);
}

LLMRequestMetrics random_call(Random& random, Texts texts) {
  auto const text = [&] { return random_text(random, texts); };
  auto const maybe = [&](auto make) {
    return random() % 2 == 0 ? std::optional(make()) : std::nullopt;
  };
  LLMRequestMetrics call;
  for (auto* field : {&call.request_id, &call.tenant_id, &call.provider, &call.model}) {
    *field = text();
  }
  for (auto* field : {&call.user_id, &call.endpoint, &call.error_type, &call.error_message,
                      &call.provider_request_id, &call.parent_request_id, &call.finish_reason}) {
    *field = maybe(text);
  }
  for (auto* field :
       {&call.input_tokens, &call.output_tokens, &call.total_tokens, &call.cache_read_tokens,
        &call.cache_write_tokens, &call.cache_write_1h_tokens, &call.reasoning_tokens,
        &call.audio_input_tokens, &call.audio_output_tokens, &call.citation_tokens,
        &call.cached_audio_input_tokens, &call.image_input_tokens, &call.image_output_tokens,
        &call.cached_image_input_tokens, &call.video_input_tokens, &call.video_output_tokens,
        &call.billed_input_tokens, &call.billed_output_tokens}) {
    *field = random_count(random);
  }
  call.web_search_requests = static_cast<std::uint32_t>(random());
  call.usage_source = static_cast<UsageSource>(random() % 3);
  call.latency_ms = random_double(random);
  call.time_to_first_token_ms = maybe([&] { return random_double(random); });
  call.time_per_output_token_ms = maybe([&] { return random_double(random); });
  call.cost_usd = random_double(random);
  call.cost_source = static_cast<CostSource>(random() % 6);
  call.timestamp = random_time(random);
  call.success = random() % 2 == 0;
  call.streaming = random() % 2 == 0;
  call.cached = random() % 2 == 0;
  for (auto* pairs : {&call.tags, &call.attributes}) {
    std::set<std::string> keys;
    for (auto i = random() % 5; i > 0; --i) {
      auto key = text();
      if (keys.insert(key).second) pairs->emplace_back(std::move(key), text());
    }
  }
  call.exact_cost = maybe([&] { return random_amount(random); });
  return call;
}

LLMRequestView view_of(LLMRequestMetrics const& call, std::vector<Tag>& tags) {
  tags.assign(call.tags.begin(), call.tags.end());
  tags.insert(tags.end(), call.attributes.begin(), call.attributes.end());
  return {.request_id = call.request_id,
          .tenant_id = call.tenant_id,
          .provider = call.provider,
          .model = call.model,
          .user_id = call.user_id,
          .endpoint = call.endpoint,
          .error_type = call.error_type,
          .error_message = call.error_message,
          .provider_request_id = call.provider_request_id,
          .parent_request_id = call.parent_request_id,
          .finish_reason = call.finish_reason,
          .input_tokens = call.input_tokens,
          .output_tokens = call.output_tokens,
          .total_tokens = call.total_tokens,
          .cache_read_tokens = call.cache_read_tokens,
          .cache_write_tokens = call.cache_write_tokens,
          .cache_write_1h_tokens = call.cache_write_1h_tokens,
          .reasoning_tokens = call.reasoning_tokens,
          .audio_input_tokens = call.audio_input_tokens,
          .audio_output_tokens = call.audio_output_tokens,
          .citation_tokens = call.citation_tokens,
          .cached_audio_input_tokens = call.cached_audio_input_tokens,
          .image_input_tokens = call.image_input_tokens,
          .image_output_tokens = call.image_output_tokens,
          .cached_image_input_tokens = call.cached_image_input_tokens,
          .video_input_tokens = call.video_input_tokens,
          .video_output_tokens = call.video_output_tokens,
          .billed_input_tokens = call.billed_input_tokens,
          .billed_output_tokens = call.billed_output_tokens,
          .web_search_requests = call.web_search_requests,
          .usage_source = call.usage_source,
          .latency_ms = call.latency_ms,
          .time_to_first_token_ms = call.time_to_first_token_ms,
          .time_per_output_token_ms = call.time_per_output_token_ms,
          .cost_usd = call.cost_usd,
          .cost_source = call.cost_source,
          .timestamp = call.timestamp,
          .success = call.success,
          .streaming = call.streaming,
          .cached = call.cached,
          .tags = std::span(tags).first(call.tags.size()),
          .attributes = std::span(tags).subspan(call.tags.size()),
          .exact_cost = call.exact_cost};
}

LLMRequestMetrics plain_call(std::string request_id) {
  LLMRequestMetrics call;
  call.request_id = std::move(request_id);
  call.provider = "openai";
  call.model = "gpt-4o";
  call.cost_source = CostSource::manual;
  call.timestamp = Clock::time_point{std::chrono::hours(490'896)};
  return call;
}

std::vector<LLMRequestMetrics> calls_named(std::string_view names) {
  std::vector<LLMRequestMetrics> calls;
  for (char const c : names) calls.push_back(plain_call(std::string(1, c)));
  return calls;
}

std::size_t line_size() {
  std::string line;
  append_json_line(line, plain_call("0"));
  return line.size();
}

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "netrun-llm-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryDirectory::file(std::string_view name) const {
  return path_ + "/" + std::string(name);
}

std::vector<std::string> TemporaryDirectory::names() const {
  std::vector<std::string> all;
  for (auto const& entry : std::filesystem::directory_iterator(path_)) {
    all.push_back(entry.path().filename().string());
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::string contents(std::string const& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  return text.str();
}

void set_contents(std::string const& path, std::string_view text) {
  std::ofstream(path, std::ios::binary)
      .write(text.data(), static_cast<std::streamsize>(text.size()));
}

std::vector<std::string> ids_in(std::string const& path) {
  JsonLinesReader reader(path);
  std::vector<std::string> ids;
  while (auto const call = reader.next()) ids.push_back(call->request_id);
  return ids;
}

FileSizeLimit::FileSizeLimit(std::uint64_t bytes) {
  std::signal(SIGXFSZ, SIG_IGN);
  getrlimit(RLIMIT_FSIZE, &before_);
  rlimit const limit{bytes, before_.rlim_max};
  setrlimit(RLIMIT_FSIZE, &limit);
}

FileSizeLimit::~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

}  // namespace netrun::llm::testing
