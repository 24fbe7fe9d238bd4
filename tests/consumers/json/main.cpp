// SPDX-License-Identifier: MIT
// A program that uses the component json: a call goes into a file and comes back.
#include <netrun/llm/json.hpp>
#include <netrun/llm/json_lines.hpp>

#include <nlohmann/json.hpp>

#include <cstdio>

int main(int, char** argv) {
  auto const path = std::string(argv[0]) + ".jsonl";
  std::remove(path.c_str());
  netrun::llm::LLMRequestMetrics call;
  call.provider = "openai";
  call.exact_cost = netrun::llm::Usd::parse("0.0075");
  netrun::llm::JsonLinesWriter(path).write(call);
  auto const read = netrun::llm::JsonLinesReader(path).next();
  if (!read) return 1;
  nlohmann::json const json = *read;
  std::puts(json.dump().c_str());
  return *read == call && json.at("cost_picousd") == "7500000000" ? 0 : 1;
}
