// What a platform's author chooses.
#pragma once
#if __has_include(<systemc>)
#include <systemc>

#include "vitsim_cosim.h"

namespace vitsim {

enum class tlm_style {
  /// b_transport with an annotated delay; runs ahead of the kernel's time by up to the global quantum.
  loosely_timed,
  /// nb_transport in four phases; every cycle at its time.
  approximately_timed,
};

/// What bursts carry at level `VITSIM_TRANSACTIONS`, which has no values.
enum class tlm_traffic {
  /// Reads whose bytes nobody uses, and writes of zeros: tensors that are stored are lost.
  dummy,
  /// TLM_IGNORE_COMMAND: `burst_extension` says whether it stands for a read or a write.
  ignore,
};

struct tlm_options {
  tlm_style style = tlm_style::loosely_timed;
  /// `VITSIM_REGISTERS` computes values in the platform's memory, PE by PE.
  vitsim_level level = VITSIM_REGISTERS;
  tlm_traffic traffic = tlm_traffic::ignore;
  /// Of the accelerator's clock; zero: that of its description, rounded to picoseconds.
  sc_core::sc_time clock_period;
  /// Cycles that lie between a DMA channel and the socket: the request of a read comes so much later, and the
  /// acknowledgement of a write counts so much later. A memory's own latency comes on top.
  int64_t port_latency = 0;
};

}  // namespace vitsim
#endif
