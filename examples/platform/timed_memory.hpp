// A memory behind a bus of its own, with the timing of rules R1 to R4 (docs/timing.md).
#pragma once
#include <map>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>
#include <tuple>
#include <vector>

namespace platform {

class TimedMemory : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(TimedMemory);

  /// What nb_transport_fw returns to BEGIN_REQ.
  enum class Phases {
    /// END_REQ.
    four,
    /// Nothing; END_REQ follows.
    late,
    /// BEGIN_RESP with its delay, in the order of the calls.
    shortened,
    /// TLM_COMPLETED with its delay, in the order of the calls.
    early,
  };

  struct Timing {
    /// Of the clock in which the rules count.
    sc_core::sc_time period;
    /// Cycles from a read's request to the bus, and from the bus to a write's acknowledgement.
    int64_t latency = 0;
    /// Bytes that the bus moves in `cycles` cycles; 0: as many as one likes.
    int64_t bytes = 0, cycles = 1;
    /// It says when each beat of a burst passes.
    bool tells_beats = true;
    /// b_transport waits until the payload is served, in the order of rule R1, instead of annotating a delay.
    bool waits = false;
    Phases phases = Phases::four;
  };

  tlm_utils::simple_target_socket<TimedMemory> socket;

  TimedMemory(const sc_core::sc_module_name &name, uint64_t bytes, const Timing &timing);

 private:
  using Payload = tlm::tlm_generic_payload;
  using Ticks = __int128;

  // Loosely timed: served in the order of the calls, unless it waits.
  void transport(Payload &payload, sc_core::sc_time &delay);
  void answer(Payload &payload, sc_core::sc_time &delay);
  void await(Payload &payload, sc_core::sc_time &delay);
  unsigned debug(Payload &payload);

  // Approximately timed: served in the order of rule R1.
  tlm::tlm_sync_enum forward(Payload &payload, tlm::tlm_phase &phase, sc_core::sc_time &delay);
  void arrive(Payload &payload, const sc_core::sc_time &delay);
  void schedule();
  void serve();
  void end_requests();
  void respond();

  static bool writes(const Payload &payload);
  static unsigned channel(const Payload &payload);
  /// The cycle that `time` lies in, and when a cycle begins.
  int64_t cycle(const sc_core::sc_time &time) const {
    return static_cast<int64_t>(time.value() / timing_.period.value());
  }
  sc_core::sc_time begin(int64_t cycle) const {
    return sc_core::sc_time::from_value(static_cast<uint64_t>(cycle) * timing_.period.value());
  }
  void access(Payload &payload);
  /// Takes the bus for a payload that gets there in cycle `ready`: fills its beats' times.
  struct Answer {
    /// Cycles of the first beat, and of the response: last beat or acknowledgement.
    int64_t first, last;
  };
  Answer occupy(Payload &payload, int64_t ready);

  const Timing timing_;
  std::vector<uint8_t> bytes_;
  /// When the bus is free, in ticks of 1/`bytes` cycle.
  Ticks free_ = 0;
  /// Payloads on their way to the bus: by cycle, channel and order of arrival.
  std::map<std::tuple<int64_t, unsigned, uint64_t>, Payload *> arriving_;
  /// Payloads whose b_transport waits.
  struct Waiter {
    sc_core::sc_event served;
    int64_t last = 0;
  };
  std::map<Payload *, Waiter *> waiters_;
  /// Payloads by when their response begins.
  std::multimap<sc_core::sc_time, Payload *> answered_;
  /// Whose response hasn't ended.
  Payload *responding_ = nullptr;
  uint64_t count_ = 0;
  /// Requests that haven't ended.
  std::vector<Payload *> requested_;
  sc_core::sc_event serve_, respond_, end_requests_;
};

}  // namespace platform
