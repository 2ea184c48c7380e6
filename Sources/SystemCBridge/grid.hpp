// The array of one matrix engine: PEs, what enters their edges, and what leaves them.
#pragma once
#include <deque>
#include <memory>
#include <vector>

#include "operand.hpp"
#include "pe.hpp"
#include "registers.hpp"
#include "results.hpp"

namespace vitsim {

class Grid : public sc_core::sc_module {
 public:
  Grid(const sc_core::sc_module_name &name, Environment &environment, size_t engine);

  /// `tile` will be streamed, or its stationary operand loaded, at the times that it says.
  void stream(const Tile &tile);
  void load(const Tile &tile);
  /// Puts a tile's stationary operand into the registers from which its first step takes it.
  virtual void fill(const Tile &) {}

  /// Sets the edges for the present cycle, and clocks the PEs unless nothing in them can change.
  void clock();
  /// The first moment of the next cycle: results leave, and are in the output buffer when their time has come.
  void settle();
  virtual void add_groups(RegisterFile &file) = 0;
  /// Zeros in all registers, and nothing under way.
  virtual void reset();

 protected:
  /// What enters with a step or a row of a load.
  virtual void enter(const Tile &tile, int64_t number, Step &step) = 0;
  virtual void enter(const Tile &, int64_t, LoadRow &) {}
  /// Before the edge: commands of the shifting path.
  virtual void shift() {}
  /// Results that leave in `cycle`, the next one.
  virtual void collect(int64_t cycle) = 0;

  /// Makes the PEs, each linked to its neighbours.
  template <class T>
  void build();
  const PE &pe(size_t replica, size_t row, size_t column) const {
    return *pes_[(replica * array_.rows + row) * array_.columns + column];
  }
  int32_t *own(size_t replica, size_t row, size_t column) {
    return &now_[((replica * array_.rows + row) * array_.columns + column) * array_.layout.count];
  }
  /// A group of one register of every PE, or of `outer` × `inner` of them in a row from `first` on: dimensions L,
  /// outer, R, inner, C.
  void add_group(RegisterFile &file, const char *name, std::vector<int64_t> dimensions, size_t first, size_t outer,
                 size_t inner, bool can_flip);
  /// Something in the array has changed from outside.
  void wake() { active_until_ = std::max(active_until_, environment_.now + reach()); }

  Environment &environment_;
  const Engine &spec_;
  Array array_;
  Results results_;
  /// Tiles that are streamed now or later, and tiles whose results leave.
  std::deque<Tile> tiles_;

 private:
  int64_t reach() const { return array_.edge.reach() + spec_.pe_registers + 4; }
  void feed();

  std::deque<Tile> loads_;
  /// Place in `tiles_` of the tile whose step is next, and that step; the row that is loaded next.
  size_t feeding_ = 0;
  int64_t step_ = 0, row_ = 0;
  int64_t active_until_ = -1;
  /// Registers of all PEs, now and after the edge.
  std::vector<int32_t> now_, next_;
  std::vector<std::unique_ptr<PE>> pes_;
};

std::unique_ptr<Grid> make_grid(const char *name, Environment &environment, size_t engine);
std::unique_ptr<Grid> make_stationary_grid(const char *name, Environment &environment, size_t engine);
std::unique_ptr<Grid> make_output_grid(const char *name, Environment &environment, size_t engine);

template <class T>
void Grid::build() {
  array_.layout = T::layout(spec_);
  size_t replicas = static_cast<size_t>(spec_.replicas), count = array_.layout.count;
  size_t all = replicas * array_.rows * array_.columns;
  if (all > 1 << 16 || all * count > 1 << 25)
    throw Unsupported(spec_.name + ": an array as large as this isn't in the SystemC model");
  now_.assign(all * count, 0);
  next_.assign(all * count, 0);
  pes_.reserve(all);
  for (size_t replica = 0; replica < replicas; replica++)
    for (size_t row = 0; row < array_.rows; row++)
      for (size_t column = 0; column < array_.columns; column++) {
        size_t place = pes_.size();
        std::string name = "pe_" + std::to_string(replica) + "_" + std::to_string(row) + "_" + std::to_string(column);
        pes_.push_back(std::make_unique<T>(name.c_str(), array_, PE::Place{replica, row, column},
                                           &now_[place * count], &next_[place * count]));
        if (column > 0) pes_[place]->left = pes_[place - 1].get();
        if (row > 0) pes_[place]->above = pes_[place - array_.columns].get();
      }
}

}  // namespace vitsim
