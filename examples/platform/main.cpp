// A virtual platform with the accelerator: CPU, bus, memory (docs/cosimulation.md, "TLM-2.0").
//
//   CPU ──► bus ──► memory
//            ▲ └──► accelerator.control
//            └───── accelerator.memory        accelerator.interrupt ──► CPU
#include <image_file.hpp>
#include <tlm_accelerator.hpp>
#include <tlm_utils/tlm_quantumkeeper.h>

#include <fstream>
#include <iostream>
#include <numeric>

#include "bus.hpp"
#include "cpu.hpp"
#include "timed_memory.hpp"

using namespace platform;

namespace {

constexpr uint64_t registers = uint64_t{1} << 48, page = 4096;

uint64_t aligned(uint64_t address) { return (address + page - 1) / page * page; }

/// End of the program's tensors.
uint64_t tensors_end(const vitsim::Program &program) {
  int64_t end = 0;
  for (const vitsim::Tensor &tensor : program.tensors) end = std::max(end, tensor.address + tensor.bytes);
  return static_cast<uint64_t>(end);
}

/// Puts the DRAM's latency where the options want it.
void place_latency(Options &options, const vitsim::DRAM &dram, TimedMemory::Timing &timing) {
  const int64_t latency = options.latency < 0 ? dram.latency : options.latency;
  (options.latency_in_port ? options.accelerator.port_latency : timing.latency) = latency;
}

void set_bandwidth(const Options &options, const vitsim::Accelerator &accelerator, TimedMemory::Timing &timing) {
  const int64_t bandwidth = options.bandwidth < 0 ? accelerator.dram.bandwidth : options.bandwidth;
  if (bandwidth == 0) return;
  const int64_t divisor = std::gcd(bandwidth, accelerator.clock);
  timing.bytes = bandwidth / divisor;
  timing.cycles = accelerator.clock / divisor;
}

void dump(tlm::tlm_fw_transport_if<> &memory, const vitsim::Program &program, const Options &options) {
  std::ofstream file(options.dump, std::ios::binary);
  for (const vitsim::Tensor &tensor : program.tensors) {
    std::vector<uint8_t> bytes(static_cast<size_t>(tensor.bytes));
    vitsim::transport_bytes(memory, tlm::TLM_READ_COMMAND, options.base + static_cast<uint64_t>(tensor.address),
                            bytes.data(), bytes.size());
    file.write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  if (!file.flush()) throw std::runtime_error(options.dump + " can't be written");
}

int simulate(Options options) {
  const vitsim::Program hardware = vitsim::read_program(options.hardware);
  std::vector<uint8_t> image = vitsim::read_image(options.image);
  // A damaged image isn't refused here: the accelerator says so itself. It has no tensors then.
  vitsim::Program program;
  try {
    program = vitsim::decode(image.data(), image.size());
  } catch (const vitsim::ProgramError &) {
  }
  TimedMemory::Timing timing;
  place_latency(options, hardware.accelerator.dram, timing);
  set_bandwidth(options, hardware.accelerator, timing);
  timing.tells_beats = options.tells_beats;
  timing.waits = options.memory_waits;
  timing.phases = options.phases;

  vitsim::tlm_accelerator accelerator("accelerator", hardware, options.accelerator);
  timing.period = accelerator.clock_period();
  const uint64_t place = aligned(options.base + tensors_end(program));
  const uint64_t bytes = options.memory > 0 ? options.memory : aligned(place + image.size());
  TimedMemory memory("memory", bytes, timing);
  CPU cpu("cpu", options, registers, place, accelerator.clock_period());
  Bus bus("bus", 2, {{0, bytes}, {registers, 1 << 16}});
  sc_core::sc_signal<bool> interrupt("interrupt");
  cpu.socket.bind(bus.initiator(0));
  accelerator.memory.bind(bus.initiator(1));
  bus.target(0).bind(memory.socket);
  bus.target(1).bind(accelerator.control);
  accelerator.interrupt(interrupt);
  cpu.interrupt(interrupt);
  tlm::tlm_global_quantum::instance().set(static_cast<double>(options.quantum) * accelerator.clock_period());

  // As a loader does, which has debug transport before time begins.
  tlm::tlm_fw_transport_if<> &loader = memory.socket.get_base_interface();
  try {
    vitsim::load_tensors(loader, program, options.base);
    vitsim::transport_bytes(loader, tlm::TLM_WRITE_COMMAND, place, image.data(), image.size());
  } catch (const vitsim::FetchError &error) {
    // Where --memory leaves out a part.
    std::cout << "loader: " << error.what() << "\n";
  }
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  sc_core::sc_start();
  if (!accelerator.error_text().empty()) std::cout << "accelerator: " << accelerator.error_text() << "\n";
  if (!options.dump.empty()) dump(loader, program, options);
  return cpu.is_done() ? 0 : 1;
}

}  // namespace

int sc_main(int count, char **arguments) {
  try {
    return simulate(parse(count, arguments));
  } catch (const std::invalid_argument &error) {
    std::cerr << error.what() << "\n" << usage;
  } catch (const std::exception &error) {
    std::cerr << "platform: " << error.what() << "\n";
  }
  return 2;
}
