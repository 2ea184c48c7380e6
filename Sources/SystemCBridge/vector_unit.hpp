// The vector unit (rules V1 to V7): starts instructions, one after the other, and ends them.
//
//   tokens, ports ──► VectorUnit ──► VectorLanes ──► square root ──► divider
//                                        ▲  └──────────────────────────► │
//                                        └───────────────────────────────┘
#pragma once
#include <memory>
#include <optional>

#include "agent.hpp"
#include "vector_data.hpp"
#include "vector_lanes.hpp"

namespace vitsim {

class VectorUnit : public Agent {
 public:
  VectorUnit(const sc_core::sc_module_name &name, Environment &environment);

  void act() override;
  void reset() override;
  void add_groups(RegisterFile &file) override;

 private:
  /// Takes the next instruction if it may start now (V1).
  bool start();
  /// A chain that works element by element: all is known when the first group is there (V3).
  void begin_elementwise();
  /// At the edge that begins `cycle` row `row` has been issued for the last time; the next follows.
  void issued(int64_t row, int64_t cycle);
  /// One cycle of a row-wise chain (V4, V5).
  void advance_rows();
  /// The last pass has been issued by `cycle`: the end follows (V3, V6).
  void finish(int64_t cycle);
  bool ended() const;
  /// The register group `vector.control`.
  void read_control(int32_t *registers) const;

  const size_t queue_, agent_;
  VectorLanes lanes_;
  SerialUnit square_root_, divider_;

  /// The instruction started last.
  size_t index_ = 0;
  std::vector<Ports::Role> roles_;
  std::optional<ChainTiming> timing_;
  std::unique_ptr<VectorData> data_;
  /// When the first group comes out of the source's buffer.
  int64_t first_ = 0;
  /// Passes are still to begin.
  bool is_issuing_ = false;
};

}  // namespace vitsim
