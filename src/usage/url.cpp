// SPDX-License-Identifier: MIT
// Addresses of requests taken apart, as far as they tell which interface was called.
#include "usage/url.hpp"

#include "usage/letters.hpp"

#include <cstddef>

namespace netrun::llm::detail {
namespace {

constexpr auto npos = std::string_view::npos;

void split_authority(std::string_view authority, Url& parts) noexcept {
  if (auto const at = authority.rfind('@'); at != npos) authority.remove_prefix(at + 1);
  auto const bracket = authority.rfind(']');  // the colons of an IPv6 address come before it
  auto const colon = authority.rfind(':');
  if (colon != npos && (bracket == npos || colon > bracket)) {
    parts.port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
  }
  if (authority.ends_with('.')) authority.remove_suffix(1);
  parts.host = authority;
}

}  // namespace

Url split_url(std::string_view url) noexcept {
  Url parts;
  url = url.substr(0, url.find_first_of("?#"));
  auto slash = url.find('/');
  if (slash != npos && slash > 0 && url[slash - 1] == ':' && url.substr(slash).starts_with("//")) {
    url.remove_prefix(slash + 2);
    slash = url.find('/');
  }
  split_authority(url.substr(0, slash), parts);
  if (slash == npos) return parts;
  auto path = url.substr(slash);
  while (path.ends_with('/')) path.remove_suffix(1);
  parts.path = path;
  return parts;
}

bool is_within(std::string_view host, std::string_view domain) noexcept {
  return ends_with(host, domain) &&
         (host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.');
}

bool ends_with_segments(std::string_view path, std::string_view segments) noexcept {
  return ends_with(path, segments) &&
         (path.size() == segments.size() || path[path.size() - segments.size() - 1] == '/');
}

std::string_view after_segments(std::string_view path, std::string_view segments) noexcept {
  for (std::size_t start = 0; start < path.size();) {
    auto const rest = path.substr(start);
    if (starts_with(rest, segments) && rest.size() > segments.size() &&
        rest[segments.size()] == '/') {
      return rest.substr(segments.size() + 1);
    }
    auto const slash = rest.find('/');
    if (slash == npos) break;
    start += slash + 1;
  }
  return {};
}

}  // namespace netrun::llm::detail
