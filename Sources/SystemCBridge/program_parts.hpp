// Parts of a program image, in the files program_*.cpp.
#pragma once
#include "reader.hpp"

namespace vitsim {

Accelerator read_accelerator(Reader &in);
Region read_region(Reader &in, const Accelerator &accelerator);
Arithmetic read_arithmetic(Reader &in);
/// Of a program whose accelerator and arithmetic are there.
Instruction read_instruction(Reader &in, const Program &program);

/// Refuses sizes of a vector instruction that don't fit each other, and stages without fitting arithmetic.
void check(const Reader &in, const VectorInstruction &vector, const Program &program);

}  // namespace vitsim
