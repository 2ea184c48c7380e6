// Needs no SystemC.
#include <cmath>
#include <limits>

#include "program_parts.hpp"

namespace vitsim {
namespace {

double positive(const Reader &in, const char *what, double value) {
  if (!(value > 0)) in.fail(std::string(what) + " isn't positive");
  return value;
}

/// All but factors are float32; between others the constants of integer forms could overflow.
double narrow(Reader &in, const char *what) {
  const double value = in.real(what);
  if (std::fabs(value) > std::numeric_limits<float>::max() || static_cast<float>(value) != value)
    in.fail(std::string(what) + " isn't a float32");
  return value;
}

Quantization read_quantization(Reader &in) {
  Quantization quantization;
  quantization.scale = positive(in, "a scale", narrow(in, "a scale"));
  quantization.zero = in.number("a zero point", -128, 127);
  return quantization;
}

bool is_elementwise(Word word) { return word >= Word::identity; }

/// Which algorithms compute a word (docs/numerics.md).
bool has_form(Word word, Algorithm algorithm) {
  bool is_float = algorithm == Algorithm::float32, is_fixed = algorithm == Algorithm::fixed_point;
  bool is_table = algorithm == Algorithm::table;
  switch (word) {
    case Word::requantize:
    case Word::add:
    case Word::multiply:
    case Word::divide:
    case Word::average: return is_float || is_fixed;
    case Word::softmax:
    case Word::layernorm:
    case Word::gelu: return !is_fixed;
    case Word::identity:
    case Word::scale:
    case Word::relu: return is_float || is_fixed || is_table;
    default: return is_float || is_table;
  }
}

void read_requantize(Reader &in, Arithmetic &entry) {
  for (size_t left = in.count("factors", 1, 1); left > 0; left--)
    entry.factors.push_back(positive(in, "a factor", in.real("a factor")));
  entry.output.zero = in.number("a zero point", -128, 127);
  entry.lowest = in.number("the lowest result", -128, 127);
}

void read_elementwise(Reader &in, Arithmetic &entry) {
  entry.input = read_quantization(in);
  entry.output = read_quantization(in);
  switch (entry.word) {
    case Word::scale: entry.by = narrow(in, "by"); break;
    case Word::hardswish:
      if (in.flag("gate")) entry.gate = read_quantization(in);
      break;
    case Word::hardsigmoid:
      entry.alpha = narrow(in, "alpha");
      entry.beta = narrow(in, "beta");
      break;
    case Word::lookup: {
      std::vector<uint8_t> results = in.bytes("results", 256);
      entry.table.assign(results.begin(), results.end());
      break;
    }
    default: break;
  }
}

double read_epsilon(Reader &in) {
  double epsilon = narrow(in, "epsilon");
  if (epsilon < 0) in.fail("epsilon is negative");
  return epsilon;
}

}  // namespace

Arithmetic read_arithmetic(Reader &in) {
  Arithmetic entry;
  entry.word = in.keyword<Word>("an arithmetic's word", 17);
  entry.algorithm = in.keyword<Algorithm>("an arithmetic's algorithm", 5);
  if (!has_form(entry.word, entry.algorithm)) in.fail("an algorithm that this word doesn't have");
  if (is_elementwise(entry.word)) {
    read_elementwise(in, entry);
    return entry;
  }
  if (entry.word == Word::requantize) {
    read_requantize(in, entry);
    return entry;
  }
  entry.input = read_quantization(in);
  if (entry.word == Word::add || entry.word == Word::multiply) entry.second = read_quantization(in);
  entry.output = read_quantization(in);
  if (entry.word == Word::layernorm) {
    entry.gain_scale = positive(in, "the gain's scale", narrow(in, "the gain's scale"));
    entry.bias_scale = positive(in, "the bias' scale", narrow(in, "the bias' scale"));
  }
  if (entry.word == Word::layernorm || entry.word == Word::divide) entry.epsilon = read_epsilon(in);
  return entry;
}

}  // namespace vitsim
