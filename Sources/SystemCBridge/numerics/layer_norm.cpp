// LayerNorm: docs/numerics.md, "LayerNorm".
#include "arithmetic.hpp"
#include "fixed_point.hpp"

namespace vitsim::numerics {
namespace {

/// Parameters of C columns: C bytes of gain, then C INT32 biases.
int32_t gain_of(const uint8_t *parameters, size_t column) { return static_cast<int8_t>(parameters[column]); }

int32_t bias_of(const uint8_t *parameters, size_t columns, size_t column) {
  const uint8_t *bytes = parameters + columns + 4 * column;
  return static_cast<int32_t>(uint32_t{bytes[0]} | uint32_t{bytes[1]} << 8 | uint32_t{bytes[2]} << 16 |
                              uint32_t{bytes[3]} << 24);
}

/// Exact sums of a row: C times the distance from the mean, C² times the variance; they wrap beyond 2²⁴ columns.
struct Moments {
  explicit Moments(const Row &row) : columns(row.size()) {
    uint64_t squares = 0;
    for (int32_t x : row) {
      sum += static_cast<uint64_t>(int64_t{x});
      squares += static_cast<uint64_t>(int64_t{x} * x);
    }
    variance = static_cast<int64_t>(columns * squares - sum * sum);
  }

  /// d = C·x − Σx.
  int64_t distance(int32_t x) const { return static_cast<int64_t>(columns * static_cast<uint64_t>(int64_t{x}) - sum); }

  uint64_t columns, sum = 0;
  int64_t variance;
};

class FloatLayerNorm final : public Stage {
 public:
  explicit FloatLayerNorm(const Arithmetic &it) : it_(it) {}

  void compute(Row &row, const uint8_t *parameters) override {
    const Moments moments(row);
    const double s = it_.input.scale, c = static_cast<double>(row.size());
    const double root = std::sqrt(static_cast<double>(moments.variance) * s * s + c * c * it_.epsilon);
    for (size_t i = 0; i < row.size(); i++) {
      const int64_t d = moments.distance(row[i]);
      const double n = d == 0 ? 0 : static_cast<double>(d) * s / root;
      const double gain = static_cast<float>(gain_of(parameters, i)) * static_cast<float>(it_.gain_scale);
      const double bias = static_cast<float>(bias_of(parameters, row.size(), i)) * static_cast<float>(it_.bias_scale);
      row[i] = quantize(it_.output, static_cast<float>(n * gain + bias));
    }
  }

 private:
  Arithmetic it_;
};

int64_t integer_root(int64_t w) {
  int64_t k = static_cast<int64_t>(std::sqrt(static_cast<double>(w)));
  while (k * k > w) k--;
  while ((k + 1) * (k + 1) <= w) k++;
  return k;
}

/// f ≈ 2³¹/√w for 2³⁰ ≤ w < 2³².
int64_t inverse_root(Algorithm algorithm, int64_t w) {
  if (algorithm == Algorithm::i_bert) return (int64_t{1} << 31) / integer_root(w);
  if (algorithm == Algorithm::table) {
    const double middle = (static_cast<double>(w >> 22) + 0.5) * std::ldexp(1.0, 22);
    return static_cast<int64_t>(half_even(std::ldexp(1.0, 31) / std::sqrt(middle)));
  }
  int64_t k = int64_t{1} << 16;
  for (int step = 0; step < 10; step++) k = (k + w / k) >> 1;
  return ((int64_t{1} << 31) - 1) / k;
}

class IntegerLayerNorm final : public Stage {
 public:
  IntegerLayerNorm(const Arithmetic &it, int64_t columns) : it_(it) {
    const double s = it.input.scale, c = static_cast<double>(columns);
    epsilon_ = half_even_at_most(65536.0 * c * c * it.epsilon / (s * s), int64_t{1} << 61);
    const double gain = it.gain_scale * std::ldexp(1.0, -16) / it.output.scale;
    const double bias = it.bias_scale / it.output.scale;
    shift_ = std::min(std::clamp(26 - floor_log2(gain), 0, 62), std::clamp(29 - floor_log2(bias), 0, 62));
    gain_ = half_even_at_most(std::ldexp(gain, shift_), int64_t{1} << 27);
    bias_ = half_even_at_most(std::ldexp(bias, shift_), int64_t{1} << 30);
  }

  void compute(Row &row, const uint8_t *parameters) override {
    const Moments moments(row);
    const int64_t variance = std::min(std::max<int64_t>(moments.variance, 0), int64_t{1} << 45);
    const int64_t w = (variance << 16) + epsilon_;
    // ⌊(⌊log₂ W⌋ − 30)/2⌋
    const int half = w > 0 ? (63 - __builtin_clzll(static_cast<uint64_t>(w)) - 30) >> 1 : 0;
    const int64_t factor = w > 0 ? inverse_root(it_.algorithm, shifted(w, 2 * half)) : 0;
    for (size_t i = 0; i < row.size(); i++) {
      const int64_t limit = int64_t{1} << 27;
      const int64_t n = std::clamp(shifted(moments.distance(row[i]) * factor, 7 + half), -limit, limit);
      const int64_t sum = n * gain_of(parameters, i) * gain_ + bias_of(parameters, row.size(), i) * bias_;
      row[i] = clamp(half_up(sum, shift_) + it_.output.zero);
    }
  }

 private:
  Arithmetic it_;
  int64_t epsilon_, gain_, bias_;
  int shift_;
};

}  // namespace

std::unique_ptr<Stage> make_layer_norm(const Arithmetic &it, int64_t columns) {
  if (it.algorithm == Algorithm::float32) return std::make_unique<FloatLayerNorm>(it);
  return std::make_unique<IntegerLayerNorm>(it, columns);
}

}  // namespace vitsim::numerics
