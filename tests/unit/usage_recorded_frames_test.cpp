// SPDX-License-Identifier: MIT
// Event streams as they were recorded.
#include "support/catch.hpp"

#if defined(__has_include)
#if __has_include(<nlohmann/json.hpp>)
#define NETRUN_LLM_TEST_HAS_JSON 1
#endif
#endif

#if defined(NETRUN_LLM_TEST_HAS_JSON)

#include "support/event_stream_frames.hpp"
#include "support/pieces.hpp"
#include "usage/base64.hpp"
#include "usage/event_stream.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm::detail {
namespace {

using Json = nlohmann::json;
using testing::FrameEnd;
using testing::Frames;

std::string decoded(std::string_view text) {
  Base64Decoder decoder;
  std::string bytes;
  decoder.feed(text, [&](std::string_view piece) noexcept { bytes += piece; });
  CHECK(decoder.complete());
  return bytes;
}

/// The recorded bodies that are event streams.
std::vector<Json> recorded() {
  std::vector<Json> found;
  auto const folder = std::filesystem::path(NETRUN_LLM_SHARED_DIR) / "facts" / "payloads" / "cases";
  if (!std::filesystem::exists(folder)) return found;
  for (auto const& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().find("eventstream") == std::string::npos) continue;
    std::ifstream file(entry.path());
    found.push_back(Json::parse(file));
  }
  return found;
}

TEST_CASE("recorded frames: every event is read, and every payload is whole",
          "[unit][usage_recorded_frames]") {
  auto const cases = recorded();
  if (cases.empty()) SKIP_TEST("no shared folder with recorded event streams");
  for (auto const& recorded_case : cases) {
    INFO(recorded_case["id"]);
    auto const bytes = decoded(recorded_case["eventstream_base64"].get<std::string>());
    for (std::size_t const size : {bytes.size(), std::size_t{1}, std::size_t{7}}) {
      EventStreamParser parser;
      Frames sink;
      testing::feed_pieces(
          bytes, [&] { return size; }, [&](std::string_view piece) { parser.feed(piece, sink); });
      CHECK(parser.failure() == EventStreamParser::Failure::none);
      CHECK_FALSE(parser.inside_frame());
      CHECK(parser.offset() == bytes.size());
      std::vector<std::string> types;
      for (auto const& frame : sink.frames) {
        CHECK(frame.end == FrameEnd::good);
        CHECK(frame.message_type == "event");
        CHECK(Json::accept(frame.payload));
        types.push_back(frame.event_type);
      }
      CHECK(types == recorded_case["event_types"].get<std::vector<std::string>>());
    }
  }
}

TEST_CASE("recorded frames: chunks hold the vendor's JSON in base64",
          "[unit][usage_recorded_frames]") {
  auto const cases = recorded();
  if (cases.empty()) SKIP_TEST("no shared folder with recorded event streams");
  std::size_t chunks = 0;
  for (auto const& recorded_case : cases) {
    INFO(recorded_case["id"]);
    EventStreamParser parser;
    Frames sink;
    parser.feed(decoded(recorded_case["eventstream_base64"].get<std::string>()), sink);
    for (auto const& frame : sink.frames) {
      if (frame.event_type != "chunk") continue;
      ++chunks;
      CHECK(Json::accept(decoded(Json::parse(frame.payload)["bytes"].get<std::string>())));
    }
  }
  CHECK(chunks > 0);
}

}  // namespace
}  // namespace netrun::llm::detail

#endif
