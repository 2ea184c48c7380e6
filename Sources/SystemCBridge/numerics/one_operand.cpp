// Functions of one element: docs/numerics.md, "One operand".
#include <array>

#include "arithmetic.hpp"
#include "fixed_point.hpp"

namespace vitsim::numerics {
namespace {

float hard_sigmoid(float x, float alpha, float beta) { return std::max(0.0f, std::min(1.0f, alpha * x + beta)); }

float hard_swish(const Arithmetic &it, float x) {
  const float h = hard_sigmoid(x, 1.0f / 6.0f, 0.5f);
  return x * (it.gate ? real(*it.gate, quantize(*it.gate, h)) : h);
}

/// f(x): linear pieces in float32, else in float64 and rounded to float32.
float function(const Arithmetic &it, float x) {
  const double wide = x;
  switch (it.word) {
    case Word::scale: return x * static_cast<float>(it.by);
    case Word::relu: return std::max(0.0f, x);
    case Word::hardsigmoid: return hard_sigmoid(x, static_cast<float>(it.alpha), static_cast<float>(it.beta));
    case Word::hardswish: return hard_swish(it, x);
    case Word::gelu: return static_cast<float>(0.5 * wide * (1 + std::erf(wide / std::sqrt(2.0))));
    case Word::sigmoid: return static_cast<float>(1 / (1 + std::exp(-wide)));
    case Word::silu: return static_cast<float>(wide / (1 + std::exp(-wide)));
    case Word::tanh: return static_cast<float>(std::tanh(wide));
    default: return x;
  }
}

/// identity, scale, relu in integers.
class FixedLinear {
 public:
  explicit FixedLinear(const Arithmetic &it) : it_(it) {
    const double k = it.word == Word::scale ? it.by : 1;
    negative_ = k < 0;
    factor_ = Factor(std::fabs(k) * it.input.scale / it.output.scale);
  }

  int32_t of(int32_t x) const {
    int64_t distance = x - it_.input.zero;
    if (it_.word == Word::relu) distance = std::max<int64_t>(distance, 0);
    return clamp(factor_.of(negative_ ? -distance : distance) + it_.output.zero);
  }

 private:
  const Arithmetic &it_;
  bool negative_;
  Factor factor_;
};

/// INT8 has 256 operands, so every function of one is a table here; those that hardware computes give the same numbers.
class OneOperand final : public Stage {
 public:
  explicit OneOperand(const Arithmetic &it) {
    const bool is_fixed = it.algorithm == Algorithm::fixed_point;
    const bool is_integer_gelu = it.algorithm == Algorithm::i_bert || it.algorithm == Algorithm::i_vit;
    const FixedLinear linear(it);
    const auto gelu = is_integer_gelu ? make_integer_gelu(it) : nullptr;
    for (int32_t x = -128; x < 128; x++) {
      int32_t &result = results_[static_cast<size_t>(x + 128)];
      if (it.word == Word::lookup) result = it.table[static_cast<size_t>(x + 128)];
      else if (is_fixed) result = linear.of(x);
      else if (gelu) result = gelu->of(x);
      else result = quantize(it.output, function(it, real(it.input, x)));
    }
  }

  void compute(Row &row, const uint8_t *) override {
    for (int32_t &element : row) element = results_[static_cast<uint8_t>(element + 128)];
  }

 private:
  std::array<int32_t, 256> results_;
};

}  // namespace

std::unique_ptr<Stage> make_one_operand(const Arithmetic &it) { return std::make_unique<OneOperand>(it); }

}  // namespace vitsim::numerics
