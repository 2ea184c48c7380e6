#if __has_include(<systemc>)
#include "approximate_port.hpp"

namespace vitsim {

using sc_core::SC_ZERO_TIME;
using sc_core::sc_time;

ApproximatePort::ApproximatePort(const sc_core::sc_module_name &name, Environment &environment,
                                 std::vector<DMAChannel *> channels, Socket &socket, const tlm_options &options)
    : MemoryPort(name, environment, std::move(channels), socket, options) {
  SC_METHOD(resume);
  sensitive << resume_;
  dont_initialize();
}

void ApproximatePort::send(BurstPayload &payload) {
  queue_.push_back(&payload);
  request();
}

void ApproximatePort::drop_unsent() {
  for (BurstPayload *payload : queue_) payload->is_known = true;
  queue_.clear();
}

void ApproximatePort::request() {
  while (!requesting_ && !queue_.empty()) {
    BurstPayload &payload = *queue_.front();
    queue_.pop_front();
    forward(payload);
  }
}

/// The request on its way has ended.
void ApproximatePort::resume() {
  requesting_ = nullptr;
  request();
}

void ApproximatePort::forward(BurstPayload &payload) {
  requesting_ = &payload;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_time delay = SC_ZERO_TIME;
  const tlm::tlm_sync_enum result = socket_->nb_transport_fw(payload, phase, delay);
  if (result == tlm::TLM_ACCEPTED) return;
  const sc_time time = sc_core::sc_time_stamp() + delay;
  if (result == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
    if (delay == SC_ZERO_TIME) {
      requesting_ = nullptr;
    } else {
      resume_.notify(delay);
    }
    return;
  }
  // A response ends the request too.
  requesting_ = nullptr;
  if (result == tlm::TLM_UPDATED) {
    phase = tlm::END_RESP;
    socket_->nb_transport_fw(payload, phase, delay);
  }
  answer(payload, time);
}

tlm::tlm_sync_enum ApproximatePort::backward(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                             sc_time &delay) {
  if (requesting_ == &payload) resume_.notify(delay);
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  answer(static_cast<BurstPayload &>(payload), sc_core::sc_time_stamp() + delay);
  phase = tlm::END_RESP;
  return tlm::TLM_UPDATED;
}

}  // namespace vitsim
#endif
