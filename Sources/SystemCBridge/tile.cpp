#if __has_include(<systemc>)
#include "tile.hpp"

namespace vitsim {
namespace {

/// What `amount` takes at `rate` a cycle.
int64_t cycles(int64_t amount, int64_t rate) { return std::max<int64_t>(1, ceiling(amount, rate)); }

}  // namespace

int64_t tree_registers(const Engine &engine) {
  int64_t levels = 0;
  while ((int64_t{1} << levels) < engine.rows) levels++;
  return engine.pe_registers + engine.adder_tree_registers * levels;
}

Tiler::Tiler(const Environment &environment, size_t engine)
    : environment_(environment), spec_(environment.accelerator().engines[engine]), queue_(environment.queues[engine]) {}

bool Tiler::next(Tile &tile) {
  if (place_ == queue_.size()) return false;
  tile = Tile();
  tile.instruction = queue_[place_];
  const MatMul &op = environment_.instruction(tile.instruction).matmul;
  tile.op = &op;
  tile.number = number_++;
  tile.count = count_++;
  tile.is_first = tile.number == 0;
  tile.from = from_;
  tile.column = column_;
  tile.issue_from = spec_.issue_latency + tile.count * spec_.issue_interval;
  tile.accumulates = op.accumulate || (spec_.is_stationary() && from_ > 0);
  const Buffer &out = environment_.buffer(op.out);
  tile.out_latency = out.latency;
  tile.out_delay = out.latency + spec_.edge_registers;
  if (spec_.is_stationary()) {
    shape_stationary(tile);
  } else {
    shape_output(tile);
  }
  tile.is_last = !advance(op);
  if (tile.is_last) {
    place_++;
    column_ = from_ = number_ = 0;
  }
  return true;
}

/// Goes on to the next tile of `op`; false if there is none (rule M1).
bool Tiler::advance(const MatMul &op) {
  bool is_input = spec_.dataflow == Dataflow::input_stationary;
  int64_t span = spec_.is_stationary() ? spec_.rows * spec_.macs_per_pe : spec_.rows * spec_.replicas;
  int64_t extent = spec_.is_stationary() ? op.k : op.m;
  int64_t columns = is_input ? op.m : op.n;
  bool is_columns_inner = spec_.tile_order == TileOrder::columns_inner;
  int64_t &inner = is_columns_inner ? column_ : from_, &outer = is_columns_inner ? from_ : column_;
  inner += is_columns_inner ? spec_.columns : span;
  if (inner < (is_columns_inner ? columns : extent)) return true;
  inner = 0;
  outer += is_columns_inner ? span : spec_.columns;
  return outer < (is_columns_inner ? extent : columns);
}

void Tiler::shape_stationary(Tile &tile) const {
  const MatMul &op = *tile.op;
  bool is_input = spec_.dataflow == Dataflow::input_stationary, is_full = spec_.edge_tiles == EdgeTiles::full;
  const Operand &stay = is_input ? op.a : op.b, &stream = is_input ? op.b : op.a;
  int64_t streamed = is_input ? op.n : op.m;
  tile.lanes = std::min(spec_.rows * spec_.macs_per_pe, op.k - tile.from);
  tile.width = std::min(spec_.columns, (is_input ? op.m : op.n) - tile.column);
  tile.extent = streamed;
  tile.steps = std::max(spec_.minimum_steps, ceiling(streamed, spec_.replicas));
  // Rule M9.
  int64_t lanes = is_full ? spec_.rows * spec_.macs_per_pe : tile.lanes;
  int64_t width = is_full ? spec_.columns : tile.width;
  int64_t replicas = is_full ? spec_.replicas : std::min(spec_.replicas, streamed);

  const Buffer &stay_buffer = environment_.buffer(stay.region), &stream_buffer = environment_.buffer(stream.region);
  const Buffer &out = environment_.buffer(op.out);
  tile.load_rows = ceiling(lanes, spec_.macs_per_pe);
  tile.row_interval = cycles(width * spec_.macs_per_pe, stay_buffer.word_bytes);
  bool is_across = is_input ? stay.order != Order::column_major : stay.order == Order::column_major;
  tile.transpose = is_across ? spec_.transpose_cycles : 0;
  tile.load_delay = stay_buffer.latency + spec_.edge_registers;
  tile.stream_delay = stream_buffer.latency + spec_.edge_registers;
  int64_t share = environment_.ports.share({environment_.ports.role(stream.region), environment_.ports.role(op.out)});
  tile.words = share * std::max(cycles(replicas * lanes, stream_buffer.word_bytes),
                                cycles(replicas * width * 4, out.word_bytes));
  tile.interval = std::max(tile.words, spec_.step_interval);
  tile.exit = (spec_.is_systolic() ? spec_.rows * spec_.pe_registers + width - 1 : tree_registers(spec_)) +
              tile.out_delay;
}

void Tiler::shape_output(Tile &tile) const {
  const MatMul &op = *tile.op;
  bool is_full = spec_.edge_tiles == EdgeTiles::full;
  tile.lanes = std::min(spec_.rows * spec_.replicas, op.m - tile.from);
  tile.width = std::min(spec_.columns, op.n - tile.column);
  tile.extent = op.k;
  tile.steps = std::max(spec_.minimum_steps, ceiling(op.k, spec_.macs_per_pe));
  int64_t rows = is_full ? spec_.rows : std::min(spec_.rows, tile.lanes);
  int64_t width = is_full ? spec_.columns : tile.width;
  int64_t replicas = is_full ? spec_.replicas : ceiling(tile.lanes, spec_.rows);

  const Buffer &a = environment_.buffer(op.a.region), &b = environment_.buffer(op.b.region);
  const Buffer &out = environment_.buffer(op.out);
  tile.stream_delay = std::max(a.latency, b.latency) + spec_.edge_registers;
  int64_t share = environment_.ports.share({environment_.ports.role(op.a.region), environment_.ports.role(op.b.region),
                                            environment_.ports.role(op.out)});
  tile.words = share * std::max(cycles(replicas * rows * spec_.macs_per_pe, a.word_bytes),
                                cycles(width * spec_.macs_per_pe, b.word_bytes));
  tile.interval = std::max(tile.words, spec_.step_interval);
  tile.out_interval = cycles(replicas * width * 4, out.word_bytes);
  tile.exit = (width - 1) * hop(spec_) + tile.out_delay;
  if (spec_.output_path == OutputPath::direct) {
    tile.exit += (rows - 1) * hop(spec_) + spec_.pe_registers;
  } else {
    tile.exit += spec_.rows * tile.out_interval;
  }
}

}  // namespace vitsim
#endif
