// Loosely timed: a b_transport for each burst, with the time that the accelerator is ahead of the kernel as its delay.
#pragma once
#if __has_include(<systemc>)
#include "memory_port.hpp"

namespace vitsim {

/// Each burst has a thread of its own, since a memory may wait in b_transport: then it isn't known yet when the burst is
/// answered. Only to be called from a thread.
class LoosePort : public MemoryPort {
 public:
  using MemoryPort::MemoryPort;

 protected:
  void send(BurstPayload &payload) override;

 private:
  struct Worker {
    BurstPayload *payload = nullptr;
    /// When the burst gets to the memory; no earlier than the kernel's time.
    sc_core::sc_time time;
    sc_core::sc_event start;
  };
  Worker &idle_worker();
  void work(Worker &worker);

  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace vitsim
#endif
