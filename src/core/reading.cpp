// SPDX-License-Identifier: MIT
// Taking records out of the log as LLMRequestMetrics.
#include <netrun/llm/detail/core.hpp>
#include <netrun/llm/detail/ids.hpp>
#include <netrun/llm/detail/texts_view.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>

namespace netrun::llm::detail {
namespace {

/// The name in the texts when it is there, else the one behind the number.
std::string name_or(std::string_view in_texts, std::string_view otherwise) {
  return std::string(in_texts.data() != nullptr ? in_texts : otherwise);
}

void set_usage(LLMRequestMetrics& m, TokenUsage const& u) {
  m.input_tokens = u.input_tokens;
  m.output_tokens = u.output_tokens;
  m.total_tokens = saturating_add(u.input_tokens, u.output_tokens);
  m.cache_read_tokens = u.cache_read_tokens;
  m.cache_write_tokens = u.cache_write_tokens;
  m.cache_write_1h_tokens = u.cache_write_1h_tokens;
  m.reasoning_tokens = u.reasoning_tokens;
  m.citation_tokens = u.citation_tokens;
  m.audio_input_tokens = u.audio_input_tokens;
  m.audio_output_tokens = u.audio_output_tokens;
  m.cached_audio_input_tokens = u.cached_audio_input_tokens;
  m.image_input_tokens = u.image_input_tokens;
  m.image_output_tokens = u.image_output_tokens;
  m.billed_input_tokens = u.billed_input_tokens;
  m.billed_output_tokens = u.billed_output_tokens;
  m.web_search_requests = u.web_search_requests;
  m.usage_source = u.source;
}

}  // namespace

LLMRequestMetrics to_metrics(Names& names, Record const& record, std::string_view texts,
                             std::string_view tenant) {
  LLMRequestMetrics m;
  Route const& route = names.routes().by_id(record.route);
  m.provider = name_or(find_text(texts, TextKind::provider), route.first());
  m.model = name_or(find_text(texts, TextKind::model), route.second());
  m.tenant_id = name_or(find_text(texts, TextKind::tenant), tenant);
  auto const given_id = find_text(texts, TextKind::request_id);
  m.request_id = given_id.data() != nullptr ? given_id : id_text(record.id_high, record.id_low);
  auto const user =
      record.inline_user().empty() ? find_text(texts, TextKind::user) : record.inline_user();
  if (!user.empty()) m.user_id = user;
  if (record.endpoint != 0) {
    auto const& symbol = names.endpoints().by_id(record.endpoint - 1U);
    m.endpoint = name_or(find_text(texts, TextKind::endpoint), symbol.text);
  }
  if (record.error != 0) {
    auto const& symbol = names.errors().by_id(record.error - 1U);
    m.error_type = name_or(find_text(texts, TextKind::error_type), symbol.text);
  }
  if (auto const message = find_text(texts, TextKind::error_message); message.data() != nullptr) {
    m.error_message = message;
  }
  set_usage(m, usage_of(record, texts));
  m.latency_ms = record.latency_ms;
  if (!std::isnan(record.time_to_first_token_ms))
    m.time_to_first_token_ms = record.time_to_first_token_ms;
  m.exact_cost = Usd::from_picos(record.cost_picos);
  m.cost_usd = m.exact_cost->to_double();
  m.cost_source = record.cost_source();
  m.timestamp =
      netrun::llm::Clock::time_point(std::chrono::duration_cast<netrun::llm::Clock::duration>(
          std::chrono::nanoseconds(record.start_ns)));
  m.success = record.is(RecordFlags::success);
  m.streaming = record.is(RecordFlags::streaming);
  m.cached = record.is(RecordFlags::cached);
  for (TextFields fields(texts); fields.next();) {
    if (fields.kind() == TextKind::tag) m.tags.emplace_back(fields.tag());
  }
  return m;
}

namespace {

/// A record and its texts, out of the log but not yet in words.
struct RecordCopy {
  Record record;
  std::string texts;
};

/// Copies what the sights show, but for records before `first`. False when a chunk was emptied
/// meanwhile.
bool copy_records(std::vector<ChunkSight> const& sights, std::uint64_t first,
                  std::vector<RecordCopy>& copies) {
  TextsCopy texts;
  for (auto const& sight : sights) {
    if (load_record(*sight.chunk, sight.state.published - 1).ticket < first && is_unchanged(sight))
      continue;
    for (std::uint32_t i = 0; i < sight.state.published; ++i) {
      Record const record = load_record(*sight.chunk, i);
      if (record.ticket < first) continue;
      texts.load(*sight.chunk, record);
      copies.push_back({record, std::string(texts.bytes())});
    }
    if (!is_unchanged(sight)) return false;
  }
  return true;
}

void sort_by_ticket(std::vector<RecordCopy>& copies) {
  std::sort(copies.begin(), copies.end(), [](RecordCopy const& a, RecordCopy const& b) {
    return a.record.ticket < b.record.ticket;
  });
}

/// The names of the tenants that some records refer to, so that the rest can be done without the
/// fold lock.
class TenantNames {
 public:
  void add(Names& names, std::vector<RecordCopy> const& copies) {
    names_.resize(names.tenants().size());
    for (auto const& copy : copies) {
      auto& name = names_[copy.record.tenant];
      if (name.empty()) name = names.tenants().name(copy.record.tenant);
    }
  }
  [[nodiscard]] std::string const& name(Record const& record) const {
    return names_[record.tenant];
  }

 private:
  std::vector<std::string> names_;  // by the ring's tenant number
};

}  // namespace

namespace {

/// The oldest ticket from `cursor` on that the sights still hold; `none` when there is none.
std::uint64_t oldest_from(std::vector<ChunkSight> const& sights, std::uint64_t cursor,
                          std::uint64_t none) {
  std::uint64_t oldest = none;
  for (auto const& sight : sights) {
    if (sight.first_ticket >= oldest) break;
    if (load_record(*sight.chunk, sight.state.published - 1).ticket < cursor) continue;
    std::uint32_t i = 0;
    while (load_record(*sight.chunk, i).ticket < cursor) ++i;
    oldest = std::min(oldest, load_record(*sight.chunk, i).ticket);
  }
  return oldest;
}

}  // namespace

TakenBatch Core::take(std::uint64_t cursor, std::size_t most) {
  auto const finished = log_.recorded();
  TakenBatch batch;
  batch.next = cursor;
  if (finished <= cursor) return batch;
  // A ticket is drawn inside a shard. When each shard has been free once since `finished` was read,
  // every record before it is finished.
  gate().wait_until_each_was_free();
  std::vector<RecordCopy> copies;
  copies.reserve(most);
  TenantNames tenants;
  {
    // Under the fold lock no chunk is emptied, so what is read is whole; recorders do not wait for
    // it.
    std::lock_guard const guard(log_.fold_lock());
    auto sights = log_.sight();
    // A reader that was lapped goes on with what there is, at once, or it would never catch up.
    auto const start = oldest_from(sights, cursor, finished);
    batch.next = finished - start < most ? finished : start + most;
    std::erase_if(sights,
                  [&](ChunkSight const& sight) { return sight.first_ticket >= batch.next; });
    copy_records(sights, start, copies);
    std::erase_if(copies, [&](RecordCopy const& copy) { return copy.record.ticket >= batch.next; });
    tenants.add(names_, copies);
  }
  sort_by_ticket(copies);
  batch.records.reserve(copies.size());
  for (auto const& [record, texts] : copies) {
    batch.records.push_back(
        {record.ticket, to_metrics(names_, record, texts, tenants.name(record))});
  }
  return batch;
}

std::vector<LLMRequestMetrics> Core::snapshot() {
  std::vector<RecordCopy> copies;
  TenantNames tenants;
  auto const most = log_.max_history();
  for (int attempt = 0;; ++attempt) {
    std::unique_lock lock(log_.fold_lock());
    auto const releases = log_.tenant_releases();
    auto const recorded = log_.recorded();
    auto const sights = log_.sight();
    Log::Reading const reading(log_);
    // After two vain attempts the folder has to wait instead.
    if (attempt < 2) lock.unlock();
    // A ticket in each shard may not be published yet, so as many more are looked at.
    auto const wanted = most + gate().shard_count();
    auto const first =
        std::max(log_.floor_ticket(), recorded - std::min<std::uint64_t>(recorded, wanted));
    copies.clear();
    copies.reserve(std::min<std::size_t>(wanted, log_.in_ring() + chunk_records));
    bool const whole = copy_records(sights, first, copies);
    if (!lock.owns_lock()) lock.lock();
    if (whole && releases == log_.tenant_releases()) {
      tenants.add(names_, copies);
      break;
    }
    count_restart();
  }
  sort_by_ticket(copies);
  auto const surplus = copies.size() - std::min(copies.size(), most);
  std::vector<LLMRequestMetrics> all;
  all.reserve(copies.size() - surplus);
  for (auto i = surplus; i < copies.size(); ++i) {
    auto const& [record, texts] = copies[i];
    all.push_back(to_metrics(names_, record, texts, tenants.name(record)));
  }
  return all;
}

}  // namespace netrun::llm::detail
