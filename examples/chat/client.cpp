// SPDX-License-Identifier: MIT
#include "chat/client.hpp"

#include "chat/answer.hpp"

#include <curl/curl.h>
#include <nlohmann/json.hpp>

#include <new>
#include <stdexcept>
#include <utility>

namespace chat {
namespace {

namespace llm = netrun::llm;
using nlohmann::json;

constexpr std::uint64_t anthropic_default_tokens = 4'096;  // it insists on a limit

/// What becomes of the bytes of a response: the reader sees all of them first.
struct Exchange {
  llm::ResponseReader& reader;
  AnswerText text;
};

// libcurl is C: no exception may leave these.
std::size_t on_header(char* line, std::size_t, std::size_t size, void* exchange) noexcept {
  static_cast<Exchange*>(exchange)->reader.feed_header_line({line, size});
  return size;
}
std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* exchange) noexcept {
  auto& [reader, text] = *static_cast<Exchange*>(exchange);
  reader.feed({bytes, size});
  try {
    text.feed({bytes, size});
  } catch (...) {
    return 0;  // fewer than there were: libcurl gives the transfer up
  }
  return size;
}

std::string body_of(Protocol protocol, llm::CallInfo const& call, Request const& request) {
  json body{{"model", std::string_view(call.model)},
            {"messages", json::array({{{"role", "user"}, {"content", request.prompt}}})}};
  auto const limit = request.max_output_tokens;
  if (protocol == Protocol::anthropic) {
    body["max_tokens"] = limit > 0 ? limit : anthropic_default_tokens;
  } else if (limit > 0) {
    body["max_completion_tokens"] = limit;
  }
  if (request.stream) {
    body["stream"] = true;
    // Without it a stream of OpenAI's kind does not say how many tokens it took.
    if (protocol == Protocol::openai) body["stream_options"] = {{"include_usage", true}};
  }
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

using Headers = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

Headers headers_of(Endpoint const& endpoint, Request const& request) {
  Headers headers(nullptr, &curl_slist_free_all);
  auto const add = [&](std::string const& line) {
    curl_slist* const longer = curl_slist_append(headers.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    (void)headers.release();
    headers.reset(longer);
  };
  add("Content-Type: application/json");
  add("Expect:");  // no round trip before long prompts
  if (endpoint.protocol == Protocol::anthropic) {
    add("anthropic-version: 2023-06-01");
    if (!endpoint.key.empty()) add("x-api-key: " + endpoint.key);
  } else if (!endpoint.key.empty()) {
    add("Authorization: Bearer " + endpoint.key);
  }
  for (auto const& line : request.headers) add(line);
  return headers;
}

/// The error type under which a call is recorded that libcurl gave up.
char const* error_type(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return "timeout";
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return "invalid_url";
    case CURLE_WRITE_ERROR:
    case CURLE_OUT_OF_MEMORY:
      return "client_error";
    default:
      return "connection";
  }
}

/// Whether the request cannot have reached the provider, who then cannot bill it.
bool was_never_sent(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return true;
    default:
      return false;
  }
}

CURL* new_handle() {
  static CURLcode const global = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL* const curl = global == CURLE_OK ? curl_easy_init() : nullptr;
  if (curl == nullptr) throw std::runtime_error("libcurl cannot be initialised");
  return curl;
}

void set_options(CURL* curl, Limits const& limits, Endpoint const& endpoint,
                 std::string const& body, curl_slist* headers, Exchange& exchange) {
  curl_easy_reset(curl);  // forgets options, keeps connections
  curl_easy_setopt(curl, CURLOPT_URL, endpoint.url.c_str());
  // An address from the environment must not read a file.
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(limits.total.count()));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);  // time limits without SIGALRM: there are threads
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
}

}  // namespace

void Client::Free::operator()(void* curl) const noexcept { curl_easy_cleanup(curl); }

Client::Client(llm::TelemetryCollector& collector, Limits limits)
    : collector_(collector), limits_(limits), curl_(new_handle()) {}

Answer Client::ask(Endpoint const& endpoint, llm::CallInfo call, Request const& request,
                   std::function<void(std::string_view)> on_text) {
  auto const body = body_of(endpoint.protocol, call, request);
  auto const headers = headers_of(endpoint, request);

  if (call.provider.empty()) call.provider = llm::provider_of(endpoint.api);
  auto tracker = collector_.track_request(call);
  llm::ResponseReader reader(tracker, endpoint.api);
  reader.set_url(endpoint.url);

  Exchange exchange{reader, AnswerText(request.stream, std::move(on_text))};
  auto limits = limits_;
  limits.total = request.time_limit.value_or(limits.total);
  set_options(curl_.get(), limits, endpoint, body, headers.get(), exchange);
  CURLcode const result = curl_easy_perform(curl_.get());
  if (result == CURLE_OK) {
    reader.finish();
  } else {
    if (was_never_sent(result)) tracker.set_cost(0.0);
    reader.fail(error_type(result), curl_easy_strerror(result));
  }

  Answer answer{.text = exchange.text.finish(), .error = {}, .info = reader.info()};
  if (auto const& error = answer.info.error) {
    answer.error = error->type.view();
    if (!error->message.empty()) answer.error.append(": ").append(error->message.view());
  } else if (result != CURLE_OK) {
    answer.error = curl_easy_strerror(result);
  }
  return answer;
}  // here the tracker records the call

}  // namespace chat
