// SPDX-License-Identifier: MIT
// Calls as comma-separated values.
#include "support.hpp"
#include "support/catch.hpp"
#include <netrun/llm/csv.hpp>
#include <netrun/llm/json.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm {
namespace {

using testing::contents;
using testing::FileSizeLimit;
using testing::plain_call;
using testing::TemporaryDirectory;
using Rows = std::vector<std::vector<std::string>>;

/// A strict reader of RFC 4180 with "\n" between rows.
Rows parse(std::string const& text) {
  Rows rows;
  std::vector<std::string> row;
  std::string field;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += text[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',' || c == '\n') {
      row.push_back(std::exchange(field, {}));
      if (c == '\n') rows.push_back(std::exchange(row, {}));
    } else {
      field += c;
    }
  }
  return rows;
}

TEST_CASE("CSV: columns are the fields of the JSON form, in the order of the line", "[json][csv]") {
  auto const names = parse(csv_header()).at(0);
  nlohmann::json const call = plain_call("r");
  CHECK(names.size() == call.size());
  for (auto const& name : names) CHECK(call.contains(name));
  CHECK(names.front() == "request_id");
  CHECK(names.back() == "attributes");
}

TEST_CASE("CSV: every field holds what the JSON form holds", "[json][csv]") {
  constexpr std::uint64_t seed = 501;
  INFO("seed " << seed);
  testing::Random random(seed);
  auto const names = parse(csv_header()).at(0);
  for (int i = 0; i < 1000; ++i) {
    auto const call = testing::random_call(random, testing::Texts::bytes);
    std::string text;
    append_csv_row(text, call);
    std::vector<Tag> tags;
    std::string of_view;
    append_csv_row(of_view, testing::view_of(call, tags));
    REQUIRE(of_view == text);
    auto const rows = parse(text);
    INFO(text);
    REQUIRE(rows.size() == 1);
    REQUIRE(rows[0].size() == names.size());
    nlohmann::json const j = call;
    for (std::size_t column = 0; column < names.size(); ++column) {
      auto const& value = j.at(names[column]);
      auto const& field = rows[0][column];
      if (value.is_null()) {
        REQUIRE(field.empty());
      } else if (value.is_string()) {
        REQUIRE(field == value.get<std::string>());
      } else {
        REQUIRE(nlohmann::json::parse(field) == value);
      }
    }
  }
}

TEST_CASE("CSV: what a response said of itself has columns of its own", "[json][csv]") {
  auto call = plain_call("r1");
  call.provider_request_id = "req_011CT";
  call.parent_request_id = "agent-7";
  call.finish_reason = "stop,length";
  call.time_per_output_token_ms = 7.5;
  auto text = csv_header();
  append_csv_row(text, call);
  auto const rows = parse(text);
  auto const value = [&](std::string_view column) {
    auto const found = std::find(rows.at(0).begin(), rows.at(0).end(), column);
    return found == rows[0].end()
               ? "no such column"
               : rows.at(1).at(static_cast<std::size_t>(found - rows[0].begin()));
  };
  CHECK(value("provider_request_id") == "req_011CT");
  CHECK(value("parent_request_id") == "agent-7");
  CHECK(value("finish_reason") == "stop,length");
  CHECK(value("time_per_output_token_ms") == "7.5");
}

TEST_CASE("CSV: takes a view of nothing", "[json][csv]") {
  std::string row;
  append_csv_row(row, LLMRequestView{});
  CHECK(parse(row).at(0).size() == parse(csv_header()).at(0).size());
}

TEST_CASE("CSV: quotes only where they are needed", "[json][csv]") {
  auto call = plain_call("a,b");
  call.tenant_id = "say \"hi\"";
  call.user_id = "";
  call.model = "two\nlines";
  std::string row;
  append_csv_row(row, call);
  CHECK(row.starts_with(
      "\"a,b\",2026-01-01T00:00:00.000000Z,\"say \"\"hi\"\"\",\"\",openai,\"two\nlines\",,true,"));
}

TEST_CASE("CsvWriter: each new file begins with the header", "[json][csv]") {
  TemporaryDirectory const directory;
  ManualTime time;
  auto const path = directory.file("calls.csv");
  {
    CsvWriter file(path, {.max_bytes = csv_header().size() + 300, .time_source = &time});
    for (auto const* id : {"a", "b", "c"}) file.write(plain_call(id));
  }
  CsvWriter(path).write(plain_call("d"));
  for (auto const& name : directory.names()) {
    auto const rows = parse(contents(directory.file(name)));
    REQUIRE(rows.size() >= 2);
    CHECK(rows[0] == parse(csv_header())[0]);
    CHECK(rows[1].size() == rows[0].size());
  }
  CHECK(parse(contents(path)).back()[0] == "d");
}

TEST_CASE("CsvWriter: a header that is cut anywhere is written again", "[json][csv]") {
  for (std::size_t cut = 0; cut <= csv_header().size(); ++cut) {
    TemporaryDirectory const directory;
    auto const path = directory.file("calls.csv");
    CsvWriter file(path, {.sync = SyncPolicy::never});
    {
      FileSizeLimit const full(cut);
      REQUIRE_THROWS_AS(file.write(plain_call("a")), LineFileError);
    }
    file.write(plain_call("a"));
    std::string expected = csv_header();
    append_csv_row(expected, plain_call("a"));
    REQUIRE(contents(path) == expected);
  }
}

TEST_CASE("CsvWriter: a row that is cut anywhere spoils no other", "[json][csv]") {
  auto torn = plain_call("b");
  torn.error_message = "he said \"no\",\nand \"\" left\n";
  torn.tags = {{"k", "v"}};
  std::string first;
  append_csv_row(first, plain_call("a"));
  std::string second;
  append_csv_row(second, torn);
  for (std::size_t cut = 0; cut < second.size() - 1; ++cut) {
    TemporaryDirectory const directory;
    auto const path = directory.file("calls.csv");
    auto const all = csv_header() + first + second.substr(0, cut);
    INFO("cut at " << cut);
    {
      // Left by somebody else.
      testing::set_contents(path, all);
      CsvWriter(path, {.sync = SyncPolicy::never}).write(plain_call("c"));
      auto const rows = parse(contents(path));
      REQUIRE(rows.at(1).at(0) == "a");
      REQUIRE(rows.back().at(0) == "c");
      REQUIRE(rows.size() == (cut == 0 ? 3 : 4));
    }
    {
      // Our own, on a full disk.
      testing::set_contents(path, "");
      CsvWriter file(path, {.sync = SyncPolicy::never});
      {
        FileSizeLimit const full(all.size());
        std::vector<LLMRequestMetrics> const calls{plain_call("a"), torn};
        REQUIRE_THROWS_AS(file.write(calls), LineFileError);
      }
      file.write(torn);
      file.close();
      auto const rows = parse(contents(path));
      REQUIRE(rows.at(1).at(0) == "a");
      REQUIRE(rows.back().at(0) == "b");
      REQUIRE(rows.back().size() == rows.front().size());
    }
  }
}

TEST_CASE("CsvWriter: a row that lacks its quote and newline alone counts as written",
          "[json][csv]") {
  TemporaryDirectory const directory;
  auto const path = directory.file("calls.csv");
  auto call = plain_call("a");
  call.attributes = {{"k", "v"}};
  std::string expected = csv_header();
  append_csv_row(expected, call);
  CsvWriter file(path);
  {
    FileSizeLimit const full(expected.size() - 2);
    std::size_t written = 0;
    try {
      file.write(call);
    } catch (LineFileError const& error) {
      written = error.written();
    }
    CHECK(written == 1);
  }
  file.close();
  CHECK(contents(path) == expected);
}

TEST_CASE("CsvWriter: an older file, which lacks some columns, is put aside whole", "[json][csv]") {
  auto before = csv_header();
  for (std::string const added : {"provider_request_id,", "parent_request_id,", "finish_reason,",
                                  "time_per_output_token_ms,"}) {
    REQUIRE(before.find(added) != std::string::npos);
    before.erase(before.find(added), added.size());
  }
  before += "r1,2026-01-01T00:00:00.000000Z,acme\n";
  TemporaryDirectory const directory;
  ManualTime time;
  auto const path = directory.file("calls.csv");
  testing::set_contents(path, before);
  CsvWriter(path, {.time_source = &time}).write(plain_call("a"));
  CHECK(parse(contents(path)).at(1).size() == parse(csv_header()).at(0).size());
  CHECK(contents(directory.file("calls.csv.20260101T000000Z.000001")) == before);
}

TEST_CASE("CsvWriter: a file that begins with another line is put aside", "[json][csv]") {
  auto const text = GENERATE(std::string("request_id,model\na,b\n"), std::string("x"),
                             csv_header().substr(0, csv_header().size() / 2));
  TemporaryDirectory const directory;
  ManualTime time;
  auto const path = directory.file("calls.csv");
  testing::set_contents(path, text);
  CsvWriter(path, {.time_source = &time}).write(plain_call("a"));
  std::string expected = csv_header();
  append_csv_row(expected, plain_call("a"));
  CHECK(contents(path) == expected);
  CHECK(contents(directory.file("calls.csv.20260101T000000Z.000001")) == text);
}

}  // namespace
}  // namespace netrun::llm
