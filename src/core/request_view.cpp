// SPDX-License-Identifier: MIT
// Views of recorded calls made into calls that own their texts.
#include <netrun/llm/detail/request_fields.hpp>
#include <netrun/llm/request_view.hpp>

#include <string>

namespace netrun::llm {
namespace {

template <class T, class U>
void copy_field(T& to, U const& from) {
  to = from;
}
void copy_field(std::optional<std::string>& to, std::optional<std::string_view> const& from) {
  if (from) to.emplace(*from);
}

}  // namespace

LLMRequestMetrics LLMRequestView::to_metrics() const {
  static_assert(std::tuple_size_v<decltype(detail::request_fields(*this))> ==
                detail::request_field_names.size());
  LLMRequestMetrics call;
  call.timestamp = {};
  std::apply(
      [&](auto const&... from) {
        std::apply([&](auto&... to) { (copy_field(to, from), ...); }, detail::request_fields(call));
      },
      detail::request_fields(*this));
  call.tags.assign(tags.begin(), tags.end());
  call.attributes.assign(attributes.begin(), attributes.end());
  return call;
}

}  // namespace netrun::llm
