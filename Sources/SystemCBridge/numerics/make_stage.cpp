// The stage that computes an entry of the arithmetic: the decoder has let only algorithms through that the word has.
#include <stdexcept>

#include "arithmetic.hpp"

namespace vitsim::numerics {

std::unique_ptr<Stage> make_stage(const Arithmetic &it, int64_t columns, int64_t first_column) {
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
