// SPDX-License-Identifier: MIT
// A background thread that leaves the program's signals to the program, and need not be waited for.
#include <netrun/llm/detail/quiet_thread.hpp>

#include <algorithm>
#include <memory>
#include <system_error>
#include <utility>

#include <signal.h>
#include <time.h>

namespace netrun::llm::detail {
namespace {

void* run_body(void* argument) {
  std::unique_ptr<std::function<void()>> const body(static_cast<std::function<void()>*>(argument));
  (*body)();
  return nullptr;
}

}  // namespace

QuietThread::QuietThread(QuietThread&& other) noexcept
    : thread_(other.thread_), joinable_(std::exchange(other.joinable_, false)) {}

QuietThread& QuietThread::operator=(QuietThread&& other) noexcept {
  thread_ = other.thread_;
  joinable_ = std::exchange(other.joinable_, false);
  return *this;
}

void QuietThread::start(std::function<void()> body) {
  auto owned = std::make_unique<std::function<void()>>(std::move(body));
  sigset_t blocked;
  sigset_t before;
  sigfillset(&blocked);
  for (int const signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF}) {
    sigdelset(&blocked, signal);
  }
  pthread_sigmask(SIG_SETMASK, &blocked, &before);  // a thread inherits the mask of its maker
  int const problem = pthread_create(&thread_, nullptr, run_body, owned.get());
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (problem != 0) throw std::system_error(problem, std::generic_category(), "no thread");
  (void)owned.release();  // the thread's
  joinable_ = true;
}

void QuietThread::join() noexcept {
  if (std::exchange(joinable_, false)) pthread_join(thread_, nullptr);
}

bool QuietThread::join_until(std::chrono::steady_clock::time_point deadline) noexcept {
  if (!joinable_) return true;
#if defined(__GLIBC__)
  using namespace std::chrono;
  auto const left = std::max<nanoseconds>(deadline - steady_clock::now(), nanoseconds(0));
  auto const at = (system_clock::now() + left).time_since_epoch();
  timespec const limit{.tv_sec = duration_cast<seconds>(at).count(),
                       .tv_nsec = (at % seconds(1)).count()};
  if (pthread_timedjoin_np(thread_, nullptr, &limit) != 0) return false;
  joinable_ = false;
#else
  static_cast<void>(deadline);
  join();
#endif
  return true;
}

void QuietThread::detach() noexcept {
  if (std::exchange(joinable_, false)) pthread_detach(thread_);
}

}  // namespace netrun::llm::detail
