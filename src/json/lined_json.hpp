// SPDX-License-Identifier: MIT
// A JSON text as a tree that knows the line of each value, and numbers as they were written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm::detail {

enum class JsonKind : std::uint8_t { null, boolean, number, string, array, object };

/// "a number", "a text", "a list" ...
[[nodiscard]] std::string_view to_string(JsonKind kind) noexcept;

/// Why a text is no JSON.
struct LinedJsonError {
  std::size_t line = 0;
  std::string reason{};
};

/// A whole document. nlohmann::json is not it: of a number it keeps a double, of keys that are
/// there twice one, and of no value the line.
class LinedJson {
 public:
  class Value;

  /// Deepest nesting, and most values, that are read.
  static constexpr std::size_t max_depth = 16;
  static constexpr std::size_t max_values = 4'000'000;

  /// False when `text` is no JSON; then `error` says why. Throws std::bad_alloc.
  [[nodiscard]] bool parse(std::string_view text, LinedJsonError& error);
  /// Of a document that was parsed.
  [[nodiscard]] Value root() const noexcept;

 private:
  class Builder;
  /// A value; those that are in it follow it in the list of all.
  struct Node {
    std::uint32_t line = 0;
    std::uint32_t text_begin = 0, text_size = 0;
    std::uint32_t key_begin = 0, key_size = 0;
    std::uint32_t end = 0;    ///< Index after the last value in it.
    std::uint32_t count = 0;  ///< Of the values right in it.
    JsonKind kind = JsonKind::null;
  };

  std::vector<Node> nodes_{};
  std::string texts_{};
};

/// One value of a document, which must outlive it.
class LinedJson::Value {
 public:
  [[nodiscard]] JsonKind kind() const noexcept { return node().kind; }
  /// The line on which it begins; the first is 1.
  [[nodiscard]] std::size_t line() const noexcept { return node().line; }
  /// What a string says; a number as it was written; "true", "false", "null".
  [[nodiscard]] std::string_view text() const noexcept {
    return part(node().text_begin, node().text_size);
  }
  /// Its name in the object that it is in.
  [[nodiscard]] std::string_view key() const noexcept {
    return part(node().key_begin, node().key_size);
  }
  /// Number of elements or fields.
  [[nodiscard]] std::size_t size() const noexcept { return node().count; }

  class Iterator {
   public:
    Iterator(LinedJson const* document, std::size_t index) noexcept
        : document_(document), index_(index) {}
    [[nodiscard]] Value operator*() const noexcept { return {document_, index_}; }
    Iterator& operator++() noexcept {
      index_ = document_->nodes_[index_].end;
      return *this;
    }
    [[nodiscard]] friend bool operator==(Iterator const&, Iterator const&) noexcept = default;

   private:
    LinedJson const* document_;
    std::size_t index_;
  };
  [[nodiscard]] Iterator begin() const noexcept { return {document_, index_ + 1}; }
  [[nodiscard]] Iterator end() const noexcept { return {document_, node().end}; }

 private:
  friend class LinedJson;
  Value(LinedJson const* document, std::size_t index) noexcept
      : document_(document), index_(index) {}
  [[nodiscard]] Node const& node() const noexcept { return document_->nodes_[index_]; }
  [[nodiscard]] std::string_view part(std::size_t begin, std::size_t size) const noexcept {
    return std::string_view(document_->texts_).substr(begin, size);
  }

  LinedJson const* document_;
  std::size_t index_;
};

}  // namespace netrun::llm::detail
