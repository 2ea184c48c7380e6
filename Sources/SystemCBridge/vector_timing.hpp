// What a vector instruction takes of the unit's time (rules V2 to V7).
#pragma once
#include "environment.hpp"

namespace vitsim {

/// Cycles of one instruction's chain, all known when it starts.
struct ChainTiming {
  ChainTiming(const Environment &environment, const VectorInstruction &instruction);

  /// u: rows that go side by side and count as one (V7).
  int64_t packed;
  /// Rows behind packing.
  int64_t rows;
  /// P, and Λ of the whole chain.
  int64_t passes, latency = 0;
  /// G·I and G·I_P: cycles of a pass over a row, and of the last.
  int64_t pass, last_pass;
  int64_t source_latency, destination_latency;
  /// Serial units that a row takes, and for how long.
  bool is_row_wise = false, takes_square_root = false;
  int64_t square_root, divider;

  int64_t cycles_of(int64_t pass_index) const { return pass_index == passes - 1 ? last_pass : pass; }
  /// From the end of the last pass' issue to the end.
  int64_t tail() const { return latency + destination_latency; }
};

/// Ports: a role each for source, operand and destination (B2).
std::vector<Ports::Role> roles_of(const Environment &environment, const VectorInstruction &instruction);

}  // namespace vitsim
