// Powers of e in integers, and shares of their sum: docs/numerics.md, "Softmax".
#pragma once
#include "fine_scale.hpp"

namespace vitsim::numerics {

/// P, I-BERT's exponential of X ≤ 0 steps of a fine scale: a polynomial of what is left of the multiple of ln 2.
class PolynomialPower {
 public:
  explicit PolynomialPower(double u)
      : ln2_(static_cast<int64_t>(std::floor(-0.6931 / u))),
        b_(static_cast<int64_t>(std::floor(0.96963238 / 0.35815147 / u))),
        c_(static_cast<int64_t>(std::floor(1 / 0.35815147 / (u * u)))) {}

  int64_t of(int64_t x) const {
    const int64_t limited = std::max(x, 30 * ln2_);
    const int64_t q = floor_divide(limited, ln2_);
    const int64_t r = limited - ln2_ * q;
    return std::max<int64_t>(0, shifted(r * (r + b_) + c_, static_cast<int>(q) - 30));
  }

 private:
  int64_t ln2_, b_, c_;
};

/// E, I-ViT's exponential of X ≤ 0 steps with 30 bits: a power of two, straight lines between them.
class ShiftPower {
 public:
  explicit ShiftPower(double u) : one_(static_cast<int64_t>(std::floor(-1 / u))) {}

  int64_t of(int64_t x) const {
    const int64_t binary = std::max(x + (x >> 1) - (x >> 4), kBits * one_);
    const int64_t q = floor_divide(binary, one_);
    const int64_t r = binary - one_ * q;
    return std::max<int64_t>(0, shifted(r - 2 * one_, static_cast<int>(1 + q - kBits)));
  }

 private:
  static constexpr int64_t kBits = 30;
  int64_t one_;
};

/// One division for a sum S serves all shares of it.
class Share {
 public:
  explicit Share(int64_t sum) : factor_(sum > 0 ? (int64_t{1} << 58) / sum : 0) {}

  /// share(e, S) in steps of 2⁻³⁰.
  int64_t of(int64_t e) const { return (e * factor_) >> 28; }

 private:
  int64_t factor_;
};

}  // namespace vitsim::numerics
