#if __has_include(<systemc>)
#include "grid.hpp"

namespace vitsim {
namespace {

class OutputGrid : public Grid {
 public:
  OutputGrid(const sc_core::sc_module_name &name, Environment &environment, size_t engine)
      : Grid(name, environment, engine) {
    build<OutputPE>();
  }

  void add_groups(RegisterFile &file) override;
  void reset() override {
    Grid::reset();
    leaving_.clear();
  }

 private:
  void enter(const Tile &tile, int64_t number, Step &step) override;
  void shift() override;
  void collect(int64_t cycle) override;
  void take(const Tile &tile, size_t row, size_t column, size_t from, int64_t visible);

  bool is_direct() const { return spec_.output_path == OutputPath::direct; }

  /// Tiles whose last step has entered and whose results haven't all left.
  std::deque<const Tile *> leaving_;
};

void OutputGrid::enter(const Tile &tile, int64_t number, Step &step) {
  const MatMul &op = *tile.op;
  Memory &memory = *environment_.memory;
  if (step.is_last) leaving_.push_back(&tile);
  if (step.is_first && op.bias)
    for (int64_t column = 0; column < tile.width; column++)
      step.bias[static_cast<size_t>(column)] = memory.word(*op.bias, tile.column + column);
  for (int64_t v = 0; v < spec_.macs_per_pe; v++) {
    int64_t k = number * spec_.macs_per_pe + v;
    if (k >= op.k) return;
    // Rows of all replicas follow one another.
    for (int64_t row = 0; row < tile.lanes; row++)
      step.left[static_cast<size_t>(row * spec_.macs_per_pe + v)] =
          element(memory, op.a, op.m, op.k, tile.from + row, k);
    for (int64_t column = 0; column < tile.width; column++)
      step.top[static_cast<size_t>(v * spec_.columns + column)] =
          element(memory, op.b, op.k, op.n, k, tile.column + column);
  }
}

/// The results of all replicas of one PE, from its register or from that of the PE `from` on the chain's end.
void OutputGrid::take(const Tile &tile, size_t row, size_t column, size_t from, int64_t visible) {
  if (static_cast<int64_t>(column) >= tile.width) return;
  const Layout &at = array_.layout;
  size_t place = spec_.output_path == OutputPath::shift_registers ? at.out : at.acc;
  for (size_t replica = 0; replica < static_cast<size_t>(spec_.replicas); replica++) {
    int64_t lane = static_cast<int64_t>(replica * array_.rows + row);
    if (lane >= tile.lanes) return;
    int64_t index = (tile.from + lane) * tile.op->n + tile.column + static_cast<int64_t>(column);
    results_.push(tile, index, own(replica, from, column)[place], visible);
  }
}

/// Rule M11, shifting paths: what the bottom row holds in this cycle leaves with it.
void OutputGrid::shift() {
  std::vector<int64_t> &shifts = array_.edge.shifts();
  std::fill(shifts.begin(), shifts.end(), 0);
  if (is_direct() || leaving_.empty()) return;
  int64_t now = environment_.now;
  const Tile &done = *leaving_.front();
  if (done.shift_start + (spec_.columns - 1) * hop(spec_) + spec_.rows * done.out_interval <= now) leaving_.pop_front();
  for (const Tile *tile : leaving_)
    for (size_t column = 0; column < array_.columns; column++) {
      int64_t passed = now + 1 - tile->shift_start - static_cast<int64_t>(column) * hop(spec_);
      int64_t number = passed / tile->out_interval;
      if (passed <= 0 || passed % tile->out_interval != 0 || number > spec_.rows) continue;
      shifts[column] = number;
      take(*tile, array_.rows - static_cast<size_t>(number), column, array_.rows - 1, now + 1 + tile->out_delay);
    }
  // However long a row of results takes, the array goes on.
  if (!leaving_.empty()) wake();
}

/// Rule M11, `direct`.
void OutputGrid::collect(int64_t cycle) {
  if (!is_direct()) return;
  int64_t longest = (spec_.rows + spec_.columns - 2) * hop(spec_) + spec_.pe_registers;
  while (!leaving_.empty() && leaving_.front()->last_entry() + longest < cycle) leaving_.pop_front();
  for (const Tile *tile : leaving_) {
    int64_t passed = cycle - tile->last_entry() - spec_.pe_registers;
    if (passed < 0) continue;
    for (size_t row = 0; row < array_.rows; row++) {
      if (spec_.is_systolic()) {
        size_t column = static_cast<size_t>(passed) - row;
        if (static_cast<size_t>(passed) >= row && column < array_.columns)
          take(*tile, row, column, row, cycle + tile->out_delay);
      } else if (passed == 0) {
        for (size_t column = 0; column < array_.columns; column++)
          take(*tile, row, column, row, cycle + tile->out_delay);
      }
    }
  }
}

void OutputGrid::add_groups(RegisterFile &file) {
  int64_t replicas = spec_.replicas, rows = spec_.rows, depth = spec_.macs_per_pe, columns = spec_.columns;
  const Layout &at = array_.layout;
  if (spec_.is_systolic()) {
    add_group(file, "a", {replicas, rows, depth, columns}, at.a, 1, array_.depth, true);
    add_group(file, "b", {replicas, rows, depth, columns}, at.b, 1, array_.depth, true);
  }
  if (array_.path > 1)
    add_group(file, "product", {replicas, spec_.pe_registers - 1, rows, columns}, at.product, array_.path - 1, 1,
              false);
  add_group(file, "acc", {replicas, rows, columns}, at.acc, 1, 1, true);
  if (spec_.output_path == OutputPath::shift_registers)
    add_group(file, "out", {replicas, rows, columns}, at.out, 1, 1, true);
}

}  // namespace

std::unique_ptr<Grid> make_output_grid(const char *name, Environment &environment, size_t engine) {
  return std::make_unique<OutputGrid>(name, environment, engine);
}

}  // namespace vitsim
#endif
