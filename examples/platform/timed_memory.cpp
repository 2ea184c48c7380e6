#include "timed_memory.hpp"

#include <burst_extension.hpp>
#include <algorithm>
#include <cstring>

namespace platform {

using sc_core::sc_time;
using sc_core::sc_time_stamp;

TimedMemory::TimedMemory(const sc_core::sc_module_name &name, uint64_t bytes, const Timing &timing)
    : sc_core::sc_module(name), socket("socket"), timing_(timing), bytes_(bytes, 0) {
  socket.register_b_transport(this, &TimedMemory::transport);
  socket.register_nb_transport_fw(this, &TimedMemory::forward);
  socket.register_transport_dbg(this, &TimedMemory::debug);
  SC_METHOD(serve);
  sensitive << serve_;
  dont_initialize();
  SC_METHOD(end_requests);
  sensitive << end_requests_;
  dont_initialize();
  SC_METHOD(respond);
  sensitive << respond_;
  dont_initialize();
}

// MARK: Bytes

void TimedMemory::access(Payload &payload) {
  const uint64_t address = payload.get_address(), length = payload.get_data_length();
  if (address > bytes_.size() || length > bytes_.size() - address)
    return payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  if (payload.get_streaming_width() < length) return payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  uint8_t *data = payload.get_data_ptr(), *enables = payload.get_byte_enable_ptr();
  for (uint64_t i = 0; i < length && payload.is_read(); i++) data[i] = bytes_[address + i];
  for (uint64_t i = 0; i < length && payload.is_write(); i++)
    if (!enables || enables[i % payload.get_byte_enable_length()] == TLM_BYTE_ENABLED) bytes_[address + i] = data[i];
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

unsigned TimedMemory::debug(Payload &payload) {
  const uint64_t address = payload.get_address();
  if (address >= bytes_.size()) return 0;
  const uint64_t count = std::min<uint64_t>(payload.get_data_length(), bytes_.size() - address);
  if (payload.is_read()) std::memcpy(payload.get_data_ptr(), &bytes_[address], count);
  if (payload.is_write()) std::memcpy(&bytes_[address], payload.get_data_ptr(), count);
  return static_cast<unsigned>(count);
}

// MARK: The bus

bool TimedMemory::writes(const Payload &payload) {
  const vitsim::burst_extension *burst = payload.get_extension<vitsim::burst_extension>();
  return burst ? burst->writes : payload.is_write();
}

unsigned TimedMemory::channel(const Payload &payload) {
  const vitsim::burst_extension *burst = payload.get_extension<vitsim::burst_extension>();
  return burst ? burst->channel : 0;
}

TimedMemory::Answer TimedMemory::occupy(Payload &payload, int64_t ready) {
  vitsim::burst_extension *burst = payload.get_extension<vitsim::burst_extension>();
  const unsigned beat = std::max(1u, burst ? burst->beat_bytes : payload.get_data_length());
  const int64_t beats = payload.get_data_length() / beat;
  const int64_t behind = writes(payload) ? timing_.latency : 0;
  if (timing_.bytes == 0) {
    if (burst && !burst->writes && timing_.tells_beats)
      burst->beat_times.assign(static_cast<size_t>(beats), begin(ready));
    return {ready + behind, ready + behind};
  }
  auto cycle = [this](Ticks ticks) { return static_cast<int64_t>((ticks + timing_.bytes - 1) / timing_.bytes) - 1; };
  const Ticks each = static_cast<Ticks>(beat) * timing_.cycles;
  const Ticks start = std::max(static_cast<Ticks>(ready) * timing_.bytes, free_);
  free_ = start + beats * each;
  if (writes(payload)) return {cycle(free_) + behind, cycle(free_) + behind};
  if (!timing_.tells_beats) return {cycle(free_), cycle(free_)};
  if (burst)
    for (int64_t j = 1; j <= beats; j++) burst->beat_times.push_back(begin(cycle(start + j * each)));
  return {cycle(start + each), cycle(free_)};
}

// MARK: Loosely timed

void TimedMemory::transport(Payload &payload, sc_time &delay) {
  if (timing_.waits) return await(payload, delay);
  answer(payload, delay);
}

/// At once, with the time until the response as delay.
void TimedMemory::answer(Payload &payload, sc_time &delay) {
  access(payload);
  const int64_t now = cycle(sc_time_stamp() + delay);
  const Answer answer = occupy(payload, now + (writes(payload) ? 0 : timing_.latency));
  delay = std::max(sc_time_stamp() + delay, begin(answer.last)) - sc_time_stamp();
}

void TimedMemory::await(Payload &payload, sc_time &delay) {
  Waiter waiter;
  waiters_[&payload] = &waiter;
  arrive(payload, delay);
  wait(waiter.served);
  delay = std::max(sc_time_stamp(), begin(waiter.last)) - sc_time_stamp();
}

// MARK: Approximately timed

tlm::tlm_sync_enum TimedMemory::forward(Payload &payload, tlm::tlm_phase &phase, sc_time &delay) {
  if (phase == tlm::END_RESP) {
    responding_ = nullptr;
    respond_.notify(delay);
    return tlm::TLM_COMPLETED;
  }
  if (timing_.phases == Phases::shortened || timing_.phases == Phases::early) {
    answer(payload, delay);
    phase = tlm::BEGIN_RESP;
    return timing_.phases == Phases::early ? tlm::TLM_COMPLETED : tlm::TLM_UPDATED;
  }
  payload.acquire();
  arrive(payload, delay);
  if (timing_.phases == Phases::late) {
    requested_.push_back(&payload);
    end_requests_.notify(sc_core::SC_ZERO_TIME);
    return tlm::TLM_ACCEPTED;
  }
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void TimedMemory::end_requests() {
  for (Payload *payload : requested_) {
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_bw(*payload, phase, delay);
  }
  requested_.clear();
}

void TimedMemory::arrive(Payload &payload, const sc_time &delay) {
  const int64_t ready = cycle(sc_time_stamp() + delay) + (writes(payload) ? 0 : timing_.latency);
  arriving_[{ready, channel(payload), count_++}] = &payload;
  schedule();
}

void TimedMemory::serve() {
  const int64_t now = cycle(sc_time_stamp());
  while (!arriving_.empty() && std::get<0>(arriving_.begin()->first) <= now) {
    Payload &payload = *arriving_.begin()->second;
    access(payload);
    const Answer answer = occupy(payload, std::get<0>(arriving_.begin()->first));
    arriving_.erase(arriving_.begin());
    if (auto waiter = waiters_.find(&payload); waiter != waiters_.end()) {
      waiter->second->last = answer.last;
      waiter->second->served.notify();
      waiters_.erase(waiter);
    } else {
      answered_.insert({std::max(begin(answer.first), sc_time_stamp()), &payload});
    }
  }
  respond();
  if (!arriving_.empty()) schedule();
}

/// In the middle of a cycle all that get to the bus in it are known.
void TimedMemory::schedule() {
  const sc_time middle = begin(std::get<0>(arriving_.begin()->first)) + timing_.period / 2;
  serve_.notify(std::max(middle, sc_time_stamp()) - sc_time_stamp());
}

/// One response at a time.
void TimedMemory::respond() {
  while (!responding_ && !answered_.empty()) {
    const sc_time time = answered_.begin()->first;
    if (time > sc_time_stamp()) return respond_.notify(time - sc_time_stamp());
    responding_ = answered_.begin()->second;
    answered_.erase(answered_.begin());
    Payload &payload = *responding_;
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_time delay = sc_core::SC_ZERO_TIME;
    const tlm::tlm_sync_enum result = socket->nb_transport_bw(payload, phase, delay);
    if (result != tlm::TLM_ACCEPTED) responding_ = nullptr;
    payload.release();
  }
}

}  // namespace platform
