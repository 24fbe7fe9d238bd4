// SPDX-License-Identifier: MIT
// The one file that includes cpp-httplib: its layout depends on macros, which all users of one
// build of it must agree on.
#include "local_provider/provider.hpp"

#include <nlohmann/json.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <httplib.h>
#include <sys/socket.h>

namespace local_provider {
namespace {

using nlohmann::json;
using std::chrono::steady_clock;

constexpr char const* host = "127.0.0.1";
constexpr std::size_t most_body_bytes = 16U << 20;

/// Waits that the end of the provider ends.
class Waits {
 public:
  /// False when the provider ends.
  bool until(steady_clock::time_point moment) {
    std::unique_lock lock(mutex_);
    return !ended_.wait_until(lock, moment, [&] { return over_; });
  }
  void end() {
    {
      std::lock_guard const lock(mutex_);
      over_ = true;
    }
    ended_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool over_ = false;
};

/// One request, as far as it is understood.
struct Task {
  Wire wire;
  Reply reply;
  Outcome outcome = Outcome::answered;
  bool stream = false, include_usage = false;
  steady_clock::time_point arrived;
  Delays delays;
};

char const* content_type(bool stream) {
  return stream ? "text/event-stream; charset=utf-8" : "application/json";
}

}  // namespace

struct LocalProvider::State {
  explicit State(Options o) : options(std::move(o)) {}

  Options const options;
  httplib::Server server;
  Waits waits;
  int port = 0;
  std::thread listener;
  std::atomic<std::uint64_t> last_number{0};
  mutable std::mutex mutex;
  Counts counts;

  void count(std::uint64_t Counts::*which, Tokens const& told = {}) {
    std::lock_guard const lock(mutex);
    ++(counts.*which);
    counts.told += told;
  }

  [[nodiscard]] Outcome draw(std::uint64_t number) const {
    double left = unit_of(options.seed * 1'000'003 + number);
    if ((left -= options.rate_limited) < 0) return Outcome::rate_limited;
    if ((left -= options.server_error) < 0) return Outcome::server_error;
    if ((left -= options.cut) < 0) return Outcome::cut;
    return Outcome::answered;
  }

  /// Throws std::exception for what is no request.
  void read(httplib::Request const& request, std::uint64_t number, Task& task) const {
    auto const body = json::parse(request.body);
    task.reply.model = body.at("model").get<std::string>();
    task.stream = body.value("stream", false);
    task.include_usage = body.value("/stream_options/include_usage"_json_pointer, false);
    auto const header = request.get_header_value("x-simulate");
    auto const simulation = parse_simulation(header);
    task.reply.tokens = simulation.tokens;
    task.outcome = simulation.outcome ? *simulation.outcome : draw(number);
    auto const found = options.paces.find(task.reply.model);
    auto const& pace = found == options.paces.end() ? options.pace : found->second;
    task.delays =
        delays_of(pace, task.reply.tokens, key_of(header + task.reply.model), options.speed);
  }

  void answer(Wire wire, httplib::Request const& request, httplib::Response& response) {
    auto const number = ++last_number;
    Task task{.wire = wire, .reply = {}, .arrived = steady_clock::now(), .delays = {}};
    count(&Counts::requests);
    task.reply.id = (wire == Wire::openai ? "chatcmpl-" : "msg_") + std::to_string(number);
    response.set_header(wire == Wire::openai ? "x-request-id" : "request-id",
                        "req_" + std::to_string(number));
    try {
      read(request, number, task);
    } catch (std::exception const& error) {
      count(&Counts::refused);
      return fail(task, 400, error.what(), response);
    }
    switch (task.outcome) {
      case Outcome::rate_limited:
        waits.until(task.arrived + task.delays.first);
        response.set_header("Retry-After", "20");
        count(&Counts::rate_limited);
        return fail(task, 429, "Too many requests: try again in 20 s.", response);
      case Outcome::server_error:
        waits.until(task.arrived + task.delays.first);
        count(&Counts::server_errors);
        return fail(task, 500, "Something went wrong on our side.", response);
      case Outcome::silent:
        return stay_silent(task, response);
      case Outcome::cut:
      case Outcome::answered:
        return task.stream ? send_stream(task, response) : send_whole(task, response);
    }
  }

  static void fail(Task const& task, int status, std::string_view message,
                   httplib::Response& response) {
    response.status = status;
    response.set_content(error_of(task.wire, status, message, "req_" + task.reply.id),
                         content_type(false));
  }

  /// Called at the end of a response: for a client who went early the body may not even be asked
  /// for, and nothing is counted by then.
  auto at_end(std::shared_ptr<bool> counted) {
    return [this, counted = std::move(counted)](bool) {
      if (!*counted) count(&Counts::gone);
    };
  }

  /// An answer counts as one when somebody is still there for it.
  void send_counted(std::string body, Tokens const& tokens, httplib::Response& response) {
    auto const counted = std::make_shared<bool>(false);
    auto const length = body.size();
    response.set_content_provider(
        length, content_type(false),
        [this, body = std::move(body), tokens, counted](std::size_t, std::size_t,
                                                        httplib::DataSink& sink) {
          if (!sink.is_writable()) return false;
          // Before the client has it all and may ask what was counted.
          count(&Counts::answered, tokens);
          *counted = true;
          return sink.write(body.data(), body.size());
        },
        at_end(counted));
  }

  void send_whole(Task const& task, httplib::Response& response) {
    waits.until(task.arrived + task.delays.until(task.reply.tokens.output));
    auto body = body_of(task.wire, task.reply);
    if (task.outcome == Outcome::answered) {
      return send_counted(std::move(body), task.reply.tokens, response);
    }
    // The counts stand at the end of the body, which does not come.
    count(&Counts::cut);
    auto const length = body.size();
    response.set_content_provider(
        length, content_type(false),
        [body = std::move(body)](std::size_t, std::size_t, httplib::DataSink& sink) {
          sink.write(body.data(), body.size() / 3);
          return false;  // closes the connection
        });
  }

  void send_stream(Task const& task, httplib::Response& response) {
    auto const counted = std::make_shared<bool>(false);
    response.set_chunked_content_provider(
        content_type(true),
        [this, task, counted, pieces = stream_of(task.wire, task.reply, task.include_usage)](
            std::size_t, httplib::DataSink& sink) {
          *counted = true;  // below
          bool const cut = task.outcome == Outcome::cut;
          auto const size = cut ? (pieces.size() + 1) / 2 : pieces.size();
          Tokens told;
          for (std::size_t i = 0; i < size; ++i) {
            auto const& piece = pieces[i];
            if (!waits.until(task.arrived + task.delays.until(piece.after_tokens)) ||
                !sink.write(piece.bytes.data(), piece.bytes.size())) {
              count(&Counts::gone, told);
              return false;
            }
            told = piece.told.value_or(told);
          }
          count(cut ? &Counts::cut : &Counts::answered, told);
          if (!cut) sink.done();
          return !cut;
        },
        at_end(counted));
  }

  void stay_silent(Task const& task, httplib::Response& response) {
    count(&Counts::silent);
    response.set_chunked_content_provider(
        content_type(task.stream), [this](std::size_t, httplib::DataSink& sink) {
          constexpr std::chrono::milliseconds look_every(10);
          while (sink.is_writable() && waits.until(steady_clock::now() + look_every)) {
          }
          return false;
        });
  }

  void embed(httplib::Request const& request, httplib::Response& response) {
    auto const number = ++last_number;
    Task task{.wire = Wire::openai, .reply = {}, .arrived = steady_clock::now(), .delays = {}};
    count(&Counts::requests);
    try {
      read(request, number, task);
    } catch (std::exception const& error) {
      count(&Counts::refused);
      return fail(task, 400, error.what(), response);
    }
    task.reply.tokens.output = 0;
    waits.until(task.arrived + task.delays.first);
    send_counted(embeddings_of(task.reply), task.reply.tokens, response);
  }

  void route() {
    server.Post("/v1/chat/completions",
                [this](auto const& in, auto& out) { answer(Wire::openai, in, out); });
    server.Post("/v1/messages",
                [this](auto const& in, auto& out) { answer(Wire::anthropic, in, out); });
    server.Post("/v1/embeddings", [this](auto const& in, auto& out) { embed(in, out); });
  }

  void listen() {
    int listening = -1;
    server.new_task_queue = [this] { return new httplib::ThreadPool(options.connections); };
    server.set_keep_alive_max_count(1'000'000'000);  // it closes after five requests otherwise
    server.set_tcp_nodelay(true);                    // pieces go out when they are written
    server.set_payload_max_length(most_body_bytes);
    server.set_socket_options([&](int socket) {
      int const yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
      listening = socket;
    });
    if (options.port == 0) {
      port = server.bind_to_any_port(host);
    } else if (server.bind_to_port(host, options.port)) {
      port = options.port;
    } else {
      port = -1;
    }
    if (port <= 0) {
      throw std::runtime_error("cannot listen on " + std::string(host) + ":" +
                               std::to_string(options.port));
    }
    // Only five clients may knock at once otherwise; the sixth would come again after a second.
    ::listen(listening, SOMAXCONN);
    listener = std::thread([this] { server.listen_after_bind(); });
    // stop() does nothing before that.
    auto const deadline = steady_clock::now() + std::chrono::seconds(5);
    while (!server.is_running() && steady_clock::now() < deadline) std::this_thread::yield();
  }
};

LocalProvider::LocalProvider(Options options)
    : state_(std::make_unique<State>(std::move(options))) {
  state_->route();
  state_->listen();
}

LocalProvider::~LocalProvider() { stop(); }

void LocalProvider::stop() noexcept {
  state_->waits.end();
  state_->server.stop();
  if (state_->listener.joinable()) state_->listener.join();
}

int LocalProvider::port() const noexcept { return state_->port; }
std::string LocalProvider::openai_base_url() const { return anthropic_base_url() + "/v1"; }
std::string LocalProvider::anthropic_base_url() const {
  return "http://" + std::string(host) + ":" + std::to_string(state_->port);
}

Counts LocalProvider::counts() const {
  std::lock_guard const lock(state_->mutex);
  return state_->counts;
}

}  // namespace local_provider
