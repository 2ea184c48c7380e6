// Mean of each column over all rows: docs/numerics.md, "Division and averages".
#include <limits>

#include "arithmetic.hpp"
#include "fixed_point.hpp"

namespace vitsim::numerics {
namespace {

class Average final : public Stage {
 public:
  explicit Average(const Arithmetic &it) : it_(it) {}

  void compute(Row &row, const uint8_t *) override {
    sums_.resize(row.size());
    for (size_t i = 0; i < row.size(); i++) sums_[i] += row[i] - it_.input.zero;
    rows_++;
    row.clear();
  }

  Row finish() override {
    const double s = it_.input.scale, rows = static_cast<double>(rows_);
    const Factor factor(s / (it_.output.scale * rows));
    Row means;
    for (int64_t sum : sums_) {
      if (it_.algorithm == Algorithm::float32) {
        means.push_back(quantize(it_.output, static_cast<float>(static_cast<double>(sum) * s / rows)));
      } else {
        const int64_t saturated = std::clamp<int64_t>(sum, std::numeric_limits<int32_t>::min(),
                                                      std::numeric_limits<int32_t>::max());
        means.push_back(clamp(factor.of(saturated) + it_.output.zero));
      }
    }
    return means;
  }

 private:
  Arithmetic it_;
  std::vector<int64_t> sums_;
  int64_t rows_ = 0;
};

}  // namespace

std::unique_ptr<Stage> make_average(const Arithmetic &it) { return std::make_unique<Average>(it); }

}  // namespace vitsim::numerics
