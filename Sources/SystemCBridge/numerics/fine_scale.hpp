// Integer functions of coarse INT8 scales count in finer steps: docs/numerics.md, "Fine scales".
#pragma once
#include "fixed_point.hpp"

namespace vitsim::numerics {

class FineScale {
 public:
  explicit FineScale(double scale) {
    const double w = std::min(scale, 4096.0);
    n_ = floor_log2(w) + 13;
    u_ = std::ldexp(w, -n_);
  }

  /// u, from 2⁻¹³ to below 2⁻¹².
  double step() const { return u_; }

  /// X = x ≫ −n.
  int64_t of(int64_t x) const { return shifted(x, -n_); }

 private:
  double u_ = 0;
  int n_ = 0;
};

}  // namespace vitsim::numerics
