// The register map of the socket `control` (docs/cosimulation.md, "Register map").
#pragma once
#if __has_include(<systemc>)
#include <cstdint>
#include <tlm>

namespace vitsim {

/// Byte offsets of 64-bit registers.
enum control_register : uint64_t {
  reg_identification = 0x00,
  reg_control = 0x08,
  reg_status = 0x10,
  reg_interrupt_enable = 0x18,
  reg_schedule = 0x20,
  reg_memory_base = 0x28,
  reg_error = 0x30,
  reg_error_address = 0x38,
  reg_cycles = 0x40,
  reg_instructions = 0x48,
  reg_units = 0x50,
  /// Four registers for each unit: occupied cycles, instructions that have ended, bytes read and bytes written.
  reg_unit = 0x100,
};
constexpr uint64_t unit_registers = 4;

/// "VSIM" and the version of the map.
constexpr uint64_t identification = 0x0000'0001'4D49'5356;

/// Bits of `reg_control`.
constexpr uint64_t control_start = 1, control_acknowledge = 2;
/// Bit of `reg_status` beside the state in its bits 1 and 0.
constexpr uint64_t status_interrupt = 0x100;

enum class control_state : uint64_t { idle = 0, running = 1, done = 2, error = 3 };

/// What `reg_error` says.
enum class control_error : uint64_t {
  none = 0,
  /// The memory doesn't give the program image at the schedule address (`reg_error_address`).
  fetch = 1,
  /// The program image is damaged.
  image = 2,
  /// The program is for another accelerator.
  accelerator = 3,
  /// The program asks for something that the model doesn't have.
  unsupported = 4,
  /// Instructions wait for tokens that never come.
  deadlock = 5,
  /// A burst was answered with an error; `reg_error_address` has its address.
  memory = 6,
  /// The memory base isn't a multiple of what bursts mustn't cross.
  base = 7,
  /// Anything else.
  internal = 8,
};

/// Who has the registers.
class ControlDevice {
 public:
  virtual ~ControlDevice() = default;
  /// A register's value; false if there is none.
  virtual bool read_register(uint64_t offset, uint64_t &value) const = 0;
  /// Writes it `delay` from now.
  virtual tlm::tlm_response_status write_register(uint64_t offset, uint64_t value, const sc_core::sc_time &delay) = 0;
};

/// One access as the map allows it: 4 or 8 bytes, aligned, without byte enables. Sets the payload's response.
void access_registers(ControlDevice &device, tlm::tlm_generic_payload &payload, const sc_core::sc_time &delay);
/// Reads without an effect; how many bytes.
unsigned debug_registers(const ControlDevice &device, tlm::tlm_generic_payload &payload);

}  // namespace vitsim
#endif
