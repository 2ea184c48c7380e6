#if __has_include(<systemc>)
#include "control_registers.hpp"

namespace vitsim {
namespace {

uint64_t little_endian(const uint8_t *bytes, unsigned count) {
  uint64_t value = 0;
  for (unsigned i = count; i-- > 0;) value = value << 8 | bytes[i];
  return value;
}

void put_little_endian(uint8_t *bytes, unsigned count, uint64_t value) {
  for (unsigned i = 0; i < count; i++) bytes[i] = static_cast<uint8_t>(value >> 8 * i);
}

tlm::tlm_response_status access(ControlDevice &device, tlm::tlm_generic_payload &payload,
                                const sc_core::sc_time &delay) {
  if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) return tlm::TLM_OK_RESPONSE;
  const uint64_t address = payload.get_address();
  const unsigned length = payload.get_data_length();
  if (payload.get_byte_enable_ptr()) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  if ((length != 4 && length != 8) || payload.get_streaming_width() < length || address % length != 0)
    return tlm::TLM_BURST_ERROR_RESPONSE;

  const uint64_t offset = address / 8 * 8;
  const unsigned shift = 8 * static_cast<unsigned>(address % 8);
  uint64_t value = 0;
  if (!device.read_register(offset, value)) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  if (payload.is_read()) {
    put_little_endian(payload.get_data_ptr(), length, value >> shift);
    return tlm::TLM_OK_RESPONSE;
  }
  const uint64_t mask = (length == 8 ? ~uint64_t{0} : uint64_t{0xFFFF'FFFF}) << shift;
  return device.write_register(offset, (value & ~mask) | (little_endian(payload.get_data_ptr(), length) << shift),
                               delay);
}

}  // namespace

void access_registers(ControlDevice &device, tlm::tlm_generic_payload &payload, const sc_core::sc_time &delay) {
  payload.set_dmi_allowed(false);
  payload.set_response_status(access(device, payload, delay));
}

unsigned debug_registers(const ControlDevice &device, tlm::tlm_generic_payload &payload) {
  if (!payload.is_read()) return 0;
  unsigned count = 0;
  for (; count < payload.get_data_length(); count++) {
    const uint64_t address = payload.get_address() + count;
    uint64_t value = 0;
    if (!device.read_register(address / 8 * 8, value)) break;
    payload.get_data_ptr()[count] = static_cast<uint8_t>(value >> 8 * (address % 8));
  }
  return count;
}

}  // namespace vitsim
#endif
