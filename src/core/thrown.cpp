// SPDX-License-Identifier: MIT
// Type, text and meaning of the exception that is being handled.
#include "core/thrown.hpp"

#include <cerrno>
#include <cstdlib>
#include <exception>
#include <string_view>
#include <system_error>
#include <typeinfo>

#include <cxxabi.h>

namespace netrun::llm::detail {
namespace {

/// "std::__cxx11::basic_string" and "std::__1::..." read the same everywhere without the version.
void erase_all(std::string& text, std::string_view part) {
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part))
    text.erase(at, part.size());
}

std::string type_name(std::type_info const& type) {
  int status = 0;
  char* const demangled = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
  std::string name = demangled != nullptr ? demangled : type.name();
  std::free(demangled);
  erase_all(name, "__cxx11::");
  erase_all(name, "__1::");
  return name;
}

/// Asio without Boost has a category of its own, which does not say that its codes are those of the
/// system.
bool is_cancelled_code(std::error_code const& code) {
  return code == std::errc::operation_canceled ||
         (code.value() == ECANCELED && std::string_view(code.category().name()) == "asio.system");
}

/// Boost before 1.79 gives the text of the code only; later ones add "[system:125" and more.
bool is_cancelled_boost_text(std::string_view message) {
  auto const number = std::to_string(ECANCELED);
  for (char const* const category : {"[system:", "[generic:"}) {
    auto const code = category + number;
    auto const at = message.find(code);
    if (at == std::string_view::npos) continue;
    auto const rest = message.substr(at + code.size());
    if (rest.empty() || rest.front() < '0' || rest.front() > '9') return true;
  }
  return message.ends_with(std::generic_category().message(ECANCELED));
}

/// By name, so that nothing of these libraries need be there: Boost.Asio, folly, cppcoro and those
/// that follow them.
bool is_cancelled_by_name(std::string_view type, std::string_view message) {
  if (type.find("boost::system::system_error") != std::string_view::npos)
    return is_cancelled_boost_text(message);
  auto const colon = type.rfind("::");
  auto const name = colon == std::string_view::npos ? type : type.substr(colon + 2);
  return name == "OperationCancelled" || name == "OperationCanceled" ||
         name == "operation_cancelled" || name == "operation_canceled";
}

void set_message(Thrown& thrown, std::exception const& exception) {
  if (char const* const text = exception.what()) thrown.message = text;
}

}  // namespace

Thrown thrown_now() {
  Thrown thrown;
  std::type_info const* const type = abi::__cxa_current_exception_type();
  if (type == nullptr) return thrown;
  try {
    throw;
  } catch (std::system_error const& exception) {
    set_message(thrown, exception);
    thrown.cancelled = is_cancelled_code(exception.code());
  } catch (std::exception const& exception) {
    set_message(thrown, exception);
  } catch (...) {  // a type that says nothing of itself
  }
  thrown.type = type_name(*type);
  if (!thrown.cancelled) thrown.cancelled = is_cancelled_by_name(thrown.type, thrown.message);
  return thrown;
}

}  // namespace netrun::llm::detail
