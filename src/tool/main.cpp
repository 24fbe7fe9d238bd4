// SPDX-License-Identifier: MIT
// netrun-llm: the command line.
#include "tool/command.hpp"
#include "tool/commands.hpp"
#include <netrun/llm/version.hpp>

#include <csignal>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include <unistd.h>

namespace netrun::llm::tool {
namespace {

constexpr auto description = "Prices, costs and statistics of LLM calls.";
constexpr auto footer =
    "Exit status: 0 done, 1 failed, 2 wrong usage, 3 a budget or rule is breached.\n"
    "`netrun-llm COMMAND --help` tells more.\n\n"
    "Examples:\n"
    "  netrun-llm cost --provider openai --model gpt-4o --input 1000 --output 500\n"
    "  netrun-llm prices show claude-sonnet-4-5\n"
    "  netrun-llm usage --api openai.chat response.json";

/// Help without the empty lines that CLI11 puts between its groups, beside its own.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_help(CLI::App const* app, std::string name,
                        CLI::AppFormatMode mode) const override {
    auto text = Formatter::make_help(app, std::move(name), mode);
    for (auto at = text.find("\n\n\n"); at != std::string::npos; at = text.find("\n\n\n", at)) {
      text.erase(at, 1);
    }
    return text;
  }
};

/// The command that was chosen, with all above it: "netrun-llm prices show".
std::string name_of(CLI::App const& app) {
  auto name = app.get_name();
  auto const chosen = app.get_subcommands();
  return chosen.empty() ? name : name + " " + name_of(*chosen.back());
}

/// True when the command line is to be obeyed; else it asked for help or the version, and has it.
bool parse(CLI::App& app, int argc, char** argv, Context& context) {
  try {
    app.parse(argc, argv);
    return true;
  } catch (CLI::CallForHelp const&) {
    context.out.write(app.help());
  } catch (CLI::CallForVersion const&) {
    context.out.write(std::string("netrun-llm ") + version + "\n");
  } catch (CLI::ParseError const& error) {
    auto const unknown = app.remaining();
    if (app.get_subcommands().empty() && !unknown.empty()) {
      throw UsageError("nothing is known of \"" + unknown.front() + "\"; see `netrun-llm --help`");
    }
    throw UsageError(std::string(error.what()) + "; see `" + name_of(app) + " --help`");
  }
  return false;
}

int run(int argc, char** argv, Output& out) {
  Context context{.out = out};
  CLI::App app(description, "netrun-llm");
  app.footer(footer);
  app.formatter(std::make_shared<HelpFormatter>());
  app.require_subcommand(1);
  add_cost(app, context);
  add_prices(app, context);
  add_usage(app, context);
  add_common_options(app, context);
  app.set_version_flag("--version", version, "Print the version and exit")->group("General");
  return parse(app, argc, argv, context) ? context.action() : exit_done;
}

/// Runs the command and says in words what goes wrong.
int run_and_complain(int argc, char** argv) noexcept {
  Output out(STDOUT_FILENO, "standard output");
  int status = exit_failed;
  std::string problem;
  try {
    status = run(argc, argv, out);
  } catch (UsageError const& error) {
    status = exit_wrong_usage;
    problem = error.what();
  } catch (std::bad_alloc const&) {
    problem = "out of memory";
  } catch (std::exception const& error) {
    problem = error.what();
  }
  try {
    out.close();  // what was answered before something went wrong counts
  } catch (std::exception const& error) {
    if (problem.empty() && !out.is_broken_pipe()) problem = error.what();
    if (status == exit_done) status = exit_failed;
  }
  // Whoever stops reading, as `head` does, has what they want.
  if (out.is_broken_pipe()) problem.clear();
  if (!problem.empty()) complain(problem);
  return status;
}

}  // namespace
}  // namespace netrun::llm::tool

int main(int argc, char** argv) {
  netrun::llm::tool::occupy_standard_descriptors();
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is a failed write
  return netrun::llm::tool::run_and_complain(argc, argv);
}
