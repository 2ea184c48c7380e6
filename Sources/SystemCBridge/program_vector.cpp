#if __has_include(<systemc>)
#include "program_parts.hpp"

namespace vitsim {
namespace {

bool takes_operand(VectorOperation operation) {
  return operation == VectorOperation::add || operation == VectorOperation::multiply ||
         operation == VectorOperation::layernorm;
}

bool changes_shape(VectorOperation operation) {
  return operation == VectorOperation::divide || operation == VectorOperation::average;
}

/// The operation that an arithmetic is for, first of all.
VectorOperation operation_of(Word word) {
  switch (word) {
    case Word::requantize: return VectorOperation::requantize;
    case Word::add: return VectorOperation::add;
    case Word::multiply: return VectorOperation::multiply;
    case Word::softmax: return VectorOperation::softmax;
    case Word::layernorm: return VectorOperation::layernorm;
    case Word::divide: return VectorOperation::divide;
    case Word::average: return VectorOperation::average;
    case Word::identity:
    case Word::scale: return VectorOperation::scale;
    case Word::relu: return VectorOperation::relu;
    case Word::gelu: return VectorOperation::gelu;
    case Word::hardswish: return VectorOperation::hardswish;
    default: return VectorOperation::lookup;
  }
}

void check_operand(const Reader &in, const VectorInstruction &vector, int64_t elements) {
  int takers = 0;
  bool is_layernorm = false;
  for (const VectorStage &stage : vector.stages) {
    if (!takes_operand(stage.operation)) continue;
    takers++;
    is_layernorm = stage.operation == VectorOperation::layernorm;
  }
  if (takers > 1) in.fail("a chain in which several stages take the second operand");
  if ((takers == 1) != vector.operand.has_value()) in.fail("a second operand without a stage, or a stage without one");
  if (vector.operand && vector.operand->bytes() != (is_layernorm ? 5 * vector.columns : elements))
    in.fail("a second operand of another size");
}

/// Bytes an element behind all stages, `width` before the first.
int64_t width_behind(const Reader &in, const VectorInstruction &vector, int64_t width) {
  for (size_t index = 0; index < vector.stages.size(); index++) {
    VectorOperation operation = vector.stages[index].operation;
    if (operation == VectorOperation::requantize && width == 1) in.fail("requantize takes INT32, but INT8 comes to it");
    if (width == 4 && operation != VectorOperation::requantize && operation != VectorOperation::scale &&
        operation != VectorOperation::divide)
      in.fail("INT32 comes to a stage that takes INT8");
    if (operation != VectorOperation::scale) width = 1;
    if (changes_shape(operation) && index + 1 < vector.stages.size()) in.fail("stages behind a change of shape");
  }
  return width;
}

void check_arithmetic(const Reader &in, const VectorInstruction &vector, const Program &program, int64_t width) {
  bool is_wide = width == 4;
  for (const VectorStage &stage : vector.stages) {
    if (program.arithmetic.empty()) return;
    if (stage.arithmetic < 0) in.fail("a stage that doesn't say what it computes");
    const Arithmetic &entry = program.arithmetic[static_cast<size_t>(stage.arithmetic)];
    bool is_elementwise = entry.word >= Word::identity;
    if (operation_of(entry.word) != stage.operation && !(is_elementwise && stage.operation == VectorOperation::lookup))
      in.fail("an arithmetic for another operation");
    int64_t factors = static_cast<int64_t>(entry.factors.size());
    if (entry.word == Word::requantize && factors > 1 && stage.first_column + vector.columns > factors)
      in.fail("fewer factors than columns");
    if (is_elementwise && is_wide) in.fail("arithmetic for INT8, but INT32 comes to it");
    if (entry.word == Word::divide && is_wide && entry.input.zero != 0) in.fail("INT32 with a zero point");
    if (stage.operation != VectorOperation::scale) is_wide = false;
  }
}

}  // namespace

void check(const Reader &in, const VectorInstruction &vector, const Program &program) {
  int64_t elements;
  if (__builtin_mul_overflow(vector.rows, vector.columns, &elements) || elements > most_bytes)
    in.fail("sizes that can't be counted");
  check_operand(in, vector, elements);
  int64_t width = vector.source.bytes() == 4 * elements ? 4 : 1;
  if (vector.source.bytes() != width * elements) in.fail("a source whose elements have neither 1 nor 4 bytes");
  int64_t behind = width_behind(in, vector, width);
  VectorOperation last = vector.stages.back().operation;
  if (last == VectorOperation::divide && vector.columns < 2) in.fail("divide takes rows of 2 elements or more");
  int64_t results = last == VectorOperation::average  ? vector.columns
                    : last == VectorOperation::divide ? vector.rows * (vector.columns - 1)
                                                      : elements;
  if (vector.destination.bytes() != results * behind) in.fail("a destination of another size");
  check_arithmetic(in, vector, program, width);
}

}  // namespace vitsim
#endif
