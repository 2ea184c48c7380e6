// The DRAM behind all channels and its bus (rules R1 to R4).
#pragma once
#include <deque>

#include "dma_channel.hpp"

namespace vitsim {

class DRAMBus : public DRAMPort {
 public:
  DRAMBus(const sc_core::sc_module_name &name, Environment &environment, std::vector<DMAChannel *> channels);

  int64_t request_latency() const override { return environment.accelerator().dram.latency; }
  uint8_t read(size_t, int64_t address) override { return environment.memory->read_dram(address); }
  void write(size_t, int64_t address, uint8_t value) override { environment.memory->write_dram(address, value); }

  void act() override;
  void reset() override;
  void add_groups(RegisterFile &file) override;

 private:
  /// A time in ticks of 1/B cycle, B being the bytes that the bus moves in F cycles.
  using Ticks = __int128;

  void serve(DMAChannel &channel, const DMAChannel::Request &request);
  /// The cycle that a tick ends in: ⌈ticks/B⌉ − 1.
  int64_t cycle(Ticks ticks) const { return static_cast<int64_t>((ticks + bytes_ - 1) / bytes_) - 1; }

  std::vector<DMAChannel *> channels_;
  /// B and F; 0 and 1 for an ideal DRAM.
  int64_t bytes_ = 0, cycles_ = 1;
  Ticks free_ = 0;
  /// Of the bursts that hold the bus or wait for it: the cycle in which they leave it.
  std::deque<int64_t> leaving_;
};

}  // namespace vitsim
