// The socket `memory` as the DRAM of all DMA channels: what both coding styles have in common.
#pragma once
#if __has_include(<systemc>)
#include <deque>
#include <string>

#include "../dma_channel.hpp"
#include "payload_pool.hpp"
#include "tlm_options.hpp"

namespace vitsim {

class MemoryPort : public DRAMPort {
 public:
  using Socket = tlm::tlm_initiator_socket<>;

  MemoryPort(const sc_core::sc_module_name &name, Environment &environment, std::vector<DMAChannel *> channels,
             Socket &socket, const tlm_options &options);

  /// Cycle 0 begins at `origin`; DRAM address 0 is `base` in the platform. What is still out is abandoned.
  void begin(const sc_core::sc_time &origin, uint64_t base);
  /// No burst that isn't out will go; what is out comes back to nobody.
  void abandon();

  /// The first response that wasn't TLM_OK_RESPONSE: its address and text.
  struct Failure {
    uint64_t address;
    std::string text;
  };
  const Failure *failure() const { return has_failed_ ? &failure_ : nullptr; }
  /// Whether it isn't known when all bursts that are out will be answered.
  bool is_waiting() const { return unknown_ > 0; }

  /// Bytes of whole beats that a channel has read or written.
  struct Traffic {
    uint64_t read = 0, written = 0;
  };
  const Traffic &traffic(size_t channel) const { return channels_[channel].traffic; }

  void act() override;
  void reset() override {}
  int64_t request_latency() const override { return options_.port_latency; }
  uint8_t read(size_t channel, int64_t address) override;
  void write(size_t channel, int64_t address, uint8_t value) override;
  void finished(size_t channel) override;

 protected:
  /// Sends a burst in the present cycle.
  virtual void send(BurstPayload &payload) = 0;
  /// Lets go of bursts that have been handed over and aren't out.
  virtual void drop_unsent() {}
  /// `payload` is answered; the response counts at `time`.
  void answer(BurstPayload &payload, const sc_core::sc_time &time);
  /// The present cycle begins at this time.
  sc_core::sc_time present() const;

  Socket &socket_;
  const tlm_options options_;

 private:
  struct Side {
    DMAChannel *channel;
    /// Bytes that are sent before their burst is requested.
    std::vector<std::pair<int64_t, uint8_t>> sent;
    /// Bursts in order; `delivered` of them have been passed on to the channel, the last beat in cycle `latest`.
    std::deque<BurstPayload *> open;
    size_t delivered = 0;
    int64_t latest = 0;
    Traffic traffic;
  };

  BurstPayload &make(Side &side, size_t index, const Burst &burst);
  void fill_writes(Side &side, BurstPayload &payload, const Burst &burst);
  void deliver(Side &side);
  void pass_on(Side &side, const BurstPayload &payload);
  int64_t cycle(const sc_core::sc_time &time) const;

  std::vector<Side> channels_;
  PayloadPool pool_;
  sc_core::sc_time origin_;
  uint64_t base_ = 0;
  size_t unknown_ = 0;
  bool has_failed_ = false;
  Failure failure_;
};

}  // namespace vitsim
#endif
