// SPDX-License-Identifier: MIT
// The tree of places, built by the compiler.
#include "usage/paths.hpp"

#include "usage/path_list.hpp"
#include <netrun/llm/detail/short_text.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace netrun::llm::detail {
namespace {

constexpr std::pair<std::uint8_t, std::string_view> prefixes[] = {
    {Below::response, "response."}, {Below::message, "message."}, {Below::delta, "delta."},
    {Below::metadata, "metadata."}, {Below::x_groq, "x_groq."},
};

constexpr std::size_t most_places = 512;
constexpr std::uint16_t nothing = 0;

/// While it is built: children in lists.
struct Sketch {
  struct Spot {
    std::string_view key{};
    std::uint16_t child = nothing, sibling = nothing, element = nothing;
    Field field = Field::none;
  };
  std::array<Spot, most_places> spots{};
  std::uint16_t count = 2;  // no_place and root_place

  constexpr std::uint16_t child(std::uint16_t at, std::string_view key) {
    for (auto i = spots[at].child; i != nothing; i = spots[i].sibling) {
      if (spots[i].key == key) return i;
    }
    auto const made = count++;
    spots[made].key = key;
    spots[made].sibling = spots[at].child;
    spots[at].child = made;
    return made;
  }
  constexpr std::uint16_t element(std::uint16_t at) {
    if (spots[at].element == nothing) spots[at].element = count++;
    return spots[at].element;
  }
  constexpr std::uint16_t walk(std::uint16_t at, std::string_view path) {
    while (!path.empty()) {
      auto const dot = path.find('.');
      auto key = path.substr(0, dot);
      path = dot == path.npos ? std::string_view{} : path.substr(dot + 1);
      bool const array = key.ends_with("[]");
      if (array) key.remove_suffix(2);
      at = child(at, key);
      if (array) at = element(at);
    }
    return at;
  }
  constexpr void add(FieldPath const& path) {
    spots[walk(root_place, path.path)].field = path.field;
    for (auto const& [bit, prefix] : prefixes) {
      if ((path.below & bit) == 0) continue;
      spots[walk(walk(root_place, prefix.substr(0, prefix.size() - 1)), path.path)].field =
          path.field;
    }
  }
};

struct Edge {
  std::string_view key{};
  Place to = no_place;
};

struct Node {
  std::uint64_t lengths = 0;  ///< Bit n: a key of n bytes is there.
  std::uint16_t first_edge = 0, end_edge = 0;
  Place element = no_place;
  Field field = Field::none;
};

struct Tree {
  std::array<Node, most_places> nodes{};
  std::array<Edge, most_places> edges{};
  std::size_t count = 0;
};

constexpr Tree build() {
  Sketch sketch;
  for (auto const& path : field_paths) sketch.add(path);
  Tree tree;
  tree.count = sketch.count;
  std::uint16_t edge = 0;
  for (std::uint16_t at = 0; at < sketch.count; ++at) {
    auto& node = tree.nodes[at];
    auto const& spot = sketch.spots[at];
    node.field = spot.field;
    node.element = spot.element;
    node.first_edge = edge;
    for (auto i = spot.child; i != nothing; i = sketch.spots[i].sibling) {
      tree.edges[edge++] = {sketch.spots[i].key, i};
      node.lengths |= std::uint64_t{1} << sketch.spots[i].key.size();
    }
    node.end_edge = edge;
  }
  return tree;
}

constexpr Tree tree = build();
static_assert(tree.count < most_places);

}  // namespace

Field field_at(Place place) noexcept { return tree.nodes[place].field; }

Place member_of(Place object, std::string_view key) noexcept {
  auto const& node = tree.nodes[object];
  if (key.size() > longest_key || (node.lengths >> key.size() & 1U) == 0) return no_place;
  for (auto i = node.first_edge; i != node.end_edge; ++i) {
    if (equal_short(tree.edges[i].key, key)) return tree.edges[i].to;
  }
  return no_place;
}

Place element_of(Place array) noexcept { return tree.nodes[array].element; }

std::string_view place_of(Field field) noexcept {
  for (auto const& path : field_paths) {
    if (path.field == field) return path.path;
  }
  return "";
}

}  // namespace netrun::llm::detail
