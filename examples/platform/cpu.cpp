#include "cpu.hpp"

#include <control_registers.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

namespace platform {

CPU::CPU(const sc_core::sc_module_name &name, const Options &options, uint64_t registers, uint64_t image,
         const sc_core::sc_time &period)
    : sc_core::sc_module(name),
      socket("socket"),
      interrupt("interrupt"),
      options_(options),
      registers_(registers),
      image_(image),
      period_(period) {
  SC_THREAD(work);
}

void CPU::work() {
  if (options_.script.empty()) {
    is_done_ = true;
    for (int64_t number = 0; number < options_.runs && is_done_; number++) is_done_ = run(number);
  } else {
    play();
    is_done_ = true;
  }
  sc_core::sc_stop();
}

// MARK: A run

bool CPU::run(int64_t number) {
  write(vitsim::reg_schedule, image_);
  write(vitsim::reg_memory_base, options_.base);
  write(vitsim::reg_interrupt_enable, options_.poll == 0);
  const sc_core::sc_time start = sc_core::sc_time_stamp();
  write(vitsim::reg_control, vitsim::control_start);
  await_end();
  const bool is_done = (read(vitsim::reg_status) & 3) == static_cast<uint64_t>(vitsim::control_state::done);
  std::cout << "run " << number << ": " << (is_done ? "done" : "error") << "\n"
            << "end: " << (sc_core::sc_time_stamp() - start).value() / period_.value() << "\n";
  report();
  write(vitsim::reg_control, vitsim::control_acknowledge);
  if (interrupt.read()) wait(interrupt.negedge_event());
  return is_done;
}

void CPU::await_end() {
  if (options_.poll == 0) {
    if (!interrupt.read()) wait(interrupt.posedge_event());
    return;
  }
  while ((read(vitsim::reg_status) & 3) == static_cast<uint64_t>(vitsim::control_state::running))
    wait(static_cast<double>(options_.poll) * period_);
}

void CPU::report() {
  std::cout << "cycles: " << read(vitsim::reg_cycles) << "\ninstructions: " << read(vitsim::reg_instructions)
            << "\nerror: " << read(vitsim::reg_error) << " at 0x" << std::hex << read(vitsim::reg_error_address)
            << std::dec << "\n";
  const uint64_t units = read(vitsim::reg_units);
  for (uint64_t unit = 0; unit < units; unit++) {
    const uint64_t offset = vitsim::reg_unit + 8 * vitsim::unit_registers * unit;
    std::cout << "unit " << unit << ": occupied " << read(offset) << ", ended " << read(offset + 8) << ", read "
              << read(offset + 16) << ", written " << read(offset + 24) << "\n";
  }
}

// MARK: A script

void CPU::play() {
  std::ifstream file(options_.script);
  if (!file) std::cout << options_.script << " can't be opened\n";
  for (std::string line; std::getline(file, line);) play_line(line);
}

void CPU::play_line(const std::string &line) {
  std::istringstream words(line);
  std::string verb;
  if (!(words >> verb)) return;
  auto number = [&]() -> uint64_t {
    std::string word;
    words >> word;
    return word == "$image" ? image_ : std::strtoull(word.c_str(), nullptr, 0);
  };
  if (verb == "wait") {
    wait(static_cast<double>(number()) * period_);
    return;
  }
  if (verb == "interrupt") {
    if (!interrupt.read()) wait(interrupt.posedge_event());
    return;
  }
  const bool writes = verb.compare(0, 5, "write") == 0;
  const std::string bits = verb.substr(writes ? 5 : 4);
  const unsigned bytes = bits.empty() ? static_cast<unsigned>(number()) : static_cast<unsigned>(std::stoul(bits) / 8);
  const uint64_t offset = number();
  const Access access = transport(writes, offset, bytes, writes ? number() : 0);
  std::cout << line << " -> 0x" << std::hex << access.value << std::dec << " " << access.text << "\n";
  wait(period_);
}

// MARK: Accesses

CPU::Access CPU::transport(bool writes, uint64_t offset, unsigned bytes, uint64_t value) {
  uint8_t data[16] = {};
  for (unsigned i = 0; i < 8; i++) data[i] = static_cast<uint8_t>(value >> 8 * i);
  tlm::tlm_generic_payload payload;
  payload.set_command(writes ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  payload.set_address(registers_ + offset);
  payload.set_data_ptr(data);
  payload.set_data_length(std::min(bytes, 16u));
  payload.set_streaming_width(payload.get_data_length());
  payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  socket->b_transport(payload, delay);
  if (delay > sc_core::SC_ZERO_TIME) wait(delay);
  value = 0;
  for (unsigned i = 8; i-- > 0;) value = value << 8 | data[i];
  return {value, payload.get_response_status(), payload.get_response_string()};
}

uint64_t CPU::read(uint64_t offset) {
  const Access access = transport(false, offset, 8);
  if (access.status != tlm::TLM_OK_RESPONSE) SC_REPORT_ERROR("platform", access.text.c_str());
  return access.value;
}

void CPU::write(uint64_t offset, uint64_t value) {
  const Access access = transport(true, offset, 8, value);
  if (access.status != tlm::TLM_OK_RESPONSE) SC_REPORT_ERROR("platform", access.text.c_str());
}

}  // namespace platform
