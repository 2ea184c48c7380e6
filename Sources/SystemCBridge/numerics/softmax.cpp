// Softmax: docs/numerics.md, "Softmax".
#include <array>

#include "arithmetic.hpp"
#include "exponential.hpp"

namespace vitsim::numerics {
namespace {

/// e(d) of the distance from the largest, d = 0…255.
using Powers = std::array<int64_t, 256>;

/// he(one·exp(−d·s)).
Powers real_powers(double scale, double one) {
  Powers powers;
  for (size_t d = 0; d < powers.size(); d++) {
    powers[d] = static_cast<int64_t>(half_even(one * std::exp(-static_cast<double>(d) * scale)));
  }
  return powers;
}

template <class Power>
Powers integer_powers(double scale, int shift) {
  const FineScale fine(scale);
  const Power power(fine.step());
  Powers powers;
  for (size_t d = 0; d < powers.size(); d++) powers[d] = power.of(fine.of(-static_cast<int64_t>(d))) >> shift;
  return powers;
}

Powers powers_of(const Arithmetic &it) {
  switch (it.algorithm) {
    case Algorithm::i_bert: return integer_powers<PolynomialPower>(it.input.scale, 30);
    case Algorithm::i_vit: return integer_powers<ShiftPower>(it.input.scale, 15);
    case Algorithm::table: return real_powers(it.input.scale, std::ldexp(1.0, 24) - 1);
    default: return real_powers(it.input.scale, std::ldexp(1.0, 40));
  }
}

class Softmax final : public Stage {
 public:
  explicit Softmax(const Arithmetic &it)
      : it_(it), powers_(powers_of(it)), factor_(std::ldexp(1.0, -30) / it.output.scale) {}

  void compute(Row &row, const uint8_t *) override {
    const int32_t largest = *std::max_element(row.begin(), row.end());
    int64_t sum = 0;
    for (int32_t element : row) sum += power(largest - element);
    const Share share(sum);
    for (int32_t &element : row) {
      const int64_t e = power(largest - element);
      if (it_.algorithm == Algorithm::float32) {
        element = quantize(it_.output, static_cast<float>(static_cast<double>(e) / static_cast<double>(sum)));
      } else {
        element = clamp(factor_.of(share.of(e)) + it_.output.zero);
      }
    }
  }

 private:
  int64_t power(int32_t distance) const { return powers_[static_cast<size_t>(distance)]; }

  Arithmetic it_;
  Powers powers_;
  Factor factor_;
};

}  // namespace

std::unique_ptr<Stage> make_softmax(const Arithmetic &it) { return std::make_unique<Softmax>(it); }

}  // namespace vitsim::numerics
