#if __has_include(<systemc>)
#include "vector_data.hpp"

#include <algorithm>

namespace vitsim {

VectorData::VectorData(Environment &environment, const VectorInstruction &instruction, const ChainTiming &timing)
    : environment_(environment),
      it_(instruction),
      timing_(timing),
      chain_(instruction, environment.program.arithmetic),
      is_wide_(instruction.source.bytes() == 4 * instruction.rows * instruction.columns),
      is_average_(instruction.stages.back().operation == VectorOperation::average) {}

void VectorData::compute(int64_t row, int64_t cycle) {
  const int64_t first = row * timing_.packed, end = std::min(first + timing_.packed, it_.rows);
  for (int64_t one = first; one < end; one++) compute_row(one, cycle);
}

void VectorData::compute_row(int64_t row, int64_t cycle) {
  numerics::Row results = chain_.compute(source(row), operand(row));
  computed_++;
  if (!is_average_) {
    write_later(row, std::move(results), cycle);
  } else if (computed_ == it_.rows) {
    write_later(0, chain_.finish(), cycle);
  }
}

void VectorData::write_later(int64_t row, numerics::Row results, int64_t cycle) {
  const auto write = [this, row, results = std::move(results)] {
    const int64_t first = row * static_cast<int64_t>(results.size());
    for (size_t i = 0; i < results.size(); i++) {
      environment_.memory->byte(it_.destination, first + static_cast<int64_t>(i)) = static_cast<uint8_t>(results[i]);
    }
  };
  if (timing_.tail() == 0) {
    write();
  } else {
    environment_.calendar.at(cycle + timing_.tail(), write);
  }
}

int32_t VectorData::wide(int64_t index) const {
  uint32_t value = 0;
  for (int64_t i = 3; i >= 0; i--) value = value << 8 | environment_.memory->byte(it_.source, 4 * index + i);
  return static_cast<int32_t>(value);
}

numerics::Row VectorData::source(int64_t row) const {
  numerics::Row elements(static_cast<size_t>(it_.columns));
  for (int64_t i = 0; i < it_.columns; i++) {
    const int64_t index = row * it_.columns + i;
    int32_t &element = elements[static_cast<size_t>(i)];
    element = is_wide_ ? wide(index) : static_cast<int8_t>(environment_.memory->byte(it_.source, index));
  }
  return elements;
}

const uint8_t *VectorData::operand(int64_t row) {
  if (!it_.operand) return nullptr;
  // LayerNorm's parameters are read with the first row and serve all.
  if (timing_.takes_square_root && computed_ > 0) return operand_.data();
  operand_.resize(static_cast<size_t>(timing_.takes_square_root ? it_.operand->bytes() : it_.columns));
  const int64_t first = timing_.takes_square_root ? 0 : row * it_.columns;
  for (size_t i = 0; i < operand_.size(); i++) {
    operand_[i] = environment_.memory->byte(*it_.operand, first + static_cast<int64_t>(i));
  }
  return operand_.data();
}

}  // namespace vitsim
#endif
