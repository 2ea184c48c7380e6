#if __has_include(<systemc>)
#include "program_parts.hpp"

namespace vitsim {
namespace {

Duty read_duty(Reader &in, const char *what) {
  Duty duty;
  duty.open = in.number(what, 1, 65536);
  duty.period = in.number(what, duty.open, 65536);
  return duty;
}

void read_sizes(Reader &in, Engine &engine) {
  engine.rows = in.number("rows", 1, 4096);
  engine.columns = in.number("columns", 1, 4096);
  engine.macs_per_pe = in.number("macs-per-pe", 1, 1024);
  engine.replicas = in.number("replicas", 1, 1024);
  if (engine.rows * engine.columns * engine.macs_per_pe * engine.replicas > 1 << 24)
    in.fail("an engine of more than 2^24 multipliers");
}

void read_streams(Reader &in, Engine &engine) {
  if (!in.flag("streams")) return;
  Streams streams;
  streams.fifo = in.number("fifo", 1, 1024);
  streams.start = in.number("start", 0, most_cycles);
  streams.registers = in.number("registers", 0, 64);
  streams.finish = in.number("finish", 1, most_cycles);
  streams.restart = in.number("restart", 0, most_cycles);
  engine.streams = streams;
}

Engine read_engine(Reader &in) {
  Engine engine;
  engine.name = in.name("an engine's name");
  engine.interconnect = in.keyword<Interconnect>("interconnect", 2);
  engine.dataflow = in.keyword<Dataflow>("dataflow", 3);
  read_sizes(in, engine);
  engine.shadow_weights = in.flag("shadow-weights");
  engine.stationary_buffers = in.number("stationary-buffers", 1, 16);
  if (engine.stationary_buffers > 1 &&
      (engine.interconnect == Interconnect::systolic || engine.dataflow == Dataflow::output_stationary ||
       engine.shadow_weights))
    in.fail("stationary-buffers beside shadow-weights, or in an array that isn't broadcast and stationary");
  engine.swap_cycles = in.number("swap-cycles", 0, most_cycles);
  engine.step_interval = in.number("step-interval", 1, 1024);
  engine.pe_registers = in.number("pe-registers", 1, 64);
  engine.edge_registers = in.number("edge-registers", 0, 64);
  engine.adder_tree_registers = in.number("adder-tree-registers", 0, 16);
  engine.output_path = in.keyword<OutputPath>("output-path", 3);
  engine.tile_overlap = in.flag("tile-overlap");
  engine.edge_tiles = in.keyword<EdgeTiles>("edge-tiles", 2);
  engine.tile_order = in.keyword<TileOrder>("tile-order", 2);
  engine.kernel_taps = in.keyword<KernelTaps>("kernel-taps", 2);
  engine.depthwise = in.flag("depthwise");
  engine.tile_steps = in.number("tile-steps", 0, 65536);
  engine.minimum_steps = in.number("minimum-steps", 1, 4096);
  engine.tiles_in_flight = in.number("tiles-in-flight", 0, 1024);
  engine.lock_step = in.flag("lock-step");
  engine.row_by_row = in.flag("row-by-row");
  engine.transpose_cycles = in.number("transpose-cycles", 0, most_cycles);
  engine.issue_latency = in.number("issue-latency", 0, most_cycles);
  engine.issue_interval = in.number("issue-interval", 0, most_cycles);
  engine.output_fifo = in.number("output-fifo", 0, 65536);
  engine.stream_duty = read_duty(in, "stream-duty");
  engine.load_duty = read_duty(in, "load-duty");
  engine.result_duty = read_duty(in, "result-duty");
  read_streams(in, engine);
  engine.inputs = in.number("inputs", 0, 63);
  engine.weights = in.number("weights", 0, 63);
  engine.outputs = in.number("outputs", 0, 63);
  engine.macs_per_dsp = in.number("macs-per-dsp", 1, 16);
  return engine;
}

Buffer read_buffer(Reader &in) {
  Buffer buffer;
  buffer.name = in.name("a buffer's name");
  buffer.bytes = in.number("size", 1, most_bytes);
  buffer.banks = in.number("banks", 1, 1024);
  if (buffer.bytes % buffer.banks != 0) in.fail("banks don't divide the buffer's size");
  buffer.ports = in.number("ports", 1, 16);
  buffer.word_bytes = in.number("word-width", 1, 1 << 20);
  buffer.latency = in.number("latency", 0, most_cycles);
  buffer.load_latency = in.number("load-latency", 0, most_cycles);
  buffer.ping_pong = in.flag("ping-pong");
  buffer.memory = in.number("memory", 0, 2);
  return buffer;
}

int64_t power_of_two(Reader &in, const char *what, int64_t high) {
  int64_t value = in.number(what, 1, high);
  if ((value & (value - 1)) != 0) in.fail(std::string(what) + " isn't a power of two");
  return value;
}

Channel read_channel(Reader &in) {
  Channel channel;
  channel.name = in.name("a channel's name");
  for (size_t left = in.count("carries", 1, 1, 3); left > 0; left--) {
    int64_t cargo = in.number("carries", 0, 2);
    (cargo == 0 ? channel.carries_weights : cargo == 1 ? channel.carries_inputs : channel.carries_outputs) = true;
  }
  channel.beat_bytes = power_of_two(in, "data-width", 4096);
  channel.burst_beats = in.number("burst-length", 1, 256);
  channel.boundary_bytes = power_of_two(in, "boundary", 1 << 30);
  if (channel.boundary_bytes < channel.beat_bytes) in.fail("boundary is less than a beat");
  channel.outstanding = in.number("outstanding", 1, 1024);
  channel.setup = in.number("setup", 0, most_cycles);
  channel.bursts = in.keyword<BurstShape>("bursts", 2);
  if (channel.bursts == BurstShape::aligned && (channel.burst_beats & (channel.burst_beats - 1)) != 0)
    in.fail("bursts are aligned, but burst-length isn't a power of two");
  channel.assembly = in.flag("assembly");
  channel.transfers_in_flight = in.number("transfers-in-flight", 0, 1024);
  channel.dispatch = in.number("dispatch", 0, most_cycles);
  channel.narrowing = in.number("narrowing", 1, 64);
  channel.gather_ahead = in.number("gather-ahead", 0, 1024);
  channel.gather_words = in.number("gather-words", 0, 1024);
  channel.gather_cycles = in.number("gather-cycles", 0, most_cycles);
  channel.read_completion = in.number("read-completion", 0, most_cycles);
  if (in.flag("acknowledgement")) channel.acknowledgement = in.number("acknowledgement", 0, most_cycles);
  channel.send_path = in.number("send-path", 0, most_cycles);
  channel.write_path = in.number("write-path", 0, most_cycles);
  channel.slot_return = in.number("slot-return", 1, most_cycles);
  channel.completion = in.number("completion", 1, most_cycles);
  channel.beat_credit = in.flag("beat-credit");
  if (channel.beat_credit && channel.outstanding < 2) in.fail("beat-credit needs outstanding of 2 or more");
  return channel;
}

DRAM read_dram(Reader &in) {
  DRAM dram;
  dram.is_ideal = in.number("the DRAM's model", 0, 1) == 0;
  dram.latency = in.number("the DRAM's latency", 0, most_cycles);
  dram.bandwidth = in.number("bandwidth", 0, 100'000'000'000'000);
  if (dram.is_ideal != (dram.bandwidth == 0)) in.fail("an ideal DRAM has no bandwidth, any other one");
  dram.in_order = in.flag("in-order");
  dram.shared_requests = in.flag("shared-requests");
  return dram;
}

VectorSpec read_vector(Reader &in) {
  VectorSpec vector;
  vector.lanes = in.number("lanes", 1, 65536);
  vector.rows_in_flight = in.number("rows-in-flight", 1, 1024);
  vector.row_packing = in.flag("row-packing");
  vector.divider = in.number("divider", 0, most_cycles);
  vector.square_root = in.number("square-root", 0, most_cycles);
  vector.dsps = in.number("dsps", 0, 1'000'000'000);
  for (VectorTiming &operation : vector.operations) {
    operation.is_present = in.flag("an operation");
    if (!operation.is_present) continue;
    operation.algorithm = in.keyword<Algorithm>("algorithm", 5);
    operation.passes = in.number("passes", 1, 1024);
    operation.interval = in.number("interval", 1, 1024);
    operation.latency = in.number("latency", 0, most_cycles);
  }
  return vector;
}

void check_buffers(const Reader &in, const Accelerator &accelerator) {
  int64_t buffers = static_cast<int64_t>(accelerator.buffers.size());
  for (const Engine &engine : accelerator.engines)
    if (engine.inputs >= buffers || engine.weights >= buffers || engine.outputs >= buffers)
      in.fail("engine " + engine.name + " refers to a buffer that isn't there");
}

}  // namespace

Accelerator read_accelerator(Reader &in) {
  Accelerator accelerator;
  accelerator.name = in.name("the accelerator's name");
  accelerator.clock = in.number("clock", 1000, 100'000'000'000);
  for (size_t left = in.count("engines", 40, 1, 16); left > 0; left--) accelerator.engines.push_back(read_engine(in));
  for (size_t left = in.count("buffers", 10, 1, 64); left > 0; left--) accelerator.buffers.push_back(read_buffer(in));
  check_buffers(in, accelerator);
  for (size_t left = in.count("channels", 16, 1, 32); left > 0; left--)
    accelerator.channels.push_back(read_channel(in));
  accelerator.dram = read_dram(in);
  accelerator.vector = read_vector(in);
  return accelerator;
}

}  // namespace vitsim
#endif
