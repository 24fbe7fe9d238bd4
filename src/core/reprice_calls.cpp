// SPDX-License-Identifier: MIT
// What the calls in the ring would have cost by another book.
#include "core/window.hpp"
#include <netrun/llm/detail/batch.hpp>
#include <netrun/llm/detail/core.hpp>
#include <netrun/llm/reprice.hpp>

#include <algorithm>
#include <limits>

namespace netrun::llm::detail {
namespace {

bool wants(StatsQuery const& query, LLMRequestView const& call) {
  auto const is = [](NameView wanted, std::string_view name) {
    return wanted.empty() || wanted == name;
  };
  return is(query.tenant_id, call.tenant_id) && is(query.provider, call.provider) &&
         is(query.model, call.model) && is(query.user_id, call.user_id.value_or("")) &&
         is(query.endpoint, call.endpoint.value_or("")) &&
         (!query.tag ||
          std::find(call.tags.begin(), call.tags.end(), *query.tag) != call.tags.end());
}

}  // namespace

RepriceReport Core::reprice(PriceBook const& book, StatsQuery const& query) {
  constexpr std::size_t batch_size = 4'096;
  Window const window(query, clock_.at(steady_now_ns(clock_.source())));
  Repricer repricer(book);
  TakenBatch batch(names_);
  auto const end = log_.recorded();
  auto cursor =
      std::max(log_.floor_ticket(), end - std::min<std::uint64_t>(end, log_.max_history()));
  while (!window.empty && cursor < end) {
    cursor = take(cursor, end, batch_size, batch, false);
    for (auto const& call : batch.views()) {
      if (window.holds(to_ns(call.timestamp)) && wants(query, call)) repricer.add(call);
    }
  }
  return repricer.report();
}

}  // namespace netrun::llm::detail
