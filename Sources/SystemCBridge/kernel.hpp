// The one SystemC kernel of the process: what crosses the C header, and a fresh start.
#pragma once
#include <stdexcept>
#include <string>

#include "program.hpp"
#include "vitsim_cosim.h"

#if __has_include(<systemc>)
#include <systemc>
#endif

namespace vitsim {

/// A handle, an index or a size that isn't one.
struct Misuse : std::logic_error {
  using std::logic_error::logic_error;
};

/// Nothing can go on: names the instructions that wait.
struct Deadlock : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Text of the last status that wasn't VITSIM_OK.
std::string &last_error();

/// Errors of SystemC as C++ exceptions, and nothing printed; once is enough.
void set_up_reports();

/// Runs `body`, and makes a status and a text of whatever it throws.
template <class F>
vitsim_status guard(F &&body) noexcept {
  auto say = [](vitsim_status status, const char *text) {
    try {
      last_error() = text;
    } catch (...) {
    }
    return status;
  };
  try {
    set_up_reports();
    body();
    return VITSIM_OK;
  } catch (const ProgramError &error) {
    return say(VITSIM_PROGRAM, error.what());
  } catch (const Unsupported &error) {
    return say(VITSIM_UNSUPPORTED, error.what());
  } catch (const Misuse &error) {
    return say(VITSIM_MISUSE, error.what());
  } catch (const Deadlock &error) {
    return say(VITSIM_DEADLOCK, error.what());
#if __has_include(<systemc>)
  } catch (const sc_core::sc_report &report) {
    return say(VITSIM_REPORT, report.what());
#endif
  } catch (const std::exception &error) {
    return say(VITSIM_EXCEPTION, error.what());
  } catch (...) {
    return say(VITSIM_EXCEPTION, "an exception that isn't a std::exception");
  }
}

}  // namespace vitsim
