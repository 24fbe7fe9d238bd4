// SPDX-License-Identifier: MIT
// Starts netrun-llm as a program of its own.
#include "tool/program.hpp"

#include "json/support.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace netrun::llm::testing {
namespace {

/// What the new program's standard input, output and error are.
class Streams {
 public:
  Streams() { posix_spawn_file_actions_init(&actions_); }
  Streams(Streams const&) = delete;
  Streams& operator=(Streams const&) = delete;
  ~Streams() { posix_spawn_file_actions_destroy(&actions_); }

  void open(int stream, std::string const& path, int mode) {
    posix_spawn_file_actions_addopen(&actions_, stream, path.c_str(), mode, 0600);
  }
  void close(int stream) { posix_spawn_file_actions_addclose(&actions_, stream); }
  void copy(int descriptor, int stream) {
    posix_spawn_file_actions_adddup2(&actions_, descriptor, stream);
  }
  [[nodiscard]] posix_spawn_file_actions_t const* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

/// Pointers as C wants them, while `texts` live.
std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

pid_t spawn(Arguments arguments, std::vector<std::string> environment, Streams const& streams) {
  arguments.insert(arguments.begin(), NETRUN_LLM_TOOL);
  environment.emplace_back("PATH=/usr/bin:/bin");
  // What the sanitizers are told must reach the program, too.
  for (auto const* const name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (char const* const value = std::getenv(name)) {
      environment.push_back(std::string(name) + "=" + value);
    }
  }
  pid_t child = -1;
  if (posix_spawn(&child, NETRUN_LLM_TOOL, streams.get(), nullptr, pointers_to(arguments).data(),
                  pointers_to(environment).data()) != 0) {
    throw std::runtime_error("cannot start " NETRUN_LLM_TOOL);
  }
  return child;
}

int status_of(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  constexpr int by_signal = 128;
  return WIFEXITED(status) ? WEXITSTATUS(status) : by_signal + WTERMSIG(status);
}

}  // namespace

std::vector<Json> Ended::json_lines() const {
  std::vector<Json> values;
  for (auto const& line : lines_of(out)) values.push_back(Json::parse(line));
  return values;
}

Ended run(Arguments const& arguments, Start const& start) {
  TemporaryDirectory const directory;
  set_contents(directory.file("in"), start.input);
  set_contents(directory.file("out"), "");
  Streams streams;
  streams.open(STDIN_FILENO, directory.file("in"), O_RDONLY);
  streams.open(STDERR_FILENO, directory.file("err"), O_WRONLY | O_CREAT);
  std::array<int, 2> pipe{-1, -1};
  if (start.output == "closed") {
    streams.close(STDOUT_FILENO);
  } else if (start.output == "unread") {
    if (pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    close(pipe[0]);
    streams.copy(pipe[1], STDOUT_FILENO);
  } else {
    streams.open(STDOUT_FILENO, start.output.empty() ? directory.file("out") : start.output,
                 O_WRONLY);
  }
  auto const status = status_of(spawn(arguments, start.environment, streams));
  if (pipe[1] >= 0) close(pipe[1]);
  return {status, contents(directory.file("out")), contents(directory.file("err"))};
}

Ended run_on_terminal(Arguments const& arguments, std::vector<std::string> const& environment) {
  int const terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) {
    throw std::runtime_error("no terminal");
  }
  Streams streams;
  streams.open(STDOUT_FILENO, ptsname(terminal), O_WRONLY | O_NOCTTY);
  auto const child = spawn(arguments, environment, streams);
  Ended ended;
  std::array<char, 4096> piece{};
  // Fails when the program has ended, and its end of the terminal with it.
  for (ssize_t got = 0; (got = read(terminal, piece.data(), piece.size())) > 0;) {
    ended.out.append(piece.data(), static_cast<std::size_t>(got));
  }
  close(terminal);
  ended.status = status_of(child);
  return ended;
}

std::string run_shell(std::string const& command) {
  std::unique_ptr<FILE, int (*)(FILE*)> const stream(popen(command.c_str(), "r"), &pclose);
  if (!stream) throw std::runtime_error("no shell");
  std::string text;
  std::array<char, 4096> piece{};
  while (auto const got = std::fread(piece.data(), 1, piece.size(), stream.get())) {
    text.append(piece.data(), got);
  }
  return text;
}

Conversation::Conversation(Arguments const& arguments) {
  std::array<int, 2> to_child{}, from_child{};
  if (pipe2(to_child.data(), O_CLOEXEC) != 0 || pipe2(from_child.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  Streams streams;
  streams.copy(to_child[0], STDIN_FILENO);
  streams.copy(from_child[1], STDOUT_FILENO);
  child_ = spawn(arguments, {}, streams);
  close(to_child[0]);
  close(from_child[1]);
  input_ = to_child[1];
  output_ = from_child[0];
}

Conversation::~Conversation() {
  close(input_);
  close(output_);
  status_of(child_);
}

void Conversation::say(std::string_view text) const {
  if (write(input_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw std::runtime_error("the program does not listen");
  }
}

std::string Conversation::next_line() const {
  std::string line;
  constexpr int patience_ms = 20'000;
  for (;;) {
    pollfd readable{.fd = output_, .events = POLLIN, .revents = 0};
    char c = 0;
    if (poll(&readable, 1, patience_ms) != 1 || read(output_, &c, 1) != 1) return {};
    if (c == '\n') return line;
    line += c;
  }
}

std::vector<std::string> lines_of(std::string const& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string const acme_prices = R"({"schema":1,"currency":"USD","unit":"per 1M tokens",
"snapshot":"2026-10-01",
"sources":{"mail":"agreed by mail"},
"providers":{
"acme":{"ids":["acme","acme_inc"],"batch":0.5,"per_1k":{"web_search":10}}},
"models":[
{"provider":"acme","model":"large","match":["large","large-*"],"rates":[{"input":2,"output":4}],"multipliers":{"inference_geo=us":1.1}},
{"provider":"acme","model":"small","mode":"chat","match":["small"],"context":128000,"rates":[{"input":1,"output":2},{"from":"2026-03-01","input":3,"output":4,"cache_read":0.3,"tiers":[{"above":1000,"input":6,"output":8}],"flex":{"input":1.5,"output":2},"per_1k":{"request":{"low":5,"medium":8,"high":12}}}],"checked":"2026-09-30","src":["mail"],"note":"by hand"}
]}
)";

}  // namespace netrun::llm::testing
