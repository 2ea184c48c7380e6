#if __has_include(<systemc>)
#include "program_parts.hpp"

namespace vitsim {
namespace {

/// Tokens of one wait or post, at most: sums of them can be counted.
constexpr int64_t most_tokens = int64_t{1} << 32;
/// Largest size, step or distance of windows (docs/schedule.md).
constexpr int64_t windows_limit = int64_t{1} << 20;

/// Whether a rectangle of bytes can be counted, and ends at `high` at the latest.
bool is_rectangle(int64_t start, int64_t rows, int64_t row_bytes, int64_t pitch, int64_t high) {
  int64_t bytes, span, end;
  if (start < 0 || rows < 1 || row_bytes < 1 || (pitch < 0 && rows > 1)) return false;
  if (__builtin_mul_overflow(rows, row_bytes, &bytes) || bytes > most_bytes) return false;
  if (rows == 1) pitch = 0;
  if (__builtin_mul_overflow(rows - 1, pitch, &span) || __builtin_add_overflow(start, span, &end)) return false;
  return !__builtin_add_overflow(end, row_bytes, &end) && end <= high;
}

DRAMRegion read_dram_region(Reader &in) {
  DRAMRegion region;
  region.address = in.any("a DRAM address");
  region.rows = in.any("a DRAM region's rows");
  region.row_bytes = in.any("a DRAM region's row");
  region.stride = in.any("a DRAM region's stride");
  if (!is_rectangle(region.address, region.rows, region.row_bytes, region.stride, INT64_MAX / 4))
    in.fail("a DRAM region that isn't one");
  return region;
}

void expect(const Reader &in, const char *role, const Region &region, int64_t bytes) {
  if (region.bytes() != bytes)
    in.fail(std::string(role) + " holds " + std::to_string(region.bytes()) + " bytes, not " + std::to_string(bytes));
}

Windows read_windows(Reader &in) {
  Windows windows;
  int64_t *sizes[] = {&windows.width,       &windows.channels, &windows.pixel_pitch, &windows.kernel_rows,
                      &windows.kernel_columns, &windows.stride_y, &windows.stride_x,    &windows.dilation_y,
                      &windows.dilation_x};
  for (int64_t *size : sizes) *size = in.number("a size of windows", 1, windows_limit);
  windows.origin_y = in.number("the first pixel of windows", -windows_limit, windows_limit);
  windows.origin_x = in.number("the first pixel of windows", -windows_limit, windows_limit);
  windows.output_columns = in.number("a size of windows", 1, windows_limit);
  return windows;
}

Operand read_operand(Reader &in, const Accelerator &accelerator) {
  Operand operand;
  operand.region = read_region(in, accelerator);
  operand.order = in.keyword<Order>("an operand's order", 3);
  if (operand.order == Order::windows) operand.windows = read_windows(in);
  operand.zero = in.number("a zero point", -128, 127);
  return operand;
}

/// Windows that are the m rows of k elements of operand A, and of which no address overflows.
void check_windows(const Reader &in, const MatMul &op, int64_t depth) {
  const Windows &windows = op.a.windows;
  const Region &image = op.a.region;
  int64_t elements;
  if (__builtin_mul_overflow(windows.kernel_rows * windows.kernel_columns, windows.channels, &elements) ||
      elements != depth)
    in.fail("windows don't have K elements");
  if (op.m % windows.output_columns != 0) in.fail("M isn't whole rows of windows");
  if (image.row_bytes != (windows.width - 1) * windows.pixel_pitch + windows.channels)
    in.fail("image rows don't have the bytes of their pixels");
  if (image.rows > windows_limit || image.pitch < 0 || image.pitch > most_bytes) in.fail("an image that is too large");
  int64_t reaches[][2] = {{op.m / windows.output_columns, windows.stride_y},
                          {windows.output_columns, windows.stride_x},
                          {windows.kernel_rows, windows.dilation_y},
                          {windows.kernel_columns, windows.dilation_x}};
  for (auto &reach : reaches) {
    int64_t distance;
    if (__builtin_mul_overflow(reach[0] - 1, reach[1], &distance) || distance > windows_limit)
      in.fail("windows that reach too far");
  }
}

void check_matmul(const Reader &in, const MatMul &op) {
  int64_t macs;
  if (__builtin_mul_overflow(op.m, op.k, &macs) || __builtin_mul_overflow(macs, op.n, &macs) || macs > INT64_MAX / 8)
    in.fail("sizes that can't be counted");
  int64_t depth = op.k;
  if (op.is_depthwise) {
    depth = op.k * op.n;
    if (op.a.order != Order::windows || op.a.windows.channels != op.n)
      in.fail("depthwise without windows of N channels");
  }
  if (op.a.order == Order::windows) {
    check_windows(in, op, depth);
  } else {
    expect(in, "a", op.a.region, op.m * op.k);
  }
  if (op.b.order == Order::windows) in.fail("b has windows, which only a can have");
  expect(in, "b", op.b.region, op.k * op.n);
  expect(in, "out", op.out, 4 * op.m * op.n);
  if (op.out.row_bytes % 4 != 0) in.fail("a row of out cuts a result");
  if (!op.bias) return;
  expect(in, "bias", *op.bias, 4 * op.n);
  if (op.bias->row_bytes % 4 != 0) in.fail("a row of the bias cuts an INT32");
  if (op.accumulate) in.fail("a bias beside accumulate");
}

MatMul read_matmul(Reader &in, const Accelerator &accelerator, bool is_depthwise) {
  MatMul op;
  op.is_depthwise = is_depthwise;
  op.m = in.number("M", 1, most_bytes);
  op.k = in.number("K", 1, most_bytes);
  op.n = in.number("N", 1, most_bytes);
  op.a = read_operand(in, accelerator);
  op.b = read_operand(in, accelerator);
  if (in.flag("a bias")) op.bias = read_region(in, accelerator);
  op.out = read_region(in, accelerator);
  op.accumulate = in.flag("accumulate");
  op.keeps = in.flag("keep");
  check_matmul(in, op);
  return op;
}

VectorInstruction read_vector(Reader &in, const Program &program) {
  VectorInstruction vector;
  vector.rows = in.number("rows", 1, most_bytes);
  vector.columns = in.number("columns", 1, most_bytes);
  vector.source = read_region(in, program.accelerator);
  if (in.flag("a second operand")) vector.operand = read_region(in, program.accelerator);
  vector.destination = read_region(in, program.accelerator);
  int64_t table = static_cast<int64_t>(program.arithmetic.size());
  for (size_t left = in.count("stages", 3, 1); left > 0; left--) {
    VectorStage stage;
    stage.operation = in.keyword<VectorOperation>("a stage's operation", vector_operations);
    stage.arithmetic = in.number("a stage's arithmetic", -1, table - 1);
    stage.first_column = in.number("a stage's first column", 0, most_bytes);
    if (!program.accelerator.vector.operations[static_cast<size_t>(stage.operation)].is_present)
      in.fail("an operation that the vector unit doesn't have");
    vector.stages.push_back(stage);
  }
  check(in, vector, program);
  return vector;
}

std::vector<Token> read_tokens(Reader &in, const char *what, size_t queues, bool is_post) {
  std::vector<Token> tokens;
  for (size_t left = in.count(what, is_post ? 5 : 3); left > 0; left--) {
    Token token;
    token.queue = static_cast<size_t>(in.number("a token's queue", 0, static_cast<int64_t>(queues) - 1));
    token.slot = in.keyword<Slot>("a token's slot", slots);
    token.count = in.number("a count of tokens", 1, most_tokens);
    if (is_post) {
      token.delay = in.number("cycles of a token on its way", 0, most_cycles);
      token.when_read = in.flag("a token given when operands have been read");
    }
    tokens.push_back(token);
  }
  return tokens;
}

void check_unit(const Reader &in, const Instruction &instruction, const Accelerator &accelerator) {
  size_t vector = accelerator.vector_queue();
  bool fits = false;
  switch (instruction.kind) {
    case Kind::load:
    case Kind::store: fits = instruction.queue > vector; break;
    case Kind::matmul: fits = instruction.queue < vector; break;
    case Kind::depthwise: fits = instruction.queue < vector && accelerator.engines[instruction.queue].depthwise; break;
    case Kind::vector: fits = instruction.queue == vector; break;
  }
  if (!fits) in.fail("an instruction that " + accelerator.queue_name(instruction.queue) + " can't execute");
}

}  // namespace

Region read_region(Reader &in, const Accelerator &accelerator) {
  Region region;
  int64_t all = 0;
  for (const Buffer &buffer : accelerator.buffers) all += buffer.bytes;
  region.buffer = in.number("a buffer", 0, static_cast<int64_t>(accelerator.buffers.size()) - 1);
  region.offset = in.any("a region's offset");
  region.rows = in.any("a region's rows");
  region.row_bytes = in.any("a region's row");
  region.pitch = in.any("a region's pitch");
  int64_t bytes = accelerator.buffers[static_cast<size_t>(region.buffer)].bytes;
  // Rows may overlap, so that a small buffer can seem to hold any number of bytes.
  if (!is_rectangle(region.offset, region.rows, region.row_bytes, region.pitch, bytes) || region.bytes() > all)
    in.fail("a region that isn't in its buffer");
  return region;
}

Instruction read_instruction(Reader &in, const Program &program) {
  const Accelerator &accelerator = program.accelerator;
  int64_t queues = static_cast<int64_t>(accelerator.queues());
  Instruction instruction;
  instruction.queue = static_cast<size_t>(in.number("an instruction's queue", 0, queues - 1));
  instruction.kind = in.keyword<Kind>("an instruction's kind", 5);
  check_unit(in, instruction, accelerator);
  switch (instruction.kind) {
    case Kind::load:
    case Kind::store:
      instruction.transfer.dram = read_dram_region(in);
      instruction.transfer.region = read_region(in, accelerator);
      expect(in, "the buffer's side", instruction.transfer.region, instruction.transfer.dram.bytes());
      break;
    case Kind::matmul:
    case Kind::depthwise:
      instruction.matmul = read_matmul(in, accelerator, instruction.kind == Kind::depthwise);
      break;
    case Kind::vector: instruction.vector = read_vector(in, program); break;
  }
  instruction.waits = read_tokens(in, "waits", accelerator.queues(), false);
  instruction.posts = read_tokens(in, "posts", accelerator.queues(), true);
  return instruction;
}

}  // namespace vitsim
#endif
