#include "kernel.hpp"

#include <cstdio>

namespace vitsim {

std::string &last_error() {
  // What needs no kernel may fail in several threads at once.
  static thread_local std::string text;
  return text;
}

#if __has_include(<systemc>)
void set_up_reports() {
  using namespace sc_core;
  static const bool is_done = [] {
    sc_report_handler::set_actions(SC_INFO, SC_DO_NOTHING);
    sc_report_handler::set_actions(SC_WARNING, SC_DISPLAY);
    sc_report_handler::set_actions(SC_ERROR, SC_THROW);
    // By default the process would be aborted.
    sc_report_handler::set_actions(SC_FATAL, SC_THROW);
    sc_report_handler::set_handler([](const sc_report &report, const sc_actions &actions) {
      if (actions & SC_THROW) throw report;
      if (actions & SC_DISPLAY) std::fprintf(stderr, "%s\n", sc_report_compose_message(report).c_str());
    });
    return true;
  }();
  static_cast<void>(is_done);
}
#else
void set_up_reports() {}
#endif

}  // namespace vitsim
