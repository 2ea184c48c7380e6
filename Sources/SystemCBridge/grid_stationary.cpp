#if __has_include(<systemc>)
#include "grid.hpp"

namespace vitsim {
namespace {

/// The sum of a column of a broadcast array, through the registers of its adder tree.
class Column : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Column);
  Column(const sc_core::sc_module_name &name, Array &array, std::vector<const PE *> pes, int32_t *now, int32_t *next,
         size_t stages)
      : sc_core::sc_module(name), array_(array), pes_(std::move(pes)), registers_(now, next, stages), stages_(stages) {
    SC_METHOD(clock);
    sensitive << array.clock;
    dont_initialize();
  }

 private:
  void clock() {
    const PE &top = *pes_[0];
    const Step &step = array_.edge.step(0);
    const int32_t *own = registers_.read();
    int32_t *next = registers_.write();
    uint32_t sum = static_cast<uint32_t>(step.bias[top.replica * array_.columns + top.column]);
    if (step.tile)
      for (const PE *pe : pes_) sum += static_cast<const BroadcastPE *>(pe)->product();
    next[0] = static_cast<int32_t>(sum);
    for (size_t i = 1; i < stages_; i++) next[i] = own[i - 1];
  }

  Array &array_;
  std::vector<const PE *> pes_;
  Registers registers_;
  size_t stages_;
};

class StationaryGrid : public Grid {
 public:
  StationaryGrid(const sc_core::sc_module_name &name, Environment &environment, size_t engine)
      : Grid(name, environment, engine),
        is_input_(spec_.dataflow == Dataflow::input_stationary),
        stages_(spec_.is_systolic() ? 0 : static_cast<size_t>(tree_registers(spec_))) {
    if (spec_.is_systolic()) {
      build<SystolicPE>();
    } else {
      build<BroadcastPE>();
      build_columns();
    }
  }

  void fill(const Tile &tile) override;
  void add_groups(RegisterFile &file) override;
  void reset() override {
    Grid::reset();
    std::fill(tree_now_.begin(), tree_now_.end(), 0);
    std::fill(tree_next_.begin(), tree_next_.end(), 0);
  }

 private:
  void build_columns();
  void enter(const Tile &tile, int64_t number, Step &step) override;
  void enter(const Tile &tile, int64_t number, LoadRow &row) override;
  void collect(int64_t cycle) override;
  void take(const Step &step, size_t column, int64_t cycle);

  size_t slot(const Tile &tile) const {
    return array_.has_shadow ? 0 : static_cast<size_t>(tile.count % spec_.stationary_buffers);
  }
  /// Of the stationary operand: element k of K for a column of the tile.
  int16_t stationary(const Tile &tile, int64_t k, int64_t column) const {
    const MatMul &op = *tile.op;
    if (k >= tile.lanes || column >= tile.width) return 0;
    Memory &memory = *environment_.memory;
    return is_input_ ? element(memory, op.a, op.m, op.k, tile.column + column, tile.from + k)
                     : element(memory, op.b, op.k, op.n, tile.from + k, tile.column + column);
  }
  int32_t &tree(size_t replica, size_t stage, size_t column) {
    return tree_now_[(replica * array_.columns + column) * stages_ + stage];
  }

  const bool is_input_;
  /// Of a column's tree; systolic: none.
  const size_t stages_;
  std::vector<int32_t> tree_now_, tree_next_;
  std::vector<std::unique_ptr<Column>> columns_;
};

void StationaryGrid::build_columns() {
  size_t all = static_cast<size_t>(spec_.replicas) * array_.columns;
  tree_now_.assign(all * stages_, 0);
  tree_next_.assign(all * stages_, 0);
  for (size_t place = 0; place < all; place++) {
    size_t replica = place / array_.columns, column = place % array_.columns;
    std::vector<const PE *> pes;
    for (size_t row = 0; row < array_.rows; row++) pes.push_back(&pe(replica, row, column));
    std::string name = "column_" + std::to_string(replica) + "_" + std::to_string(column);
    columns_.push_back(std::make_unique<Column>(name.c_str(), array_, std::move(pes), &tree_now_[place * stages_],
                                                &tree_next_[place * stages_], stages_));
  }
}

void StationaryGrid::fill(const Tile &tile) {
  size_t chain = array_.has_shadow ? array_.layout.shadow : array_.layout.w + slot(tile) * array_.depth;
  for (size_t replica = 0; replica < static_cast<size_t>(spec_.replicas); replica++)
    for (size_t row = 0; row < static_cast<size_t>(tile.load_rows); row++)
      for (size_t column = 0; column < array_.columns; column++)
        for (size_t v = 0; v < array_.depth; v++)
          own(replica, row, column)[chain + v] =
              stationary(tile, static_cast<int64_t>(row * array_.depth + v), static_cast<int64_t>(column));
}

void StationaryGrid::enter(const Tile &tile, int64_t number, Step &step) {
  const MatMul &op = *tile.op;
  Memory &memory = *environment_.memory;
  step.slot = slot(tile);
  size_t span = array_.rows * array_.depth;
  for (int64_t replica = 0; replica < spec_.replicas; replica++) {
    int64_t index = number * spec_.replicas + replica;
    if (index >= tile.extent) break;
    int16_t *left = &step.left[static_cast<size_t>(replica) * span];
    for (int64_t k = 0; k < tile.lanes; k++)
      left[k] = is_input_ ? element(memory, op.b, op.k, op.n, tile.from + k, index)
                          : element(memory, op.a, op.m, op.k, index, tile.from + k);
    if (!op.bias || tile.from > 0) continue;
    int32_t *bias = &step.bias[static_cast<size_t>(replica) * array_.columns];
    for (int64_t column = 0; column < tile.width; column++)
      bias[column] = memory.word(*op.bias, is_input_ ? index : tile.column + column);
  }
}

void StationaryGrid::enter(const Tile &tile, int64_t number, LoadRow &row) {
  row.slot = slot(tile);
  int64_t first = (tile.load_rows - 1 - number) * spec_.macs_per_pe;
  for (size_t v = 0; v < array_.depth; v++)
    for (size_t column = 0; column < array_.columns; column++)
      row.top[v * array_.columns + column] =
          stationary(tile, first + static_cast<int64_t>(v), static_cast<int64_t>(column));
}

/// Rule M7.
void StationaryGrid::collect(int64_t cycle) {
  bool is_systolic = spec_.is_systolic();
  int64_t distance = is_systolic ? spec_.rows * spec_.pe_registers : static_cast<int64_t>(stages_);
  // The edge still stands at the present cycle.
  int64_t lag = distance - (cycle - environment_.now);
  for (size_t column = 0; column < array_.columns; column++) {
    const Step &step = array_.edge.step(lag);
    if (step.tile && static_cast<int64_t>(column) < step.tile->width) take(step, column, cycle);
    if (is_systolic) lag++;
  }
}

void StationaryGrid::take(const Step &step, size_t column, int64_t cycle) {
  const Tile &tile = *step.tile;
  for (int64_t replica = 0; replica < spec_.replicas; replica++) {
    int64_t row = step.number * spec_.replicas + replica, place = tile.column + static_cast<int64_t>(column);
    if (row >= tile.extent) return;
    size_t r = static_cast<size_t>(replica);
    int32_t value = spec_.is_systolic()
                        ? own(r, array_.rows - 1, column)[array_.layout.sum + array_.path - 1]
                        : tree(r, stages_ - 1, column);
    int64_t index = is_input_ ? place * tile.op->n + row : row * tile.op->n + place;
    results_.push(tile, index, value, cycle + tile.out_delay);
  }
}

void StationaryGrid::add_groups(RegisterFile &file) {
  int64_t replicas = spec_.replicas, rows = spec_.rows, depth = spec_.macs_per_pe, columns = spec_.columns;
  int64_t slots = array_.has_shadow ? 1 : spec_.stationary_buffers;
  const Layout &at = array_.layout;
  size_t width = array_.depth;
  if (spec_.is_systolic()) add_group(file, "a", {replicas, rows, depth, columns}, at.a, 1, width, true);
  add_group(file, "w", {replicas, slots * rows, depth, columns}, at.w, static_cast<size_t>(slots), width, true);
  if (array_.has_shadow) add_group(file, "shadow", {replicas, rows, depth, columns}, at.shadow, 1, width, true);
  if (spec_.is_systolic()) {
    add_group(file, "pass", {replicas, rows, depth, columns}, at.pass, 1, width, false);
    add_group(file, "sum", {replicas, spec_.pe_registers, rows, columns}, at.sum, array_.path, 1, true);
    return;
  }
  auto read = [this](int32_t *registers) {
    for (size_t replica = 0; replica < static_cast<size_t>(spec_.replicas); replica++)
      for (size_t stage = 0; stage < stages_; stage++)
        for (size_t column = 0; column < array_.columns; column++) *registers++ = tree(replica, stage, column);
  };
  file.add({spec_.name + ".tree", {replicas, static_cast<int64_t>(stages_), columns}, read, nullptr});
}

}  // namespace

std::unique_ptr<Grid> make_stationary_grid(const char *name, Environment &environment, size_t engine) {
  return std::make_unique<StationaryGrid>(name, environment, engine);
}

}  // namespace vitsim
#endif
