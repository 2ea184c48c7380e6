// What DMA channels see of the DRAM: our own bus (rules R1 to R4), or the memory of somebody's platform.
#pragma once
#include "agent.hpp"
#include "burst.hpp"

namespace vitsim {

/// Acts last in a cycle: it takes the bursts that get there, in the order of the channels.
class DRAMPort : public Agent {
 public:
  using Agent::Agent;

  /// Cycles that the request of a read takes to get there (rule D3).
  virtual int64_t request_latency() const = 0;
  /// A byte of the beat that `channel` moves into the buffer: it has passed the bus.
  virtual uint8_t read(size_t channel, int64_t address) = 0;
  /// A byte of the beat that `channel` sends, of the burst that it requests when all beats are sent.
  virtual void write(size_t channel, int64_t address, uint8_t value) = 0;
  /// The oldest burst of `channel` is in the buffer, or its acknowledgement has been seen.
  virtual void finished(size_t) {}
};

}  // namespace vitsim
