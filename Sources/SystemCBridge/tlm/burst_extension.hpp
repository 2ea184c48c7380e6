// What a burst of the accelerator says beside its generic payload. Any component may ignore it.
#pragma once
#if __has_include(<systemc>)
#include <systemc>
#include <tlm>
#include <vector>

namespace vitsim {

struct burst_extension : tlm::tlm_extension<burst_extension> {
  /// DMA channel, counted from 0: of bursts that get to a memory in the same cycle the lower one goes first (rule R1).
  unsigned channel = 0;
  /// Whether it writes; a payload without values has TLM_IGNORE_COMMAND.
  bool writes = false;
  /// Bytes of a beat; the payload has a whole number of beats.
  unsigned beat_bytes = 0;
  /// Of a read: when each beat has passed the memory's bus. A memory that knows fills it before it responds; if it is left
  /// empty, the beats are one a cycle and the last comes with the response.
  std::vector<sc_core::sc_time> beat_times;

  tlm::tlm_extension_base *clone() const override { return new burst_extension(*this); }
  void copy_from(const tlm::tlm_extension_base &other) override {
    *this = static_cast<const burst_extension &>(other);
  }
};

}  // namespace vitsim
#endif
