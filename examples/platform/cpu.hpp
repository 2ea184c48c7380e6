// Something like a CPU: the driver of the accelerator.
#pragma once
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "options.hpp"

namespace platform {

class CPU : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(CPU);

  tlm_utils::simple_initiator_socket<CPU> socket;
  sc_core::sc_in<bool> interrupt;

  /// Registers stand from `registers` on, the program image at `image`.
  CPU(const sc_core::sc_module_name &name, const Options &options, uint64_t registers, uint64_t image,
      const sc_core::sc_time &period);

  /// Whether all runs have been done.
  bool is_done() const { return is_done_; }

 private:
  struct Access {
    uint64_t value;
    tlm::tlm_response_status status;
    std::string text;
  };

  void work();
  bool run(int64_t number);
  void await_end();
  void report();
  void play();
  void play_line(const std::string &line);
  Access transport(bool writes, uint64_t offset, unsigned bytes, uint64_t value = 0);
  uint64_t read(uint64_t offset);
  void write(uint64_t offset, uint64_t value);

  const Options options_;
  const uint64_t registers_, image_;
  const sc_core::sc_time period_;
  bool is_done_ = false;
};

}  // namespace platform
