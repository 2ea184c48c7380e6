// What a stage of a vector instruction computes: docs/numerics.md. Needs no SystemC.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "../program.hpp"

namespace vitsim::numerics {

/// real = scale · (integer − zero): DequantizeLinear of ONNX, in float32.
float real(const Quantization &, int64_t integer);
/// QuantizeLinear of ONNX, in float32.
int32_t quantize(const Quantization &, float real);

/// Elements of a row on their way through a chain.
using Row = std::vector<int32_t>;

/// A stage with its constants, which follow from the scales once.
class Stage {
 public:
  virtual ~Stage() = default;

  /// Replaces a row by its results. `operand` holds the row of the second operand, or LayerNorm's parameters.
  virtual void compute(Row &row, const uint8_t *operand) = 0;

  /// What comes behind the last row: a row of results, empty but for average.
  virtual Row finish() { return {}; }
};

/// A stage over rows of `columns` elements, of which the first is column `first_column` of the operator's output.
/// Throws std::invalid_argument if the word hasn't the algorithm, or the arithmetic not what it needs.
std::unique_ptr<Stage> make_stage(const Arithmetic &arithmetic, int64_t columns, int64_t first_column);

std::unique_ptr<Stage> make_requantize(const Arithmetic &, int64_t columns, int64_t first_column);
std::unique_ptr<Stage> make_one_operand(const Arithmetic &);
std::unique_ptr<Stage> make_two_operands(const Arithmetic &);
std::unique_ptr<Stage> make_softmax(const Arithmetic &);
std::unique_ptr<Stage> make_layer_norm(const Arithmetic &, int64_t columns);
std::unique_ptr<Stage> make_divide(const Arithmetic &);
std::unique_ptr<Stage> make_average(const Arithmetic &);

/// INT8 results of the integer forms of GELU, for one element.
class IntegerGELU {
 public:
  virtual ~IntegerGELU() = default;
  virtual int32_t of(int32_t x) const = 0;
};
std::unique_ptr<IntegerGELU> make_integer_gelu(const Arithmetic &);

}  // namespace vitsim::numerics
