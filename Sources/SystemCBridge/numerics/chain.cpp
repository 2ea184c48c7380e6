#include "chain.hpp"

namespace vitsim::numerics {

Chain::Chain(const VectorInstruction &instruction, const std::vector<Arithmetic> &table) {
  for (const VectorStage &stage : instruction.stages) {
    const Arithmetic &entry = table.at(static_cast<size_t>(stage.arithmetic));
    stages_.push_back(make_stage(entry, instruction.columns, stage.first_column));
  }
}

Row Chain::compute(Row row, const uint8_t *operand) {
  for (const auto &stage : stages_) stage->compute(row, operand);
  return row;
}

}  // namespace vitsim::numerics
