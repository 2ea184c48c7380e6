// A decoded program image: accelerator, memory and instructions as plain values (docs/cosimulation.md, "Program
// image").
//
// Behind `decode` every number is within the bounds of docs/hardware.md, every index refers to what is there, every
// region lies in its buffer, and operands have the sizes that their operations need: no sum or product of them
// overflows.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace vitsim {

enum class Interconnect { systolic, broadcast };
enum class Dataflow { weight_stationary, output_stationary, input_stationary };
enum class OutputPath { direct, shift, shift_registers };
enum class EdgeTiles { trimmed, full };
enum class TileOrder { rows_inner, columns_inner };
enum class KernelTaps { packed, separate };
enum class BurstShape { incrementing, aligned };
enum class Algorithm { float32, fixed_point, i_bert, i_vit, table };
enum class TensorKind { weight, input, output, spill };

/// The first `open` of every `period` cycles.
struct Duty {
  int64_t open = 1, period = 1;
};

struct Streams {
  int64_t fifo, start, registers, finish, restart;
};

struct Engine {
  std::string name;
  Interconnect interconnect;
  Dataflow dataflow;
  int64_t rows, columns, macs_per_pe, replicas;
  bool shadow_weights;
  int64_t stationary_buffers, swap_cycles, step_interval, pe_registers, edge_registers, adder_tree_registers;
  OutputPath output_path;
  bool tile_overlap;
  EdgeTiles edge_tiles;
  TileOrder tile_order;
  KernelTaps kernel_taps;
  bool depthwise;
  int64_t tile_steps, minimum_steps, tiles_in_flight;
  bool lock_step, row_by_row;
  int64_t transpose_cycles, issue_latency, issue_interval, output_fifo;
  Duty stream_duty, load_duty, result_duty;
  std::optional<Streams> streams;
  /// Indices of buffers.
  int64_t inputs, weights, outputs;
  int64_t macs_per_dsp;

  bool is_systolic() const { return interconnect == Interconnect::systolic; }
  bool is_stationary() const { return dataflow != Dataflow::output_stationary; }
};

struct Buffer {
  std::string name;
  int64_t bytes, banks, ports, word_bytes, latency, load_latency;
  bool ping_pong;
  int64_t memory;

  int64_t bank_bytes() const { return bytes / banks; }
};

struct Channel {
  std::string name;
  bool carries_weights = false, carries_inputs = false, carries_outputs = false;
  int64_t beat_bytes, burst_beats, boundary_bytes, outstanding, setup;
  BurstShape bursts;
  bool assembly;
  int64_t transfers_in_flight, dispatch;
  int64_t narrowing, gather_ahead, gather_words, gather_cycles, read_completion;
  std::optional<int64_t> acknowledgement;
  int64_t send_path, write_path, slot_return, completion;
  bool beat_credit;
};

struct DRAM {
  bool is_ideal;
  int64_t latency;
  /// Bytes a second; 0 if ideal.
  int64_t bandwidth;
  bool in_order, shared_requests;
};

/// In the order of docs/hardware.md.
enum class VectorOperation {
  requantize, scale, add, multiply, relu, gelu, hardswish, lookup, softmax, layernorm, divide, average
};
constexpr size_t vector_operations = 12;

struct VectorTiming {
  bool is_present = false;
  Algorithm algorithm = Algorithm::float32;
  int64_t passes = 1, interval = 1, latency = 0;
};

struct VectorSpec {
  int64_t lanes, rows_in_flight;
  bool row_packing;
  int64_t divider, square_root, dsps;
  VectorTiming operations[vector_operations];
};

struct Accelerator {
  std::string name;
  int64_t clock;
  std::vector<Engine> engines;
  std::vector<Buffer> buffers;
  std::vector<Channel> channels;
  DRAM dram;
  VectorSpec vector;

  /// Queues stand in the order engines, vector unit, channels.
  size_t queues() const { return engines.size() + 1 + channels.size(); }
  size_t vector_queue() const { return engines.size(); }
  std::string queue_name(size_t queue) const {
    if (queue < engines.size()) return engines[queue].name;
    return queue == engines.size() ? "vector" : "dma." + channels[queue - engines.size() - 1].name;
  }
};

/// A rectangle of bytes: in a buffer, `pitch` bytes from row to row.
struct Region {
  int64_t buffer = 0, offset = 0, rows = 0, row_bytes = 0, pitch = 0;

  int64_t bytes() const { return rows * row_bytes; }
  int64_t end() const { return offset + (rows - 1) * pitch + row_bytes; }
};

struct DRAMRegion {
  int64_t address, rows, row_bytes, stride;

  int64_t bytes() const { return rows * row_bytes; }
  int64_t end() const { return address + (rows - 1) * stride + row_bytes; }
};

/// Windows of an image as rows of a matrix (docs/schedule.md, "Orders").
struct Windows {
  int64_t width, channels, pixel_pitch, kernel_rows, kernel_columns, stride_y, stride_x, dilation_y, dilation_x;
  int64_t origin_y, origin_x, output_columns;
};

enum class Order { row_major, column_major, windows };

struct Operand {
  Region region;
  Order order = Order::row_major;
  /// Of an operand whose order is `windows`.
  Windows windows{};
  int64_t zero = 0;
};

struct MatMul {
  int64_t m, k, n;
  bool is_depthwise;
  Operand a, b;
  std::optional<Region> bias;
  Region out;
  bool accumulate, keeps;
};

struct VectorStage {
  VectorOperation operation;
  /// Index into `Program::arithmetic`; −1 where only time is asked for.
  int64_t arithmetic;
  /// Column of the operator's output that is the instruction's first.
  int64_t first_column;
};

struct VectorInstruction {
  int64_t rows, columns;
  Region source;
  std::optional<Region> operand;
  Region destination;
  std::vector<VectorStage> stages;
};

struct Transfer {
  DRAMRegion dram;
  Region region;
};

enum class Kind { load, store, matmul, depthwise, vector };
enum class Slot { start, a, b, out };
constexpr size_t slots = 4;

/// Tokens taken from, or given to, another queue.
struct Token {
  size_t queue;
  Slot slot;
  int64_t count;
  /// Of a post: cycles on the way (rule G3).
  int64_t delay = 0;
  /// Given when the operands have been read (rule G4).
  bool when_read = false;
};

struct Instruction {
  size_t queue;
  Kind kind;
  /// Of `load` and `store`.
  Transfer transfer{};
  /// Of `matmul` and `depthwise`.
  MatMul matmul{};
  VectorInstruction vector{};
  std::vector<Token> waits, posts;
};

struct Quantization {
  double scale = 1;
  int64_t zero = 0;
};

/// What a stage computes, in the order of the words in docs/schedule.md.
enum class Word {
  requantize, add, multiply, softmax, layernorm, divide, average,
  identity, scale, relu, gelu, hardswish, hardsigmoid, sigmoid, silu, tanh, lookup
};

struct Arithmetic {
  Word word;
  Algorithm algorithm;
  /// `add`, `multiply`: the first operand.
  Quantization input, second, output;
  /// requantize.
  std::vector<double> factors;
  int64_t lowest = -128;
  /// scale: `by`; hardsigmoid: `alpha`, `beta`; layernorm: scales of gain and bias.
  double by = 0, alpha = 0, beta = 0, gain_scale = 0, bias_scale = 0, epsilon = 0;
  /// hardswish, if its second factor is quantized.
  std::optional<Quantization> gate;
  /// lookup: results for −128 … 127.
  std::vector<int8_t> table;
};

struct Tensor {
  TensorKind kind;
  int64_t address, bytes;
  /// What it holds at the start; empty: zeros.
  std::vector<uint8_t> contents;
};

struct Preload {
  Region region;
  /// Row by row, without gaps; empty: zeros.
  std::vector<uint8_t> contents;
};

struct Program {
  Accelerator accelerator;
  /// The same as the image has it: two programs with the same bytes are for the same accelerator.
  std::vector<uint8_t> accelerator_image;
  std::vector<Tensor> tensors;
  std::vector<Preload> preloads;
  /// By engine: tiles whose stationary operand is in the array at cycle 0.
  std::vector<int64_t> loaded;
  std::vector<Arithmetic> arithmetic;
  std::vector<Instruction> instructions;
};

/// The image is damaged: says at which word.
struct ProgramError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The program asks for what this model doesn't have: names unit and key.
struct Unsupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// An image's first word.
constexpr uint64_t program_magic = 0x31474D494D495356;

/// A sound program, or a `ProgramError`.
Program decode(const uint8_t *image, size_t bytes);

}  // namespace vitsim
