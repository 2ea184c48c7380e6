// Which words have which algorithms: docs/hardware.md, docs/numerics.md.
#include <stdexcept>

#include "arithmetic.hpp"

namespace vitsim::numerics {
namespace {

bool has(Word word, Algorithm algorithm) {
  const bool is_float = algorithm == Algorithm::float32;
  const bool is_fixed = algorithm == Algorithm::fixed_point;
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
    case Word::relu: return is_float || is_fixed || algorithm == Algorithm::table;
    default: return is_float || algorithm == Algorithm::table;
  }
}

}  // namespace

std::unique_ptr<Stage> make_stage(const Arithmetic &it, int64_t columns, int64_t first_column) {
  if (!has(it.word, it.algorithm)) throw std::invalid_argument("arithmetic: the word has no such algorithm");
  switch (it.word) {
    case Word::requantize: return make_requantize(it, columns, first_column);
    case Word::add:
    case Word::multiply: return make_two_operands(it);
    case Word::softmax: return make_softmax(it);
    case Word::layernorm: return make_layer_norm(it, columns);
    case Word::divide: return make_divide(it);
    case Word::average: return make_average(it);
    case Word::lookup:
      if (it.table.size() != 256) throw std::invalid_argument("arithmetic: a lookup without 256 results");
      break;
    default: break;
  }
  return make_one_operand(it);
}

}  // namespace vitsim::numerics
