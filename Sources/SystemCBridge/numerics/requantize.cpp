// INT32 → INT8: docs/numerics.md, "Requantization".
#include <stdexcept>

#include "arithmetic.hpp"
#include "fixed_point.hpp"

namespace vitsim::numerics {
namespace {

/// Factors of the instruction's columns, or one for all.
std::vector<double> factors_of(const Arithmetic &it, int64_t columns, int64_t first) {
  const int64_t count = static_cast<int64_t>(it.factors.size());
  if (count == 1) return it.factors;
  if (first < 0 || columns < 0 || count < 1 || first > count - columns) {
    throw std::invalid_argument("requantize: columns without a factor");
  }
  return {it.factors.begin() + first, it.factors.begin() + first + columns};
}

class FloatRequantize final : public Stage {
 public:
  FloatRequantize(const Arithmetic &it, std::vector<double> factors)
      : zero_(it.output.zero), lowest_(it.lowest), factors_(std::move(factors)) {}

  void compute(Row &row, const uint8_t *) override {
    for (size_t i = 0; i < row.size(); i++) {
      const double y = half_even(static_cast<double>(row[i]) * factors_[factors_.size() == 1 ? 0 : i]);
      row[i] = clamp(static_cast<int64_t>(std::clamp(y, -1024.0, 1024.0)) + zero_, lowest_);
    }
  }

 private:
  int64_t zero_, lowest_;
  std::vector<double> factors_;
};

class FixedRequantize final : public Stage {
 public:
  FixedRequantize(const Arithmetic &it, const std::vector<double> &factors)
      : zero_(it.output.zero), lowest_(it.lowest), factors_(factors.begin(), factors.end()) {}

  void compute(Row &row, const uint8_t *) override {
    for (size_t i = 0; i < row.size(); i++) {
      row[i] = clamp(factors_[factors_.size() == 1 ? 0 : i].of(row[i]) + zero_, lowest_);
    }
  }

 private:
  int64_t zero_, lowest_;
  std::vector<Factor> factors_;
};

}  // namespace

std::unique_ptr<Stage> make_requantize(const Arithmetic &it, int64_t columns, int64_t first_column) {
  auto factors = factors_of(it, columns, first_column);
  if (it.algorithm == Algorithm::float32) return std::make_unique<FloatRequantize>(it, std::move(factors));
  return std::make_unique<FixedRequantize>(it, factors);
}

}  // namespace vitsim::numerics
