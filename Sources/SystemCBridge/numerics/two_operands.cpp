// Sum and product of two INT8 operands: docs/numerics.md, "Two operands".
#include "arithmetic.hpp"
#include "fixed_point.hpp"

namespace vitsim::numerics {
namespace {

class FloatOperands final : public Stage {
 public:
  explicit FloatOperands(const Arithmetic &it) : it_(it) {}

  void compute(Row &row, const uint8_t *operand) override {
    for (size_t i = 0; i < row.size(); i++) {
      const float first = real(it_.input, row[i]);
      const float second = real(it_.second, static_cast<int8_t>(operand[i]));
      row[i] = quantize(it_.output, it_.word == Word::add ? first + second : first * second);
    }
  }

 private:
  Arithmetic it_;
};

class FixedAdd final : public Stage {
 public:
  explicit FixedAdd(const Arithmetic &it) : it_(it) {
    const double first = it.input.scale / it.output.scale;
    const double second = it.second.scale / it.output.scale;
    shift_ = std::clamp(30 - floor_log2(std::max(first, second)), 0, 62);
    first_ = half_even_at_most(std::ldexp(first, shift_), int64_t{1} << 31);
    second_ = half_even_at_most(std::ldexp(second, shift_), int64_t{1} << 31);
  }

  void compute(Row &row, const uint8_t *operand) override {
    for (size_t i = 0; i < row.size(); i++) {
      const int64_t sum = (row[i] - it_.input.zero) * first_ +
                          (static_cast<int8_t>(operand[i]) - it_.second.zero) * second_;
      row[i] = clamp(half_up(sum, shift_) + it_.output.zero);
    }
  }

 private:
  Arithmetic it_;
  int shift_;
  int64_t first_, second_;
};

class FixedMultiply final : public Stage {
 public:
  explicit FixedMultiply(const Arithmetic &it)
      : it_(it), factor_(it.input.scale * it.second.scale / it.output.scale) {}

  void compute(Row &row, const uint8_t *operand) override {
    for (size_t i = 0; i < row.size(); i++) {
      const int64_t first = row[i] - it_.input.zero;
      const int64_t second = static_cast<int8_t>(operand[i]) - it_.second.zero;
      row[i] = clamp(factor_.of(first * second) + it_.output.zero);
    }
  }

 private:
  Arithmetic it_;
  Factor factor_;
};

}  // namespace

std::unique_ptr<Stage> make_two_operands(const Arithmetic &it) {
  if (it.algorithm == Algorithm::float32) return std::make_unique<FloatOperands>(it);
  if (it.word == Word::add) return std::make_unique<FixedAdd>(it);
  return std::make_unique<FixedMultiply>(it);
}

}  // namespace vitsim::numerics
