// All columns of a row but the last over the last: docs/numerics.md, "Division and averages".
#include "arithmetic.hpp"
#include "fixed_point.hpp"

namespace vitsim::numerics {
namespace {

class FloatDivide final : public Stage {
 public:
  explicit FloatDivide(const Arithmetic &it) : it_(it) {}

  void compute(Row &row, const uint8_t *) override {
    const float divisor = real(it_.input, row.back()) + static_cast<float>(it_.epsilon);
    row.pop_back();
    for (int32_t &element : row) element = quantize(it_.output, real(it_.input, element) / divisor);
  }

 private:
  Arithmetic it_;
};

class FixedDivide final : public Stage {
 public:
  explicit FixedDivide(const Arithmetic &it) : it_(it) {
    epsilon_ = half_even_at_most(it.epsilon / it.input.scale * 65536.0, int64_t{1} << 48);
    // U = f·2^e, 1 ≤ f < 2
    const double unit = 65536.0 / it.output.scale;
    exponent_ = floor_log2(unit);
    mantissa_ = static_cast<int64_t>(half_even(std::ldexp(unit, 30 - exponent_)));
  }

  void compute(Row &row, const uint8_t *) override {
    const int64_t divisor = (int64_t{row.back()} - it_.input.zero) * 65536 + epsilon_;
    row.pop_back();
    if (divisor == 0) {
      std::fill(row.begin(), row.end(), static_cast<int32_t>(it_.output.zero));
      return;
    }
    const int64_t size = std::abs(divisor);
    // 2³⁰ ≤ w < 2³¹
    const int j = 33 - __builtin_clzll(static_cast<uint64_t>(size));
    const int64_t w = shifted(size, j);
    const int64_t m = (((int64_t{1} << 60) / w) * mantissa_) >> 31;
    const int shift = 59 + j - exponent_;
    for (int32_t &element : row) {
      const int64_t product = (int64_t{element} - it_.input.zero) * (divisor < 0 ? -m : m);
      element = clamp((shift > 62 ? 0 : half_up(product, shift)) + it_.output.zero);
    }
  }

 private:
  Arithmetic it_;
  int64_t epsilon_, mantissa_;
  int exponent_;
};

}  // namespace

std::unique_ptr<Stage> make_divide(const Arithmetic &it) {
  if (it.algorithm == Algorithm::float32) return std::make_unique<FloatDivide>(it);
  return std::make_unique<FixedDivide>(it);
}

}  // namespace vitsim::numerics
