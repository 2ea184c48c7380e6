// Approximately timed: each burst in four phases (base protocol).
#pragma once
#if __has_include(<systemc>)
#include "memory_port.hpp"

namespace vitsim {

class ApproximatePort : public MemoryPort {
 public:
  SC_HAS_PROCESS(ApproximatePort);
  ApproximatePort(const sc_core::sc_module_name &name, Environment &environment, std::vector<DMAChannel *> channels,
                  Socket &socket, const tlm_options &options);

  /// What comes back from the memory: END_REQ, BEGIN_RESP.
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase, sc_core::sc_time &delay);

 protected:
  void send(BurstPayload &payload) override;
  void drop_unsent() override;

 private:
  void request();
  void resume();
  void forward(BurstPayload &payload);

  /// Bursts that wait for the END_REQ of the one before: one request is on its way at a time.
  std::deque<BurstPayload *> queue_;
  tlm::tlm_generic_payload *requesting_ = nullptr;
  sc_core::sc_event resume_;
};

}  // namespace vitsim
#endif
