#if __has_include(<systemc>)
#include "memory_port.hpp"

namespace vitsim {

using sc_core::sc_time;

MemoryPort::MemoryPort(const sc_core::sc_module_name &name, Environment &environment,
                       std::vector<DMAChannel *> channels, Socket &socket, const tlm_options &options)
    : DRAMPort(name, environment), socket_(socket), options_(options) {
  for (DMAChannel *channel : channels) {
    channels_.emplace_back();
    channels_.back().channel = channel;
  }
}

void MemoryPort::begin(const sc_time &origin, uint64_t base) {
  abandon();
  origin_ = origin;
  base_ = base;
  has_failed_ = false;
  for (Side &side : channels_) {
    side.sent.clear();
    side.latest = 0;
    side.traffic = Traffic();
  }
}

void MemoryPort::abandon() {
  drop_unsent();
  for (Side &side : channels_) {
    for (BurstPayload *payload : side.open) {
      payload->is_abandoned = true;
      // What is out is let go of when its answer comes.
      if (payload->is_known) payload->release();
    }
    side.open.clear();
    side.delivered = 0;
  }
  unknown_ = 0;
}

sc_time MemoryPort::present() const {
  return origin_ + sc_time::from_value(static_cast<uint64_t>(environment.now) * options_.clock_period.value());
}

/// The cycle that `time` lies in.
int64_t MemoryPort::cycle(const sc_time &time) const {
  if (time < origin_) return 0;
  return static_cast<int64_t>((time - origin_).value() / options_.clock_period.value());
}

// MARK: Requests

void MemoryPort::act() {
  DMAChannel::Request request;
  for (size_t index = 0; index < channels_.size(); index++)
    while (channels_[index].channel->take_request(request)) send(make(channels_[index], index, request.burst));
}

BurstPayload &MemoryPort::make(Side &side, size_t index, const Burst &burst) {
  BurstPayload &payload = pool_.take();
  const unsigned beat = static_cast<unsigned>(side.channel->beat_bytes());
  const size_t bytes = static_cast<size_t>(burst.beats) * beat;
  const bool has_values = environment.has_bytes();
  payload.block = burst.block;
  payload.beats = burst.beats;
  payload.data.assign(bytes, 0);
  payload.extension.channel = static_cast<unsigned>(index);
  payload.extension.writes = !burst.is_load;
  payload.extension.beat_bytes = beat;
  payload.set_command(!has_values && options_.traffic == tlm_traffic::ignore ? tlm::TLM_IGNORE_COMMAND
                      : burst.is_load                                       ? tlm::TLM_READ_COMMAND
                                                                            : tlm::TLM_WRITE_COMMAND);
  payload.set_address(base_ + static_cast<uint64_t>(burst.block));
  payload.set_data_ptr(payload.data.data());
  payload.set_data_length(static_cast<unsigned>(bytes));
  payload.set_streaming_width(static_cast<unsigned>(bytes));
  payload.set_byte_enable_ptr(nullptr);
  payload.set_byte_enable_length(0);
  payload.set_dmi_allowed(false);
  payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  if (!burst.is_load) fill_writes(side, payload, burst);
  (burst.is_load ? side.traffic.read : side.traffic.written) += bytes;
  side.open.push_back(&payload);
  unknown_++;
  return payload;
}

/// Whole beats go, but only the bytes that the transfer has are written.
void MemoryPort::fill_writes(Side &side, BurstPayload &payload, const Burst &burst) {
  for (const auto &[address, value] : side.sent) payload.data[static_cast<size_t>(address - burst.block)] = value;
  side.sent.clear();
  const int64_t end = burst.block + static_cast<int64_t>(payload.data.size());
  if (burst.start == burst.block && burst.end == end) return;
  payload.enables.assign(payload.data.size(), TLM_BYTE_DISABLED);
  std::fill(payload.enables.begin() + (burst.start - burst.block), payload.enables.begin() + (burst.end - burst.block),
            TLM_BYTE_ENABLED);
  payload.set_byte_enable_ptr(payload.enables.data());
  payload.set_byte_enable_length(static_cast<unsigned>(payload.enables.size()));
}

// MARK: Responses

void MemoryPort::answer(BurstPayload &payload, const sc_time &time) {
  if (payload.is_abandoned) {
    payload.release();
    return;
  }
  payload.is_known = true;
  payload.response = time;
  unknown_--;
  if (payload.is_response_error() && !has_failed_) {
    has_failed_ = true;
    failure_ = {base_ + static_cast<uint64_t>(payload.block), payload.get_response_string()};
  }
  deliver(channels_[payload.extension.channel]);
}

/// A channel sees its bursts in order, in whatever order they were answered.
void MemoryPort::deliver(Side &side) {
  for (; side.delivered < side.open.size() && side.open[side.delivered]->is_known; side.delivered++)
    pass_on(side, *side.open[side.delivered]);
}

void MemoryPort::pass_on(Side &side, const BurstPayload &payload) {
  const std::vector<sc_time> &times = payload.extension.beat_times;
  const int64_t response = cycle(payload.response);
  // What is only known now counts from this cycle on.
  side.latest = std::max(side.latest, cycle(sc_core::sc_time_stamp()));
  auto in_order = [&side](int64_t cycle) { return side.latest = std::max(side.latest, cycle); };
  if (payload.extension.writes) {
    side.channel->acknowledge(in_order(response + options_.port_latency));
    return;
  }
  const bool has_times = times.size() == static_cast<size_t>(payload.beats);
  for (int64_t beat = 0; beat < payload.beats; beat++)
    side.channel->arrive(
        in_order(has_times ? cycle(times[static_cast<size_t>(beat)]) : response - (payload.beats - 1 - beat)));
}

// MARK: Bytes

uint8_t MemoryPort::read(size_t channel, int64_t address) {
  const BurstPayload &payload = *channels_[channel].open.front();
  return payload.data[static_cast<size_t>(address - payload.block)];
}

void MemoryPort::write(size_t channel, int64_t address, uint8_t value) {
  channels_[channel].sent.push_back({address, value});
}

void MemoryPort::finished(size_t channel) {
  Side &side = channels_[channel];
  side.open.front()->release();
  side.open.pop_front();
  side.delivered--;
}

}  // namespace vitsim
#endif
