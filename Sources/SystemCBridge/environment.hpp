// What all agents of a model share.
#pragma once
#include <memory>
#include <vector>

#include "calendar.hpp"
#include "events.hpp"
#include "memory.hpp"
#include "ports.hpp"
#include "program.hpp"
#include "tokens.hpp"
#include "vitsim_cosim.h"

namespace vitsim {

struct Environment {
  Environment(Program program, vitsim_level level);

  /// Another program for the same accelerator, from cycle 0 on. What refers to the old one has to be reset afterwards.
  void load(Program another);

  /// The accelerator never changes, so that references into it stay.
  Program program;
  const vitsim_level level;
  /// Bytes; none with VITSIM_TRANSACTIONS.
  std::unique_ptr<Memory> memory;
  Tokens tokens;
  Ports ports;
  EventLog events;
  Calendar calendar;
  /// The present cycle.
  int64_t now = 0;
  /// By queue: its instructions in order, how many have started and how many have ended.
  std::vector<std::vector<size_t>> queues;
  std::vector<int64_t> started, ended;

  const Accelerator &accelerator() const { return program.accelerator; }
  const Buffer &buffer(const Region &region) const { return accelerator().buffers[static_cast<size_t>(region.buffer)]; }
  const Instruction &instruction(size_t index) const { return program.instructions[index]; }
  bool has_bytes() const { return memory != nullptr; }

  /// Agents by number, for ports: each engine's streamer and loader, the vector unit, the channels.
  size_t streamer(size_t engine) const { return 2 * engine; }
  size_t loader(size_t engine) const { return 2 * engine + 1; }
  size_t vector_agent() const { return 2 * accelerator().engines.size(); }
  size_t channel_agent(size_t channel) const { return vector_agent() + 1 + channel; }

  /// The instruction's first action is now.
  void start(size_t index);
  /// The instruction's results are visible from `end` on, a later cycle: its tokens are posted then.
  void retire(size_t index, int64_t end);
  void note(Event kind, size_t index, int64_t detail = 0) { note_at(now, kind, index, detail); }
  void note_at(int64_t cycle, Event kind, size_t index, int64_t detail = 0) {
    events.note(cycle, instruction(index).queue, kind, index, detail);
  }
  /// `agent` has a port for `role` from now to `release`, exclusive.
  void hold(size_t agent, const Ports::Role &role, int64_t release);

  bool is_done() const { return ended_all_ == static_cast<int64_t>(program.instructions.size()); }

  /// Something has happened now, or will be possible for no other reason than that `cycle` has come.
  void stir(int64_t cycle) { horizon_ = std::max(horizon_, cycle); }
  bool is_stuck() const { return !is_done() && now > horizon_ + 1 && calendar.is_empty(); }
  /// The first instruction of each queue that hasn't ended.
  std::string waiting() const;

 private:
  void fill_queues();

  int64_t ended_all_ = 0, horizon_ = 0;
};

constexpr int64_t ceiling(int64_t value, int64_t by) { return (value + by - 1) / by; }

}  // namespace vitsim
