#if __has_include(<systemc>)
#include "dma_channel.hpp"

namespace vitsim {

DMAChannel::DMAChannel(const sc_core::sc_module_name &name, Environment &environment, size_t channel)
    : Agent(name, environment),
      channel_(channel),
      spec_(environment.accelerator().channels[channel]),
      queue_(environment.queues[environment.accelerator().vector_queue() + 1 + channel]),
      cutter_(spec_),
      assembler_(spec_.beat_bytes) {}

// MARK: Issue

void DMAChannel::act() {
  if (next_ < queue_.size()) {
    if (environment.now < spec_.dispatch) {
      environment.stir(spec_.dispatch);
    } else if (has_room()) {
      start();
    }
  }
  if (issued_ < next_ && to_send_ == 0 && places_ < spec_.outstanding) {
    if (environment.now >= issue_from()) {
      issue();
    } else {
      environment.stir(issue_from());
    }
  }
}

/// When the next burst may be requested, or its first beat sent: a row that is sent has been gathered word by word
/// (rule D7).
int64_t DMAChannel::issue_from() const {
  if (!spec_.assembly || is_load(issued_) || !cutter_.is_at_row()) return ready_.front();
  const Transfer &it = transfer(issued_).transfer;
  int64_t words = ceiling(it.dram.row_bytes, environment.buffer(it.region).word_bytes);
  return std::max(ready_.front(), sent_until_) + words - 1;
}

/// Cycles of a beat at the buffer's port.
int64_t DMAChannel::beat_interval(const Burst &burst) const {
  if (spec_.assembly) return 1;
  const Buffer &buffer = environment.buffer(transfer(burst.transfer).transfer.region);
  return std::max<int64_t>(1, ceiling(spec_.beat_bytes, buffer.word_bytes));
}

/// Whether one more transfer may be under way (rule D2).
bool DMAChannel::has_room() const {
  size_t most = static_cast<size_t>(spec_.transfers_in_flight);
  if (most == 0) return issued_ == next_;
  if (next_ < most) return true;
  size_t oldest = next_ - most;
  return oldest < (is_load(oldest) ? static_cast<size_t>(environment.ended[transfer(oldest).queue]) : issued_);
}

void DMAChannel::start() {
  const Instruction &it = transfer(next_);
  size_t ended = static_cast<size_t>(environment.ended[it.queue]);
  if (next_ > 0 && ended < next_ && is_load(next_) != is_load(next_ - 1)) return;
  std::vector<Tokens::Demand> demands = environment.tokens.demands(it, [](Slot) { return true; });
  if (!environment.tokens.are_there(demands)) return;
  size_t agent = environment.channel_agent(channel_);
  Ports::Role role = environment.ports.role(it.transfer.region, Ports::Kind::operand);
  if (!environment.ports.are_free(agent, {role})) return;
  environment.tokens.take(demands);
  environment.ports.claim(agent, role);
  environment.start(queue_[next_]);
  ready_.push_back(environment.now + spec_.setup +
                   (is_load(next_) ? 0 : environment.buffer(it.transfer.region).latency));
  next_++;
}

/// Requests the next burst (read), or begins to send it (write).
void DMAChannel::issue() {
  Burst burst = cutter_.next(transfer(issued_).transfer.dram);
  burst.transfer = issued_;
  burst.is_load = is_load(issued_);
  environment.note(Event::request, queue_[issued_], burst.number);
  places_++;
  bursts_.push_back(burst);
  if (!burst.is_load) {
    to_send_ = burst.beats;
    return;
  }
  requests_.push_back({environment.now + dram->request_latency(), burst});
  if (!burst.is_last) return;
  issued_++;
  ready_.pop_front();
  cutter_.begin();
}

bool DMAChannel::take_request(Request &request) {
  if (requests_.empty() || requests_.front().cycle > environment.now) return false;
  request = requests_.front();
  requests_.pop_front();
  return true;
}

// MARK: Beats

void DMAChannel::commit() {
  // The last word of a burst of which all beats had been taken before is the last thing that its transfer lacked.
  if (spec_.assembly && assembler_.write(environment.now) && assembler_.is_taken()) complete(assembler_.burst());
  if (read_beat()) finish(bursts_.front());
  if (write_beat()) {
    const Burst &burst = bursts_.back();
    requests_.push_back({environment.now + 1, burst});
    if (burst.is_last) {
      issued_++;
      ready_.pop_front();
      cutter_.begin();
    }
  }
  while (!acknowledgements_.empty() && acknowledgements_.front() <= environment.now) {
    acknowledgements_.pop_front();
    finish(bursts_.front());
  }
  if (!bursts_.empty() || !assembler_.is_written()) environment.stir(environment.now + 1);
}

/// Moves a beat that has passed the bus into the buffer (rules D4, D6). Whether it was the last of its burst.
bool DMAChannel::read_beat() {
  if (bursts_.empty() || !bursts_.front().is_load) return false;
  Burst &burst = bursts_.front();
  if (beat_left_ == 0) {
    if (arrivals_.empty() || arrivals_.front() > environment.now) return false;
    if (spec_.assembly) {
      if (!assembler_.may_take(burst, environment.now)) return false;
      assembler_.take(burst, environment.buffer(transfer(burst.transfer).transfer.region).word_bytes, environment.now);
    }
    arrivals_.pop_front();
    beat_left_ = beat_interval(burst);
  }
  if (--beat_left_ > 0) return false;
  move(burst, burst.beats - burst.left);
  return --burst.left == 0;
}

/// Takes a beat out of the buffer and sends it (rules D5, D8). Whether it was the last of its burst.
bool DMAChannel::write_beat() {
  if (to_send_ == 0) return false;
  const Burst &burst = bursts_.back();
  if (beat_left_ == 0) {
    if (spec_.beat_credit && to_send_ < burst.beats && places_ >= spec_.outstanding) return false;
    beat_left_ = beat_interval(burst);
  }
  if (--beat_left_ > 0) return false;
  move(burst, burst.beats - to_send_);
  sent_until_ = environment.now + 1;
  return --to_send_ == 0;
}

/// The bytes of one beat that the transfer wants.
void DMAChannel::move(const Burst &burst, int64_t beat) {
  if (!environment.has_bytes()) return;
  const Region &region = transfer(burst.transfer).transfer.region;
  int64_t first = std::max(burst.start, burst.block + beat * spec_.beat_bytes);
  int64_t end = std::min(burst.end, burst.block + (beat + 1) * spec_.beat_bytes);
  Memory &memory = *environment.memory;
  for (int64_t address = first; address < end; address++) {
    int64_t index = burst.offset + address - burst.start;
    if (burst.is_load) {
      writes_.push_back({&region, index, dram->read(channel_, address)});
    } else {
      dram->write(channel_, address, memory.byte(region, index));
    }
  }
}

void DMAChannel::settle() {
  for (const Write &write : writes_) environment.memory->byte(*write.region, write.index) = write.byte;
  writes_.clear();
}

/// The oldest burst is in the buffer (read) or acknowledged (write).
void DMAChannel::finish(const Burst &burst) {
  environment.note(Event::burst, queue_[burst.transfer], burst.number);
  environment.calendar.at(environment.now + spec_.slot_return, [this] { places_--; });
  // Words of an assembled burst may be missing; the last of them completes it.
  if (!burst.is_load || !spec_.assembly || assembler_.is_written()) complete(burst);
  dram->finished(channel_);
  bursts_.pop_front();
}

/// The last beat, word or acknowledgement of a burst is there.
void DMAChannel::complete(const Burst &burst) {
  if (!burst.is_last) return;
  const Region &region = transfer(burst.transfer).transfer.region;
  int64_t latency = burst.is_load ? environment.buffer(region).load_latency : 0;
  last_end_ = std::max(last_end_, environment.now + spec_.completion + latency);
  environment.retire(queue_[burst.transfer], last_end_);
  Ports::Role role = environment.ports.role(region, Ports::Kind::operand);
  environment.calendar.at(last_end_, [this, role] {
    environment.ports.release(environment.channel_agent(channel_), role);
  });
}

void DMAChannel::reset() {
  next_ = issued_ = 0;
  last_end_ = places_ = beat_left_ = to_send_ = sent_until_ = 0;
  ready_.clear();
  bursts_.clear();
  requests_.clear();
  arrivals_.clear();
  acknowledgements_.clear();
  writes_.clear();
  cutter_.begin();
  assembler_.reset();
}

// MARK: Registers

void DMAChannel::add_groups(RegisterFile &file) {
  file.add({"dma." + spec_.name + ".control", {5}, [this](int32_t *registers) { read_control(registers); }, nullptr});
}

void DMAChannel::read_control(int32_t *registers) const {
  // The last cycle run.
  int64_t now = environment.now - 1;
  registers[0] = static_cast<int32_t>(next_);
  registers[1] = static_cast<int32_t>(issued_);
  registers[2] = static_cast<int32_t>(environment.ended[environment.accelerator().vector_queue() + 1 + channel_]);
  registers[3] = static_cast<int32_t>(places_);
  registers[4] = static_cast<int32_t>(
      std::upper_bound(arrivals_.begin(), arrivals_.end(), now) - arrivals_.begin());
}

}  // namespace vitsim
#endif
