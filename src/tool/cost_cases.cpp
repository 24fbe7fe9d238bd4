// SPDX-License-Identifier: MIT
// `cost --cases`: the price of every call in a file.
#include "tool/cost_cases.hpp"

#include "json/text.hpp"
#include "tool/bill.hpp"
#include "tool/case_reader.hpp"
#include "tool/cost_case.hpp"
#include "tool/table.hpp"

#include <nlohmann/json.hpp>

#include <utility>
#include <vector>

namespace netrun::llm::tool {
namespace {

using Json = nlohmann::ordered_json;

/// What became of a case: a bill, or a reason why there is none.
struct Answer {
  Json id{};
  std::optional<PriceBill> bill{};
  std::string error{}, explanation{};
  std::optional<std::uint64_t> line{};  ///< Of what has no id to be known by.
};

/// The id as it stands there, unless it is more than one value.
Json id_of(nlohmann::json const& value) {
  if (!value.is_object()) return nullptr;
  for (auto const* const key : {"id", "request_id"}) {
    auto const found = value.find(key);
    if (found != value.end() && !found->is_structured()) return Json(*found);
  }
  return nullptr;
}

/// With the name that is not known, for the answer may have nothing else to tell the case by.
std::string explanation_of(PriceQuote const& quote, CostCase const& call) {
  std::string text(quote.explanation);
  auto const add = [&text](std::string const& name) {
    text += ": \"" + detail::shortened(name) + "\"";
  };
  if (quote.problem == PriceProblem::unknown_provider) add(call.provider);
  if (quote.problem == PriceProblem::unknown_model) add(call.provider + "/" + call.model);
  return text;
}

Answer answer_to(PriceBook const& book, CaseReader::Item const& item,
                 std::optional<Clock::time_point> at) {
  if (!item.problem.empty()) {
    return {.error = "invalid_case", .explanation = item.problem, .line = item.line};
  }
  Answer answer{.id = id_of(item.value)};
  if (answer.id.is_null()) answer.line = item.line;
  try {
    auto const call = read_case(item.value);
    auto const start = call.at ? *call.at : at.value_or(Clock::now());
    answer.bill =
        book.itemize(call.provider, call.model, call.usage, start, call.attributes.tags());
    answer.explanation = explanation_of(answer.bill->quote, call);
  } catch (CaseError const& error) {
    answer.error = error.name();
    answer.explanation = error.what();
  }
  return answer;
}

std::string as_json(Answer const& answer) {
  Json json;
  json["id"] = answer.id;
  if (answer.bill) {
    add_bill(json, *answer.bill);
    if (!answer.explanation.empty()) json["explanation"] = answer.explanation;
    if (answer.line && !answer.bill->quote.priced) json["line"] = *answer.line;
  } else {
    json["cost_usd"] = nullptr;
    json["cost_picousd"] = nullptr;
    json["entry"] = nullptr;
    json["error"] = answer.error;
    if (answer.line) json["line"] = *answer.line;
    json["explanation"] = answer.explanation;
  }
  return json_text(json) + "\n";
}

std::string id_text(Json const& id) {
  if (id.is_null()) return {};
  return id.is_string() ? id.get<std::string>() : json_text(id);
}

std::string as_csv(Answer const& answer) {
  std::vector<std::string> cells{id_text(answer.id),
                                 answer.line ? std::to_string(*answer.line) : ""};
  auto const bill = answer.bill
                        ? bill_cells(*answer.bill)
                        : std::vector<std::string>{"", "", "", answer.error, answer.explanation};
  cells.insert(cells.end(), bill.begin(), bill.end());
  cells.resize(bill_columns().size() + 2);
  return csv_line(cells);
}

/// Answers do not wait for each other, so the widths are those that most of them need.
std::vector<Column> const& table_columns() {
  static std::vector<Column> const columns{{"id", Align::left, 16},
                                           {"cost_usd", Align::right, 16},
                                           {"entry", Align::left, 40},
                                           {"error"}};
  return columns;
}

std::string as_table(Answer const& answer) {
  std::vector<std::string> cells{id_text(answer.id), "", "", ""};
  if (answer.bill && answer.bill->quote.priced) {
    cells[1] = answer.bill->quote.cost.to_string();
    cells[2] = entry_name(answer.bill->quote);
  } else if (answer.bill) {
    auto const& quote = answer.bill->quote;
    cells[3] = std::string(to_string(quote.problem)) + ": " + std::string(quote.explanation);
  } else {
    cells[3] = (answer.line ? "line " + std::to_string(*answer.line) + ": " : "") + answer.error +
               ": " + answer.explanation;
  }
  return table_line(table_columns(), cells);
}

std::string header_of(Context const& context, Format format) {
  if (format == Format::csv) {
    auto columns = bill_columns();
    columns.insert(columns.begin(), {"id", "line"});
    return csv_line(columns);
  }
  if (format == Format::json) return {};
  std::vector<std::string> names;
  for (auto const& column : table_columns()) names.push_back(column.name);
  auto line = table_line(table_columns(), names);
  line.pop_back();
  return bold(context, line) + "\n";
}

}  // namespace

int price_cases(Context& context, PriceBook const& book, std::string const& file,
                std::optional<Clock::time_point> at) {
  auto const format = context.format_or(Format::json);
  // Whoever asks line by line has all answers before more lines are waited for.
  CaseReader cases(file, [&context] { context.out.flush(); });
  context.out.write(header_of(context, format));
  while (auto const item = cases.next()) {
    auto const answer = answer_to(book, *item, at);
    context.out.write(format == Format::json  ? as_json(answer)
                      : format == Format::csv ? as_csv(answer)
                                              : as_table(answer));
  }
  return exit_done;
}

}  // namespace netrun::llm::tool
