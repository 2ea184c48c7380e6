// One stage over rows of bytes, behind the C header: what it computes is compared number by number.
#include <cstring>
#include <exception>

#include "../program_parts.hpp"
#include "../kernel.hpp"
#include "arithmetic.hpp"
#include "vitsim_cosim.h"

namespace vitsim::numerics {
namespace {

struct Span {
  const uint8_t *bytes;
  size_t count;
};

[[noreturn]] void refuse(const char *what) { throw Misuse(std::string("vitsim_stage_apply: ") + what); }

int32_t element(const Span &source, size_t width, size_t index) {
  const uint8_t *at = source.bytes + index * width;
  if (width == 1) return static_cast<int8_t>(*at);
  return static_cast<int32_t>(uint32_t{at[0]} | uint32_t{at[1]} << 8 | uint32_t{at[2]} << 16 | uint32_t{at[3]} << 24);
}

/// Bytes of the second operand that belong to a row.
size_t operand_pitch(Word word, size_t columns) {
  return word == Word::add || word == Word::multiply ? columns : 0;
}

size_t operand_size(Word word, size_t rows, size_t columns) {
  return word == Word::layernorm ? 5 * columns : rows * operand_pitch(word, columns);
}

/// INT32 comes to requantize and may come to divide.
bool takes(Word word, size_t width) {
  return word == Word::divide ? width == 1 || width == 4 : width == (word == Word::requantize ? 4 : 1);
}

std::vector<uint8_t> apply(const Arithmetic &it, size_t rows, size_t columns, int64_t first, Span source,
                           Span operand) {
  size_t elements = 0;
  if (rows == 0 || columns == 0 || !source.bytes || __builtin_mul_overflow(rows, columns, &elements) ||
      source.count % elements != 0)
    refuse("a source that isn't rows of elements");
  const size_t width = source.count / elements;
  if (!takes(it.word, width)) refuse("elements of a width that the stage doesn't take");
  if (it.word == Word::divide && columns < 2) refuse("a division without a divisor");
  if (operand.count != operand_size(it.word, rows, columns)) refuse("an operand of another size");
  const auto stage = make_stage(it, static_cast<int64_t>(columns), first);
  std::vector<uint8_t> results;
  const auto append = [&](const Row &row) { results.insert(results.end(), row.begin(), row.end()); };
  for (size_t i = 0; i < rows; i++) {
    Row row(columns);
    for (size_t j = 0; j < columns; j++) row[j] = element(source, width, i * columns + j);
    stage->compute(row, operand.bytes + i * operand_pitch(it.word, columns));
    append(row);
  }
  append(stage->finish());
  return results;
}

}  // namespace
}  // namespace vitsim::numerics

extern "C" vitsim_status vitsim_stage_apply(const uint8_t *arithmetic, size_t arithmetic_bytes, size_t rows,
                                            size_t columns, int64_t first_column, const uint8_t *source,
                                            size_t source_bytes, const uint8_t *operand, size_t operand_bytes,
                                            uint8_t *results, size_t results_bytes) {
  return vitsim::guard([&] {
    if (!arithmetic || !results || (!operand && operand_bytes > 0))
      throw vitsim::Misuse("vitsim_stage_apply: a pointer that is null");
    vitsim::Reader in(arithmetic, arithmetic_bytes);
    const vitsim::Arithmetic entry = vitsim::read_arithmetic(in);
    if (in.left() > 0) in.fail("words stand behind the arithmetic");
    const auto bytes = vitsim::numerics::apply(entry, rows, columns, first_column, {source, source_bytes},
                                               {operand, operand_bytes});
    if (bytes.size() != results_bytes) throw vitsim::Misuse("vitsim_stage_apply: room for another number of results");
    std::memcpy(results, bytes.data(), bytes.size());
  });
}
