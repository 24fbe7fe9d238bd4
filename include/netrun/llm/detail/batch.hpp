// SPDX-License-Identifier: MIT
// Records copied out of the log together, and views of them in words.
#pragma once

#include <netrun/llm/detail/names.hpp>
#include <netrun/llm/detail/record.hpp>
#include <netrun/llm/request_view.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm::detail {

/// Records that the log may overwrite from now on. What they refer to is copied once for all of
/// them, into memory that is used again for the next batch; the names of models, endpoints and
/// errors stay where they are, and with them the tables that the batch holds on to. So the views
/// outlive the collector.
class TakenBatch {
 public:
  explicit TakenBatch(std::shared_ptr<Names> names) noexcept : names_(std::move(names)) {}

  void clear() noexcept;
  /// Takes a record in, with a copy of its texts. Throws std::bad_alloc, as the next two do.
  void add(Record const& record, std::string_view texts);
  /// Copies the names of the tenants. Under the fold lock, or they may change.
  void copy_tenants();
  /// Makes views, in order of the tickets; of the last `most` only.
  void make_views(std::size_t most = std::numeric_limits<std::size_t>::max());

  [[nodiscard]] std::size_t size() const noexcept { return records_.size(); }
  [[nodiscard]] std::span<LLMRequestView const> views() const noexcept { return views_; }
  /// Ticket of the record behind a view.
  [[nodiscard]] std::uint64_t ticket(std::size_t view) const noexcept {
    return records_[order_[view]].ticket;
  }

 private:
  struct Place {
    std::size_t at = 0, size = 0;
  };
  struct Tenant {
    std::uint64_t batch = 0;  // the batch that has the name
    Place name;
  };
  void sort();
  void fill(LLMRequestView& view, std::size_t index, char* id);
  void fill_texts(LLMRequestView& view, std::string_view texts);
  void place_pairs();

  std::shared_ptr<Names> names_;
  std::vector<Record> records_;
  std::vector<Place> texts_;  // of each record, in bytes_
  std::string bytes_;
  std::vector<Tenant> tenants_;  // by the ring's tenant number
  std::string tenant_bytes_;
  std::uint64_t batch_ = 1;
  std::vector<std::uint32_t> order_;  // indexes of records, in order of the tickets
  std::string ids_;
  std::vector<Tag> tags_, attributes_;
  struct PairCounts {
    std::size_t tags = 0, attributes = 0;
  };
  std::vector<PairCounts> pair_counts_;  // of each view; empty when there are none at all
  std::vector<LLMRequestView> views_;
};

}  // namespace netrun::llm::detail
