// GELU in integers: docs/numerics.md, "One operand".
#include "arithmetic.hpp"
#include "exponential.hpp"

namespace vitsim::numerics {
namespace {

/// I-BERT: the error function as a parabola.
class PolynomialGELU final : public IntegerGELU {
 public:
  explicit PolynomialGELU(const Arithmetic &it)
      : zero_(it.input.zero), out_zero_(it.output.zero), fine_(it.input.scale) {
    const double c = fine_.step() / 1.4142;
    b_ = static_cast<int64_t>(std::floor(-1.769 / c));
    gamma_ = static_cast<int64_t>(std::floor((1 / -0.2888) / (c * c)));
    const double r = c * c * -0.2888 * 16384.0;
    one_ = static_cast<int64_t>(std::floor(1 / r));
    factor_ = Factor(it.input.scale * (-r / 2) / it.output.scale);
  }

  int32_t of(int32_t x) const override {
    const int64_t distance = x - zero_;
    const int64_t fine = fine_.of(distance);
    const int64_t base = std::min(std::abs(fine), -b_) + b_;
    const int64_t sign = (fine > 0) - (fine < 0);
    const int64_t g = -(((sign * (base * base + gamma_)) >> 14) + one_);
    return clamp(factor_.of(distance * g) + out_zero_);
  }

 private:
  int64_t zero_, out_zero_;
  FineScale fine_;
  int64_t b_, gamma_, one_;
  Factor factor_;
};

/// I-ViT: x·sigmoid(1.702·x) by its exponential.
class ShiftGELU final : public IntegerGELU {
 public:
  explicit ShiftGELU(const Arithmetic &it)
      : zero_(it.input.zero),
        out_zero_(it.output.zero),
        fine_(1.702 * it.input.scale),
        power_(fine_.step()),
        factor_(it.input.scale * std::ldexp(1.0, -20) / it.output.scale) {}

  int32_t of(int32_t x) const override {
    const int64_t distance = x - zero_;
    const int64_t fine = fine_.of(distance);
    const int64_t largest = std::max<int64_t>(fine, 0);
    const int64_t a = power_.of(fine - largest) >> 15;
    const int64_t o = power_.of(-largest) >> 15;
    const int64_t g = Share(a + o).of(a) >> 10;
    return clamp(factor_.of(distance * g) + out_zero_);
  }

 private:
  int64_t zero_, out_zero_;
  FineScale fine_;
  ShiftPower power_;
  Factor factor_;
};

}  // namespace

std::unique_ptr<IntegerGELU> make_integer_gelu(const Arithmetic &it) {
  if (it.algorithm == Algorithm::i_bert) return std::make_unique<PolynomialGELU>(it);
  return std::make_unique<ShiftGELU>(it);
}

}  // namespace vitsim::numerics
