// Bytes of a vector instruction: rows are read, computed and written in their cycles (docs/timing.md, "What is
// computed").
#pragma once
#include "environment.hpp"
#include "numerics/chain.hpp"
#include "vector_timing.hpp"

namespace vitsim {

class VectorData {
 public:
  /// Of an instruction whose stages have arithmetic, in a model with bytes. Both have to outlive it.
  VectorData(Environment &environment, const VectorInstruction &instruction, const ChainTiming &timing);

  /// At the edge that begins `cycle`, the last pass of row `row` has been issued: of all that are packed into it.
  void compute(int64_t row, int64_t cycle);

 private:
  /// One row of the instruction.
  void compute_row(int64_t row, int64_t cycle);
  void write_later(int64_t row, numerics::Row results, int64_t cycle);
  numerics::Row source(int64_t row) const;
  /// An INT32 of the source, which a row of its region may cut.
  int32_t wide(int64_t index) const;
  const uint8_t *operand(int64_t row);

  Environment &environment_;
  const VectorInstruction &it_;
  const ChainTiming &timing_;
  numerics::Chain chain_;
  bool is_wide_, is_average_;
  int64_t computed_ = 0;
  /// LayerNorm's parameters, or the operand's row.
  std::vector<uint8_t> operand_;
};

}  // namespace vitsim
