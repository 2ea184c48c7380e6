// The stages of a vector instruction, one after the other over a row at a time.
#pragma once
#include "arithmetic.hpp"

namespace vitsim::numerics {

class Chain {
 public:
  /// Of an instruction whose stages all have arithmetic.
  Chain(const VectorInstruction &instruction, const std::vector<Arithmetic> &table);

  /// INT8 results of a row of the source, none where rows only add up. `operand` as in `Stage::compute`.
  Row compute(Row row, const uint8_t *operand);

  /// What comes behind the last row.
  Row finish() { return stages_.back()->finish(); }

 private:
  std::vector<std::unique_ptr<Stage>> stages_;
};

}  // namespace vitsim::numerics
