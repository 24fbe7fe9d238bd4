// SPDX-License-Identifier: MIT
// Responses of every interface in every form, whatever comes. The first byte says which interface,
// the second how the rest is cut into pieces: that must make no difference.
#include <netrun/llm/response_reader.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace netrun::llm;

/// True when a part is not larger than its whole.
bool within(std::optional<std::uint64_t> part, std::optional<std::uint64_t> whole) {
  return !part || !whole || *part <= *whole;
}

void check(bool holds) {
  if (!holds) std::abort();
}

ResponseInfo read(Api api, std::string_view body, std::size_t piece) {
  ResponseReader reader(api);
  while (!body.empty()) {
    auto const part = body.substr(0, piece);
    reader.feed(part);
    body.remove_prefix(part.size());
  }
  reader.finish();
  return reader.info();
}

bool same(ResponseInfo const& a, ResponseInfo const& b) {
  return a.api == b.api && a.form == b.form && a.counts == b.counts &&
         a.counts_are_final == b.counts_are_final && a.model == b.model &&
         a.response_id == b.response_id && a.service_tier == b.service_tier &&
         std::equal(a.finish_reasons.begin(), a.finish_reasons.end(), b.finish_reasons.begin()) &&
         a.finish_reason_count == b.finish_reason_count &&
         a.reported_cost_usd == b.reported_cost_usd && a.error.has_value() == b.error.has_value() &&
         (!a.error || (a.error->type == b.error->type && a.error->message == b.error->message)) &&
         a.sub_call_count == b.sub_call_count && a.complete == b.complete &&
         a.problem == b.problem && a.problem_at == b.problem_at;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size < 2) return 0;
  auto const api = static_cast<Api>(data[0] % api_count);
  std::string_view const body(reinterpret_cast<char const*>(data) + 2, size - 2);
  auto const whole = read(api, body, std::string_view::npos);
  check(same(whole, read(api, body, 1 + data[1] % 64U)));
  check(same(whole, read(api, body, 1)));
  auto const& counts = whole.counts;
  check(within(counts.cache_read_tokens, counts.input_tokens));
  check(within(counts.cache_write_tokens, counts.input_tokens));
  check(within(counts.audio_input_tokens, counts.input_tokens));
  check(within(counts.reasoning_tokens, counts.output_tokens));
  check(within(counts.audio_output_tokens, counts.output_tokens));
  check(!whole.error || !whole.error->type.empty());
  check(whole.finish_reason_count <= most_finish_reasons);
  check(whole.sub_call_count <= most_sub_calls);
  return 0;
}
