// SPDX-License-Identifier: MIT
// Answering a query from the ring and the history.
#include "core/window.hpp"
#include <netrun/llm/detail/aggregate.hpp>
#include <netrun/llm/detail/core.hpp>
#include <netrun/llm/detail/texts_view.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <string>
#include <unordered_map>

namespace netrun::llm::detail {
namespace {

/// Which records a query wants, by everything but time.
class Selection {
 public:
  Selection(Names& names, History const& history, StatsQuery const& query)
      : names_(names), query_(query) {
    if (query.tenant_id.empty()) return;
    slots_ = names.tenants().slots_of(query.tenant_id);
    // The name "other" also stands for those that found no room.
    if (query.tenant_id == "other") slots_.push_back(TenantTable::other);
    history_tenant_ = history.find_tenant(query.tenant_id);
  }

  /// True when the history, which knows neither users nor endpoints nor tags, cannot answer.
  [[nodiscard]] bool ring_only() const noexcept {
    return !query_.user_id.empty() || !query_.endpoint.empty() || query_.tag.has_value();
  }
  [[nodiscard]] bool wants_texts() const noexcept { return ring_only() || has_names(); }

  [[nodiscard]] bool wants(Record const& record, std::string_view texts) {
    if (has_names() && !(wants_tenant(record, texts) && wants_route(record, texts))) return false;
    if (!query_.user_id.empty()) {
      auto const user =
          record.inline_user().empty() ? find_text(texts, TextKind::user) : record.inline_user();
      if (user != query_.user_id) return false;
    }
    if (!query_.endpoint.empty() && endpoint_of(record, texts) != query_.endpoint) return false;
    return !query_.tag || has_tag(texts, query_.tag->first, query_.tag->second);
  }
  [[nodiscard]] bool wants(std::uint32_t route, std::uint32_t history_tenant) {
    return (query_.tenant_id.empty() || history_tenant == history_tenant_) && wants_route(route);
  }

 private:
  [[nodiscard]] bool has_names() const noexcept {
    return !query_.tenant_id.empty() || !query_.provider.empty() || !query_.model.empty();
  }
  [[nodiscard]] bool wants_tenant(Record const& record, std::string_view texts) const noexcept {
    if (query_.tenant_id.empty()) return true;
    if (std::find(slots_.begin(), slots_.end(), record.tenant) != slots_.end()) return true;
    return record.tenant == TenantTable::other &&
           find_text(texts, TextKind::tenant) == query_.tenant_id;
  }
  [[nodiscard]] bool wants_route(Record const& record, std::string_view texts) {
    auto const model = find_text(texts, TextKind::model);
    if (model.data() == nullptr) return wants_route(record.route);
    auto provider = find_text(texts, TextKind::provider);
    if (provider.data() == nullptr) provider = names_.routes().by_id(record.route).first();
    return (query_.provider.empty() || provider == query_.provider) &&
           (query_.model.empty() || model == query_.model);
  }
  /// Remembers the answer for each route.
  [[nodiscard]] bool wants_route(std::uint32_t route) {
    if (query_.provider.empty() && query_.model.empty()) return true;
    if (route >= routes_.size()) routes_.resize(route + 1U, unknown);
    auto& answer = routes_[route];
    if (answer == unknown) {
      Route const& known = names_.routes().by_id(route);
      answer = (query_.provider.empty() || known.first() == query_.provider) &&
                       (query_.model.empty() || known.second() == query_.model)
                   ? yes
                   : no;
    }
    return answer == yes;
  }
  [[nodiscard]] std::string_view endpoint_of(Record const& record, std::string_view texts) const {
    if (record.endpoint == 0) return {};
    auto const in_texts = find_text(texts, TextKind::endpoint);
    if (in_texts.data() != nullptr) return in_texts;
    return names_.endpoints().by_id(record.endpoint - 1U).text;
  }

  static constexpr char unknown = 0, yes = 1, no = 2;
  Names& names_;
  StatsQuery const& query_;
  std::vector<std::uint32_t> slots_;
  std::uint32_t history_tenant_ = History::none;
  std::vector<char> routes_;
};

/// Sums by number; names come last.
struct Tally {
  Sums total;
  std::uint64_t folded = 0;
  std::vector<Group> routes, tenants, history_tenants;
  std::vector<std::uint64_t> errors;
  std::unordered_map<std::string, Group, TextHash, std::equal_to<>> users;
  std::vector<double> latencies_ms, first_tokens_ms;
  std::int64_t oldest_start = forever;

  template <class T>
  static T& at(std::vector<T>& all, std::size_t index) {
    if (index >= all.size()) all.resize(index + 1);
    return all[index];
  }

  void add(Record const& record, std::string_view texts) {
    TokenCounts const counts = counts_of(record, texts);
    total.add(record, counts);
    at(routes, record.route).add(record, counts);
    at(tenants, record.tenant).add(record, counts);
    if (!record.is(RecordFlags::success)) ++at(errors, record.error);
    latencies_ms.push_back(record.latency_ms);
    if (record.time_to_first_token_ms >= 0)
      first_tokens_ms.push_back(record.time_to_first_token_ms);
    oldest_start = std::min(oldest_start, record.start_ns);
    auto const user =
        record.inline_user().empty() ? find_text(texts, TextKind::user) : record.inline_user();
    if (user.empty()) return;
    auto known = users.find(user);
    if (known == users.end()) known = users.emplace(user, Group{}).first;
    known->second.add(record, counts);
  }
  void add(HistoryCell const& cell) {
    total.add(cell.sums);
    folded += cell.sums.requests;
    auto const group = Group::of(cell.sums);
    at(routes, cell.route).add(group);
    at(history_tenants, cell.tenant).add(group);
  }
};

/// Widens the window to whole minutes where its edges lie in minutes that have been folded.
void align_to_cells(Window& window, History const& history) {
  auto const& minutes = history.minutes();
  if (window.from != beginning) {
    auto const minute = floor_minute(window.from);
    if (minutes.contains(minute)) window.from = minute;
  }
  if (window.last != forever && !window.ends_now) {
    auto const minute = floor_minute(window.last);
    if (minutes.contains(minute) && minute <= forever - minute_ns)
      window.last = minute + minute_ns - 1;
  }
}

void add_history(Tally& tally, History const& history, Window const& window, Selection& selection) {
  auto const& minutes = history.minutes();
  for (auto it =
           minutes.lower_bound(window.from == beginning ? beginning : floor_minute(window.from));
       it != minutes.end() && it->first <= window.last; ++it) {
    tally.oldest_start = std::min(tally.oldest_start, it->first);
    for (auto const& cell : it->second.cells()) {
      if (selection.wants(cell.route, cell.tenant)) tally.add(cell);
    }
    for (auto const& [error, count] : it->second.errors()) {
      if (selection.wants(error.route, error.tenant)) Tally::at(tally.errors, error.error) += count;
    }
  }
}

/// False when a chunk was emptied before it was read.
bool add_ring(Tally& tally, std::vector<ChunkSight> const& sights, std::uint64_t floor,
              Window const& window, Selection& selection) {
  TextsCopy texts;
  bool const wants_texts = selection.wants_texts();
  for (auto const& sight : sights) {
    if (sight.newest_start < window.from || sight.oldest_start > window.last) continue;
    for (std::uint32_t i = 0; i < sight.state.published; ++i) {
      Record const record = load_record(*sight.chunk, i);
      if (record.ticket < floor || !window.holds(record.start_ns)) continue;
      // Numbers of a record that was torn may be anything, and must not be used as indices.
      if (record.texts != 0 || wants_texts) {
        texts.load(*sight.chunk, record);
        if (!is_unchanged(sight)) return false;
        if (selection.wants(record, texts.bytes())) tally.add(record, texts.bytes());
      } else {
        if (!is_unchanged(sight)) return false;
        tally.add(record, {});
      }
    }
    // Those that were passed over count too: they may have been of another time.
    if (!is_unchanged(sight)) return false;
  }
  return true;
}

template <class Groups, class Name>
void add_named(ByName<Group>& to, Groups const& groups, Name&& name_of) {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i].requests == 0) continue;
    std::string_view const name = name_of(static_cast<std::uint32_t>(i));
    auto known = to.find(name);
    if (known == to.end()) known = to.emplace(name, Group{}).first;
    known->second.add(groups[i]);
  }
}

/// Puts names to the numbers; under the fold lock, for the tenants' sake.
void add_names(Aggregate& found, Tally& tally, Names& names, History const& history) {
  auto const route = [&](std::uint32_t id) -> Route const& { return names.routes().by_id(id); };
  add_named(found.by_provider, tally.routes, [&](std::uint32_t id) { return route(id).first(); });
  add_named(found.by_model, tally.routes, [&](std::uint32_t id) { return route(id).second(); });
  add_named(found.by_tenant, tally.tenants,
            [&](std::uint32_t id) { return names.tenants().name(id); });
  add_named(found.by_tenant, tally.history_tenants,
            [&](std::uint32_t id) -> std::string_view { return history.tenant_name(id); });
  for (auto& [user, group] : tally.users) found.by_user.emplace(user, group);
  for (std::size_t i = 1; i < tally.errors.size(); ++i) {
    if (tally.errors[i] == 0) continue;
    found.errors[names.errors().by_id(static_cast<std::uint32_t>(i - 1)).text] += tally.errors[i];
  }
}

}  // namespace

Aggregate run_query(Core& core, StatsQuery const& query) {
  Log& log = core.log();
  for (int attempt = 0;; ++attempt) {
    Tally tally;
    std::unique_lock lock(log.fold_lock());
    // By the clock that stamps the calls, and after the wait for the lock.
    Window window(query, core.clock().at(steady_now_ns(core.clock().source())));
    auto const releases = log.tenant_releases();
    auto const cleared = log.clears();
    auto const floor = log.floor_ticket();
    auto const sights = log.sight();
    Log::Reading const reading(log);
    Selection selection(core.names(), log.history(), query);
    if (!selection.ring_only() && !window.empty) {
      align_to_cells(window, log.history());
      add_history(tally, log.history(), window, selection);
    }
    bool const history_left_out = selection.ring_only() && log.history().requests() != 0;
    // After two vain attempts the folder has to wait instead.
    if (attempt < 2) lock.unlock();
    bool const whole = window.empty || add_ring(tally, sights, floor, window, selection);
    if (!lock.owns_lock()) lock.lock();
    if (!whole || releases != log.tenant_releases() || cleared != log.clears()) {
      core.count_restart();
      continue;
    }
    Aggregate found;
    found.total = tally.total;
    found.folded_requests = tally.folded;
    add_names(found, tally, core.names(), log.history());
    lock.unlock();
    found.latencies_ms = std::move(tally.latencies_ms);
    found.first_tokens_ms = std::move(tally.first_tokens_ms);
    found.end_ns = window.end();
    auto const known_start = tally.oldest_start == forever ? found.end_ns : tally.oldest_start;
    found.start_ns = window.from;
    if (window.from == beginning || history_left_out)
      found.start_ns = std::max(window.from, known_start);
    return found;
  }
}

}  // namespace netrun::llm::detail
