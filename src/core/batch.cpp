// SPDX-License-Identifier: MIT
// Records copied out of the log together, and views of them in words.
#include <netrun/llm/detail/batch.hpp>
#include <netrun/llm/detail/ids.hpp>
#include <netrun/llm/detail/sums.hpp>
#include <netrun/llm/detail/texts_view.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

namespace netrun::llm::detail {
namespace {

constexpr std::uint32_t no_record = std::numeric_limits<std::uint32_t>::max();

void set_usage(LLMRequestView& v, TokenUsage const& u) noexcept {
  v.input_tokens = u.input_tokens;
  v.output_tokens = u.output_tokens;
  v.total_tokens = saturating_add(u.input_tokens, u.output_tokens);
  v.cache_read_tokens = u.cache_read_tokens;
  v.cache_write_tokens = u.cache_write_tokens;
  v.cache_write_1h_tokens = u.cache_write_1h_tokens;
  v.reasoning_tokens = u.reasoning_tokens;
  v.citation_tokens = u.citation_tokens;
  v.audio_input_tokens = u.audio_input_tokens;
  v.audio_output_tokens = u.audio_output_tokens;
  v.cached_audio_input_tokens = u.cached_audio_input_tokens;
  v.image_input_tokens = u.image_input_tokens;
  v.image_output_tokens = u.image_output_tokens;
  v.cached_image_input_tokens = u.cached_image_input_tokens;
  v.video_input_tokens = u.video_input_tokens;
  v.video_output_tokens = u.video_output_tokens;
  v.billed_input_tokens = u.billed_input_tokens;
  v.billed_output_tokens = u.billed_output_tokens;
  v.web_search_requests = u.web_search_requests;
  v.usage_source = u.source;
}

void set_numbers(LLMRequestView& v, Record const& record) noexcept {
  v.latency_ms = record.latency_ms;
  if (!std::isnan(record.time_to_first_token_ms)) {
    v.time_to_first_token_ms = record.time_to_first_token_ms;
  }
  v.exact_cost = Usd::from_picos(record.cost_picos);
  v.cost_usd = v.exact_cost->to_double();
  v.cost_source = record.cost_source();
  v.timestamp =
      netrun::llm::Clock::time_point(std::chrono::duration_cast<netrun::llm::Clock::duration>(
          std::chrono::nanoseconds(record.start_ns)));
  v.success = record.is(RecordFlags::success);
  v.streaming = record.is(RecordFlags::streaming);
  v.cached = record.is(RecordFlags::cached);
}

/// The field of a view for an optional text; null for kinds that are none.
std::optional<std::string_view>* optional_text(LLMRequestView& v, TextKind kind) noexcept {
  switch (kind) {
    case TextKind::user:
      return &v.user_id;
    case TextKind::endpoint:
      return &v.endpoint;
    case TextKind::error_type:
      return &v.error_type;
    case TextKind::error_message:
      return &v.error_message;
    case TextKind::provider_request_id:
      return &v.provider_request_id;
    case TextKind::parent_request_id:
      return &v.parent_request_id;
    case TextKind::finish_reason:
      return &v.finish_reason;
    default:
      return nullptr;
  }
}

std::optional<double> read_duration(std::string_view packed) noexcept {
  double ms = 0;
  if (packed.size() != sizeof ms) return std::nullopt;
  std::memcpy(&ms, packed.data(), sizeof ms);
  return ms;
}

}  // namespace

void TakenBatch::clear() noexcept {
  records_.clear();
  texts_.clear();
  bytes_.clear();
  tenant_bytes_.clear();
  views_.clear();
  ++batch_;
}

void TakenBatch::add(Record const& record, std::string_view texts) {
  records_.push_back(record);
  texts_.push_back({bytes_.size(), texts.size()});
  bytes_.append(texts);
}

void TakenBatch::copy_tenants() {
  auto& table = names_->tenants();
  if (tenants_.size() < table.size()) tenants_.resize(table.size());
  for (auto const& record : records_) {
    auto& tenant = tenants_[record.tenant];
    if (tenant.batch == batch_) continue;
    auto const name = table.name(record.tenant);
    tenant = {batch_, {tenant_bytes_.size(), name.size()}};
    tenant_bytes_.append(name);
  }
}

void TakenBatch::sort() {
  order_.clear();
  if (records_.empty()) return;
  auto const by_ticket = [](Record const& a, Record const& b) { return a.ticket < b.ticket; };
  auto const [first, last] = std::minmax_element(records_.begin(), records_.end(), by_ticket);
  // Tickets are numbers in a row, with gaps at most where records were lapped.
  order_.assign(last->ticket - first->ticket + 1, no_record);
  for (std::size_t i = 0; i < records_.size(); ++i) {
    order_[records_[i].ticket - first->ticket] = static_cast<std::uint32_t>(i);
  }
  std::erase(order_, no_record);
}

void TakenBatch::make_views(std::size_t most) {
  constexpr std::size_t id_bytes = 36;
  sort();
  if (order_.size() > most) {
    order_.erase(order_.begin(), order_.end() - static_cast<std::ptrdiff_t>(most));
  }
  ids_.resize(order_.size() * id_bytes);
  views_.assign(order_.size(), {});
  tags_.clear();
  attributes_.clear();
  pair_counts_.clear();
  for (std::size_t i = 0; i < order_.size(); ++i) {
    auto const tags = tags_.size();
    auto const attributes = attributes_.size();
    fill(views_[i], order_[i], ids_.data() + i * id_bytes);
    if (tags_.size() == tags && attributes_.size() == attributes) continue;
    pair_counts_.resize(order_.size());
    pair_counts_[i] = {tags_.size() - tags, attributes_.size() - attributes};
  }
  place_pairs();
}

void TakenBatch::place_pairs() {
  std::size_t tag = 0;
  std::size_t attribute = 0;
  for (std::size_t i = 0; i < pair_counts_.size(); ++i) {
    auto const [tags, attributes] = pair_counts_[i];
    views_[i].tags = std::span(tags_).subspan(tag, tags);
    views_[i].attributes = std::span(attributes_).subspan(attribute, attributes);
    tag += tags;
    attribute += attributes;
  }
}

void TakenBatch::fill(LLMRequestView& view, std::size_t index, char* id) {
  Record const& record = records_[index];
  auto const texts = std::string_view(bytes_).substr(texts_[index].at, texts_[index].size);
  Route const& route = names_->routes().by_id(record.route);
  auto const tenant = tenants_[record.tenant].name;
  view.provider = route.first();
  view.model = route.second();
  view.tenant_id = std::string_view(tenant_bytes_).substr(tenant.at, tenant.size);
  if (!record.inline_user().empty()) view.user_id = record.inline_user();
  if (record.endpoint != 0) view.endpoint = names_->endpoints().by_id(record.endpoint - 1U).text;
  if (record.error != 0) view.error_type = names_->errors().by_id(record.error - 1U).text;
  set_usage(view, usage_of(record, texts));
  set_numbers(view, record);
  if (!texts.empty()) fill_texts(view, texts);
  if (view.request_id.data() == nullptr) {
    view.request_id = write_id_text(id, record.id_high, record.id_low);
  }
}

void TakenBatch::fill_texts(LLMRequestView& view, std::string_view texts) {
  // A name in the texts is there because it found no number, and wins over that of "other".
  for (TextFields fields(texts); fields.next();) {
    switch (fields.kind()) {
      case TextKind::request_id:
        view.request_id = fields.text();
        break;
      case TextKind::provider:
        view.provider = fields.text();
        break;
      case TextKind::model:
        view.model = fields.text();
        break;
      case TextKind::tenant:
        view.tenant_id = fields.text();
        break;
      case TextKind::tag:
        tags_.emplace_back(fields.tag());
        break;
      case TextKind::attribute:
        attributes_.emplace_back(fields.tag());
        break;
      case TextKind::time_per_output_token:
        view.time_per_output_token_ms = read_duration(fields.text());
        break;
      case TextKind::counts:
        break;
      default:
        if (auto* const field = optional_text(view, fields.kind())) *field = fields.text();
        break;
    }
  }
}

}  // namespace netrun::llm::detail
