// Rounding, shifts and factors of docs/numerics.md.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

// Every product is rounded before a sum takes it, as the page says. g++ has no such pragma: build with
// -ffp-contract=off.
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

namespace vitsim::numerics {

/// he(x): the nearest integer, halves to even.
inline double half_even(double x) { return std::nearbyint(x); }

/// min(he(x), limit) of an x ≥ 0, infinity too.
inline int64_t half_even_at_most(double x, int64_t limit) {
  const double rounded = half_even(x);
  return rounded < static_cast<double>(limit) ? static_cast<int64_t>(rounded) : limit;
}

/// ⌊log₂ x⌋ of an x > 0.
inline int floor_log2(double x) { return std::ilogb(x); }

/// a ≫ n: ⌊a / 2ⁿ⌋, for n < 0 a·2⁻ⁿ.
inline int64_t shifted(int64_t a, int n) {
  if (n < 0) return static_cast<int64_t>(static_cast<uint64_t>(a) << -n);
  return a >> std::min(n, 63);
}

/// a / 2ⁿ, halves up, for n > 0; a for n ≤ 0.
inline int64_t half_up(int64_t a, int n) { return n > 0 ? (a + (int64_t{1} << (n - 1))) >> n : a; }

/// ⌊a / b⌋ for integers.
inline int64_t floor_divide(int64_t a, int64_t b) {
  const int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

/// clamp(y) to −128…127, or to a raised lower end.
inline int32_t clamp(int64_t y, int64_t lowest = -128) {
  return static_cast<int32_t>(std::clamp<int64_t>(y, lowest, 127));
}

/// fixed(M): a real factor as a multiplier and a shift.
class Factor {
 public:
  Factor() = default;

  explicit Factor(double factor) {
    // A product with 0 is 0: "scale" by 0 asks for it.
    if (!(factor > 0)) return;
    shift_ = std::clamp(30 - floor_log2(factor), 0, 62);
    multiplier_ = half_even_at_most(std::ldexp(factor, shift_), kLimit);
    if (multiplier_ < kLimit) return;
    multiplier_ = shift_ > 0 ? kLimit / 2 : kLimit - 1;
    shift_ = std::max(shift_ - 1, 0);
  }

  /// x·fixed(M), half up.
  int64_t of(int64_t x) const { return half_up(x * multiplier_, shift_); }

 private:
  static constexpr int64_t kLimit = int64_t{1} << 31;
  int64_t multiplier_ = 0;
  int shift_ = 0;
};

}  // namespace vitsim::numerics
