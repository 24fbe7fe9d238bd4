// SPDX-License-Identifier: MIT
// All of the core in one include, and the map of it.
//
//   name_view, usd, tokens, period              values
//   time, timestamp, time_step                  the clocks; moments as text; steps of a time series
//   metrics, query, stats, diagnostics          what goes in, what is asked, what comes out
//   price_data, price_book, reprice             prices, what a call costs, and would have cost
//   tracker, collector, exporter                the runtime: time a call, keep it, hand it on
//   api, response, response_reader              what providers' responses say of a call
//
//   auto& collector = netrun::llm::get_collector();
//   {
//     auto tracker = collector.track_request("openai", "gpt-4o", "acme");
//     auto response = client.complete(prompt);
//     tracker.set_tokens(response.prompt_tokens, response.completion_tokens);
//   }  // latency, outcome and cost are recorded here
//   auto stats = collector.get_stats("1h");
#pragma once

#include <netrun/llm/api.hpp>
#include <netrun/llm/collector.hpp>
#include <netrun/llm/diagnostics.hpp>
#include <netrun/llm/exporter.hpp>
#include <netrun/llm/metrics.hpp>
#include <netrun/llm/name_view.hpp>
#include <netrun/llm/period.hpp>
#include <netrun/llm/price_book.hpp>
#include <netrun/llm/price_data.hpp>
#include <netrun/llm/query.hpp>
#include <netrun/llm/reprice.hpp>
#include <netrun/llm/response.hpp>
#include <netrun/llm/response_reader.hpp>
#include <netrun/llm/stats.hpp>
#include <netrun/llm/time.hpp>
#include <netrun/llm/time_step.hpp>
#include <netrun/llm/timestamp.hpp>
#include <netrun/llm/tokens.hpp>
#include <netrun/llm/tracker.hpp>
#include <netrun/llm/usd.hpp>
#include <netrun/llm/version.hpp>
