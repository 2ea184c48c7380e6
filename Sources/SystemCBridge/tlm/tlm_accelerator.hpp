// The accelerator as a component of a virtual platform (docs/cosimulation.md, "TLM-2.0").
//
//   vitsim::tlm_accelerator accelerator("accelerator", vitsim::read_program("gemm.img"), options);
//   bus.initiator.bind(accelerator.control);
//   accelerator.memory.bind(bus.target);
//   accelerator.interrupt(interrupt_signal);
#pragma once
#if __has_include(<systemc>)
#include <memory>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <tlm_utils/tlm_quantumkeeper.h>

#include "../program.hpp"
#include "control_registers.hpp"
#include "tlm_options.hpp"

namespace vitsim {

class Machine;
class MemoryPort;
class ApproximatePort;

/// Its hardware is that of a program image; programs for the same hardware come from the platform's memory, as often as
/// one likes.
class tlm_accelerator : public sc_core::sc_module, private ControlDevice {
 public:
  SC_HAS_PROCESS(tlm_accelerator);

  /// Registers (`control_register`).
  tlm_utils::simple_target_socket<tlm_accelerator> control;
  /// DMA traffic, and the program image by debug transport.
  tlm_utils::simple_initiator_socket<tlm_accelerator> memory;
  /// A run has ended, in whatever way, and hasn't been acknowledged.
  sc_core::sc_out<bool> interrupt;

  /// Throws `Unsupported` if the model doesn't have such hardware.
  tlm_accelerator(const sc_core::sc_module_name &name, const Program &hardware, tlm_options options = {});
  ~tlm_accelerator() override;

  /// Notified when a run ends.
  const sc_core::sc_event &ended() const { return ended_; }
  /// The period in use.
  const sc_core::sc_time &clock_period() const { return options_.clock_period; }
  /// What `reg_error` is about, in words.
  const std::string &error_text() const { return error_text_; }

 private:
  void transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay);
  unsigned debug(tlm::tlm_generic_payload &payload);
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase, sc_core::sc_time &delay);
  bool read_register(uint64_t offset, uint64_t &value) const override;
  tlm::tlm_response_status write_register(uint64_t offset, uint64_t value, const sc_core::sc_time &delay) override;
  bool read_unit(uint64_t index, uint64_t &value) const;
  tlm::tlm_response_status write_control(uint64_t value, const sc_core::sc_time &delay);

  void elaborate(const Program &hardware);
  void run();
  void execute();
  void load();
  Program empty_program() const;
  bool is_base_aligned() const;
  void pass_cycle();
  void count_cycle();
  void end(control_state state);
  void fail(control_error error, const std::string &text, uint64_t address = 0);
  void drive_interrupt();

  tlm_options options_;
  /// What a program has to be for.
  const std::vector<uint8_t> hardware_;
  std::unique_ptr<Machine> machine_;
  MemoryPort *port_ = nullptr;
  /// The same, if approximately timed.
  ApproximatePort *approximate_ = nullptr;
  tlm_utils::tlm_quantumkeeper keeper_;

  uint64_t schedule_ = 0, base_ = 0, interrupt_enable_ = 0;
  /// As they were when the run was started.
  uint64_t run_schedule_ = 0, run_base_ = 0;
  control_state state_ = control_state::idle;
  control_error error_ = control_error::none;
  uint64_t error_address_ = 0;
  std::string error_text_;
  bool is_pending_ = false;
  /// By unit: cycles in which an instruction was under way.
  std::vector<uint64_t> occupied_;
  sc_core::sc_event start_, ended_, interrupt_change_;
};

}  // namespace vitsim
#endif
