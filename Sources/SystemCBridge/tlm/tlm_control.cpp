// The registers of `tlm_accelerator`.
#if __has_include(<systemc>)
#include "../machine.hpp"
#include "memory_port.hpp"
#include "tlm_accelerator.hpp"

namespace vitsim {

using sc_core::SC_ZERO_TIME;
using sc_core::sc_time;

void tlm_accelerator::transport(tlm::tlm_generic_payload &payload, sc_time &delay) {
  access_registers(*this, payload, delay);
}

unsigned tlm_accelerator::debug(tlm::tlm_generic_payload &payload) { return debug_registers(*this, payload); }

bool tlm_accelerator::read_register(uint64_t offset, uint64_t &value) const {
  const Environment &environment = machine_->environment();
  switch (offset) {
    case reg_identification: value = identification; return true;
    case reg_control: value = 0; return true;
    case reg_status: value = static_cast<uint64_t>(state_) | (is_pending_ ? status_interrupt : 0); return true;
    case reg_interrupt_enable: value = interrupt_enable_; return true;
    case reg_schedule: value = schedule_; return true;
    case reg_memory_base: value = base_; return true;
    case reg_error: value = static_cast<uint64_t>(error_); return true;
    case reg_error_address: value = error_address_; return true;
    case reg_cycles: value = static_cast<uint64_t>(environment.now); return true;
    case reg_instructions:
      value = 0;
      for (int64_t ended : environment.ended) value += static_cast<uint64_t>(ended);
      return true;
    case reg_units: value = occupied_.size(); return true;
    default: return offset >= reg_unit && read_unit((offset - reg_unit) / 8, value);
  }
}

bool tlm_accelerator::read_unit(uint64_t index, uint64_t &value) const {
  const Environment &environment = machine_->environment();
  const uint64_t unit = index / unit_registers, channels = environment.accelerator().vector_queue() + 1;
  if (unit >= occupied_.size()) return false;
  const MemoryPort::Traffic traffic = unit < channels ? MemoryPort::Traffic() : port_->traffic(unit - channels);
  const uint64_t values[] = {occupied_[unit], static_cast<uint64_t>(environment.ended[unit]), traffic.read,
                             traffic.written};
  value = values[index % unit_registers];
  return true;
}

tlm::tlm_response_status tlm_accelerator::write_register(uint64_t offset, uint64_t value, const sc_time &delay) {
  switch (offset) {
    case reg_control: return write_control(value, delay);
    case reg_schedule: schedule_ = value; return tlm::TLM_OK_RESPONSE;
    case reg_memory_base: base_ = value; return tlm::TLM_OK_RESPONSE;
    case reg_interrupt_enable:
      interrupt_enable_ = value & 1;
      interrupt_change_.notify(delay);
      return tlm::TLM_OK_RESPONSE;
    default: return tlm::TLM_COMMAND_ERROR_RESPONSE;
  }
}

tlm::tlm_response_status tlm_accelerator::write_control(uint64_t value, const sc_time &delay) {
  const bool starts = value & control_start;
  if (starts && state_ == control_state::running) return tlm::TLM_GENERIC_ERROR_RESPONSE;
  if (starts || value & control_acknowledge) {
    is_pending_ = false;
    interrupt_change_.notify(delay);
  }
  if (!starts) return tlm::TLM_OK_RESPONSE;
  state_ = control_state::running;
  error_ = control_error::none;
  error_address_ = 0;
  error_text_.clear();
  run_schedule_ = schedule_;
  run_base_ = base_;
  // Cycle 0 begins with the first edge of a clock that has run since time 0.
  const sc_time time = sc_core::sc_time_stamp() + delay;
  const uint64_t period = options_.clock_period.value(), into = time.value() % period;
  start_.notify(delay + sc_time::from_value(into == 0 ? 0 : period - into));
  return tlm::TLM_OK_RESPONSE;
}

}  // namespace vitsim
#endif
