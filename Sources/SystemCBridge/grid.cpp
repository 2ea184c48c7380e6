#if __has_include(<systemc>)
#include "grid.hpp"

namespace vitsim {

Grid::Grid(const sc_core::sc_module_name &name, Environment &environment, size_t engine)
    : sc_core::sc_module(name),
      environment_(environment),
      spec_(environment.accelerator().engines[engine]),
      array_(spec_),
      results_(environment, spec_) {}

void Grid::stream(const Tile &tile) {
  // Nobody looks at a tile any more when all that entered with it has been seen.
  while (feeding_ > 0 && tiles_.front().drain_end + reach() < environment_.now) {
    tiles_.pop_front();
    feeding_--;
  }
  tiles_.push_back(tile);
}

void Grid::load(const Tile &tile) { loads_.push_back(tile); }

/// What enters in the present cycle: a step every `interval` cycles, a row in the last of its cycles.
void Grid::feed() {
  int64_t now = environment_.now;
  array_.edge.begin(now);
  if (feeding_ < tiles_.size() && tiles_[feeding_].entry(step_) == now) {
    const Tile &tile = tiles_[feeding_];
    Step &step = array_.edge.step();
    step.tile = &tile;
    step.number = step_;
    step.is_first = step_ == 0;
    step.is_last = step_ == tile.steps - 1;
    enter(tile, step_, step);
    step_++;
    if (step.is_last) {
      feeding_++;
      step_ = 0;
    }
    wake();
  }
  if (loads_.empty()) return;
  const Tile &tile = loads_.front();
  if (tile.load_start + tile.transpose + (row_ + 1) * tile.row_interval - 1 != now) return;
  array_.edge.row().is_command = true;
  enter(tile, row_, array_.edge.row());
  row_++;
  if (row_ == tile.load_rows) {
    loads_.pop_front();
    row_ = 0;
  }
  wake();
}

void Grid::clock() {
  bool may_enter = feeding_ < tiles_.size() || !loads_.empty();
  if (!may_enter && environment_.now > active_until_) return;
  feed();
  if (environment_.now > active_until_) return;
  shift();
  array_.clock.notify();
}

void Grid::settle() {
  int64_t next = environment_.now + 1;
  if (next <= active_until_ + 1) collect(next);
  results_.settle(next);
}

void Grid::reset() {
  array_.edge = Edge(spec_);
  results_.reset();
  tiles_.clear();
  loads_.clear();
  feeding_ = 0;
  step_ = row_ = 0;
  active_until_ = -1;
  std::fill(now_.begin(), now_.end(), 0);
  std::fill(next_.begin(), next_.end(), 0);
}

void Grid::add_group(RegisterFile &file, const char *name, std::vector<int64_t> dimensions, size_t first, size_t outer,
                     size_t inner, bool can_flip) {
  const size_t replicas = static_cast<size_t>(spec_.replicas), rows = array_.rows, columns = array_.columns;
  auto read = [=](int32_t *registers) {
    for (size_t replica = 0; replica < replicas; replica++)
      for (size_t i = 0; i < outer; i++)
        for (size_t row = 0; row < rows; row++)
          for (size_t v = 0; v < inner; v++) {
            const int32_t *from = own(replica, row, 0) + first + i * inner + v;
            for (size_t column = 0; column < columns; column++, from += array_.layout.count) *registers++ = *from;
          }
  };
  auto flip = [=](size_t index, int32_t mask) {
    size_t column = index % columns, v = index / columns % inner, row = index / columns / inner % rows;
    size_t i = index / columns / inner / rows % outer, replica = index / columns / inner / rows / outer;
    own(replica, row, column)[first + i * inner + v] ^= mask;
    wake();
  };
  std::function<void(size_t, int32_t)> none;
  file.add({spec_.name + "." + name, std::move(dimensions), read, can_flip ? flip : none});
}

std::unique_ptr<Grid> make_grid(const char *name, Environment &environment, size_t engine) {
  bool is_stationary = environment.accelerator().engines[engine].is_stationary();
  return is_stationary ? make_stationary_grid(name, environment, engine) : make_output_grid(name, environment, engine);
}

}  // namespace vitsim
#endif
