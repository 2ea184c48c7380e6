// What the platform's command line says.
#pragma once
#include <tlm_options.hpp>
#include <cstdint>
#include <string>

#include "timed_memory.hpp"

namespace platform {

struct Options {
  /// Program image that runs, and the one that says what hardware there is (default: the same).
  std::string image, hardware;
  vitsim::tlm_options accelerator;
  /// Cycles that the accelerator may run ahead (loosely timed).
  int64_t quantum = 10000;
  /// Of the memory; negative: as the image says.
  int64_t latency = -1, bandwidth = -1;
  /// Loosely timed, the DRAM's latency lies between the channels and the socket; approximately timed, in the memory.
  bool latency_in_port = true;
  /// Where the program's DRAM begins, and bytes of all memory (0: as many as are needed).
  uint64_t base = 0, memory = 0;
  /// Cycles from one look at the status to the next; 0: the interrupt is awaited.
  int64_t poll = 0;
  int64_t runs = 1;
  /// The memory says when beats pass; its b_transport waits.
  bool tells_beats = true, memory_waits = false;
  TimedMemory::Phases phases = TimedMemory::Phases::four;
  /// Where what the tensors hold in the end goes.
  std::string dump;
  /// What the CPU does instead of a run.
  std::string script;
};

/// Throws `std::invalid_argument`.
Options parse(int count, char **arguments);

extern const char *const usage;

}  // namespace platform
