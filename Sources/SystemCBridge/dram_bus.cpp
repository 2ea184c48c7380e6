#if __has_include(<systemc>)
#include "dram_bus.hpp"

#include <numeric>

namespace vitsim {

DRAMBus::DRAMBus(const sc_core::sc_module_name &name, Environment &environment, std::vector<DMAChannel *> channels)
    : DRAMPort(name, environment), channels_(std::move(channels)) {
  const DRAM &spec = environment.accelerator().dram;
  if (spec.is_ideal) return;
  int64_t divisor = std::gcd(spec.bandwidth, environment.accelerator().clock);
  bytes_ = spec.bandwidth / divisor;
  cycles_ = environment.accelerator().clock / divisor;
}

void DRAMBus::act() {
  DMAChannel::Request request;
  for (DMAChannel *channel : channels_)
    while (channel->take_request(request)) serve(*channel, request);
  while (!leaving_.empty() && leaving_.front() <= environment.now) leaving_.pop_front();
}

void DRAMBus::reset() {
  free_ = 0;
  leaving_.clear();
}

void DRAMBus::serve(DMAChannel &channel, const DMAChannel::Request &request) {
  int64_t latency = environment.accelerator().dram.latency, beats = request.burst.beats;
  bool is_load = request.burst.is_load;
  if (bytes_ == 0) {
    for (int64_t beat = 0; is_load && beat < beats; beat++) channel.arrive(environment.now);
    if (!is_load) channel.acknowledge(environment.now + latency);
    return;
  }
  Ticks beat = static_cast<Ticks>(channel.beat_bytes()) * cycles_;
  Ticks start = std::max(static_cast<Ticks>(environment.now) * bytes_, free_);
  free_ = start + beats * beat;
  leaving_.push_back(cycle(free_));
  if (!is_load) {
    channel.acknowledge(cycle(free_) + latency);
    return;
  }
  for (int64_t j = 1; j <= beats; j++) channel.arrive(cycle(start + j * beat));
}

void DRAMBus::add_groups(RegisterFile &file) {
  file.add({"dram.control", {1},
            [this](int32_t *registers) { *registers = static_cast<int32_t>(leaving_.size()); }, nullptr});
}

}  // namespace vitsim
#endif
