// Checks an array library by itself: random tiles, every register in every cycle against a model written straight from
// docs/cosimulation.md, and the results against the products of the matrices.
//
//   c++ -std=c++17 -O2 -o check check.cpp -ldl
//   ./check LIBRARY ROWS COLUMNS [CYCLES [PE-REGISTERS OPERAND-BITS SHADOW]]
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "vitsim_array.h"

namespace {

using Row16 = std::vector<int16_t>;
using Row32 = std::vector<int32_t>;

// What enters in one cycle; empty rows are no step and no load.
struct Entering {
  bool first = false;
  Row16 left, top;
  Row32 bias;
};

// ---- The array without edges: a PE looks up what entered as many cycles ago as it is away.
struct Model {
  const vitsim_array_shape shape;
  const int rows = shape.rows, columns = shape.columns, deep = shape.pe_registers;
  std::deque<Entering> history;
  Row32 a, w, shadow, pass;
  std::vector<Row32> sum;

  explicit Model(const vitsim_array_shape &shape) : shape(shape) {
    for (Row32 *group : {&a, &w, &shadow, &pass}) group->assign(rows * columns, 0);
    sum.assign(deep, Row32(rows * columns, 0));
    history.assign(rows * deep + columns + rows, {});
  }

  void clock(const Entering &now) {
    history.push_front(now);
    history.pop_back();
    const Model old = *this;
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) clock(r, c, old);
    }
  }

  void clock(int r, int c, const Model &old) {
    const int pe = r * columns + c;
    const Entering &step = history[r * deep + c], &load = history[r + c];
    a[pe] = c ? old.a[pe - 1] : step.left.empty() ? 0 : step.left[r];
    const Row32 &chain = shape.shadow_weights ? old.shadow : old.w;
    const int32_t now = shape.shadow_weights && step.first ? old.shadow[pe] : old.w[pe];
    w[pe] = now;
    if (!load.top.empty()) {
      (shape.shadow_weights ? shadow : w)[pe] = r ? old.pass[pe - columns] : load.top[c];
      pass[pe] = chain[pe];
    }
    const int32_t above = r ? old.sum[deep - 1][pe - columns] : step.bias.empty() ? 0 : step.bias[c];
    sum[0][pe] = static_cast<int32_t>(static_cast<uint32_t>(above) + static_cast<uint32_t>(a[pe] * now));
    for (int i = 1; i < deep; i++) sum[i][pe] = old.sum[i - 1][pe];
  }

  const Row32 *group(const std::string &name, int i) const {
    if (name == "a") return &a;
    if (name == "w") return &w;
    if (name == "shadow") return shape.shadow_weights ? &shadow : nullptr;
    if (name == "pass") return &pass;
    return name == "sum" ? &sum[i] : nullptr;
  }
};

// ---- Tiles one after the other, as close as rules M2 to M5 of docs/timing.md allow, or with gaps.
struct Result {
  int column;
  int32_t value;
};

struct Driver {
  const vitsim_array_shape shape;
  std::mt19937 random{1};
  std::vector<Entering> cycles;
  // Results by the cycle after whose edge they are in the last register of the lowest row.
  std::vector<std::vector<Result>> results;
  int64_t tiles = 0, back_to_back = 0;

  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); }
  int16_t operand() {
    const int top = (1 << (shape.operand_bits - 1)) - 1;
    return pick(0, 15) ? pick(-top - 1, top) : pick(0, 1) ? top : -top - 1;
  }
  Entering &at(int cycle) { return cycles[cycle]; }

  void fill(int count) {
    const int rows = shape.rows, columns = shape.columns, deep = shape.pe_registers;
    const int crossing = (rows - 1) * (deep - 1);
    const int slack = 8 * (rows + columns) * deep + 400;
    cycles.resize(count + slack);
    results.resize(count + slack);
    int loaded = 0, free = 0, idle = 0;  // LS + H of the tile before, what rule M3 asks for, SS + S * ii
    while (free < count && idle < count) {
      const bool tight = pick(0, 2);
      const int used_rows = pick(0, 1) ? rows : pick(1, rows), used_columns = pick(0, 1) ? columns : pick(1, columns);
      const int steps = pick(0, 3) ? pick(1, rows + columns) : pick(1, 3);
      const int load_cycles = tight ? 1 : pick(1, 3), interval = tight ? 1 : pick(1, 3);
      const int load = std::max(loaded, free) + (tight ? 0 : pick(0, 9));
      loaded = load + used_rows * load_cycles;
      const int start = std::max(loaded, idle) + (tight ? 0 : pick(0, 9));
      back_to_back += start == idle && tiles > 0;
      tiles++;

      std::vector<Row16> weights(used_rows, Row16(columns, 0));
      for (auto &row : weights) {
        for (int c = 0; c < used_columns; c++) row[c] = operand();
      }
      for (int i = 0; i < used_rows; i++) {
        at(load + i * load_cycles + load_cycles - 1).top = weights[used_rows - 1 - i];
      }
      Row32 bias;
      if (pick(0, 1)) {
        bias.assign(columns, 0);
        for (int c = 0; c < used_columns; c++) bias[c] = pick(-1000000, 1000000);
      }
      int last = 0;
      for (int j = 0; j < steps; j++) {
        last = start + j * interval;
        Entering &step = at(last);
        step.first = j == 0;
        step.bias = bias;
        step.left.assign(rows, 0);
        for (int r = 0; r < used_rows; r++) step.left[r] = operand();
        for (int c = 0; c < columns; c++) {
          int32_t sum = bias.empty() ? 0 : bias[c];
          for (int r = 0; r < used_rows; r++) sum += step.left[r] * weights[r][c];
          results[last + rows * deep + c - 1].push_back({c, sum});
        }
      }
      free = (shape.shadow_weights ? start : last + 1) + crossing;
      idle = start + steps * interval;
    }
  }
};

// ---- The library.
template <class Function>
Function *symbol(void *library, const char *name) {
  void *const address = dlsym(library, name);
  if (!address) {
    std::fprintf(stderr, "check: the library has no %s\n", name);
    std::exit(2);
  }
  return reinterpret_cast<Function *>(address);
}

int run(const char *path, const vitsim_array_shape &shape, int count) {
  void *const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) return std::fprintf(stderr, "check: %s\n", dlerror()), 2;
  const auto create = symbol<decltype(vitsim_array_create)>(library, "vitsim_array_create");
  const auto clock = symbol<decltype(vitsim_array_clock)>(library, "vitsim_array_clock");
  const auto registers = symbol<decltype(vitsim_array_registers)>(library, "vitsim_array_registers");
  const auto groups = symbol<decltype(vitsim_array_groups)>(library, "vitsim_array_groups");
  const char *error = nullptr;
  void *const array = create(&shape, &error);
  if (!array) return std::fprintf(stderr, "check: %s\n", error), 2;

  // The groups in the library's order.
  Model model(shape);
  std::vector<std::pair<std::string, const Row32 *>> expected;
  const std::string text = groups(array);
  for (size_t from = 0; from < text.size();) {
    const size_t to = std::min(text.find(' ', from), text.size());
    const std::string name = text.substr(from, to - from);
    for (int i = 0; i < (name == "sum" ? shape.pe_registers : 1); i++) {
      const Row32 *const group = model.group(name, i);
      if (!group) return std::fprintf(stderr, "check: unknown group '%s'\n", name.c_str()), 2;
      expected.push_back({name, group});
    }
    from = to + 1;
  }
  Driver driver{shape, std::mt19937{1}, {}, {}};
  driver.fill(count);
  const size_t area = static_cast<size_t>(shape.rows) * shape.columns;
  Row32 got(area * expected.size());
  int64_t compared = 0, products = 0;
  for (int t = 0; t < count; t++) {
    const Entering &now = driver.cycles[t];
    const vitsim_array_edges edges = {!now.left.empty(), now.first, now.left.data(),
                                      now.bias.empty() ? nullptr : now.bias.data(), !now.top.empty(), now.top.data()};
    clock(array, &edges);
    registers(array, got.data());
    model.clock(now);
    for (size_t g = 0; g < expected.size(); g++) {
      if (!std::memcmp(&got[g * area], expected[g].second->data(), area * sizeof(int32_t))) continue;
      for (size_t i = 0; i < area; i++) {
        if (got[g * area + i] == (*expected[g].second)[i]) continue;
        return std::printf("cycle %d: %s of PE (%zu, %zu) is %d, expected %d\n", t, expected[g].first.c_str(),
                           i / shape.columns, i % shape.columns, got[g * area + i], (*expected[g].second)[i]),
               1;
      }
    }
    compared += got.size();
    for (const Result &result : driver.results[t]) {
      const int32_t value = model.sum.back()[area - shape.columns + result.column];
      if (value != result.value) {
        return std::printf("cycle %d: column %d gives %d, the product is %d\n", t, result.column, value, result.value),
               1;
      }
      products++;
    }
  }

  // The array alone, its registers read in every cycle.
  const std::clock_t begin = std::clock();
  for (int t = 0; t < count; t++) {
    const Entering &now = driver.cycles[t];
    const vitsim_array_edges edges = {!now.left.empty(), now.first, now.left.data(),
                                      now.bias.empty() ? nullptr : now.bias.data(), !now.top.empty(), now.top.data()};
    clock(array, &edges);
    registers(array, got.data());
  }
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  symbol<decltype(vitsim_array_destroy)>(library, "vitsim_array_destroy")(array);
  std::printf("%dx%d: %d cycles, %lld tiles (%lld back to back), %lld registers and %lld results agree; "
              "%.0f cycles/s of CPU time\n",
              shape.rows, shape.columns, count, static_cast<long long>(driver.tiles),
              static_cast<long long>(driver.back_to_back), static_cast<long long>(compared),
              static_cast<long long>(products), count / seconds);
  return 0;
}

}  // namespace

int main(int count, char **words) {
  if (count < 4) {
    return std::fprintf(stderr, "usage: check LIBRARY ROWS COLUMNS [CYCLES [PE-REGISTERS OPERAND-BITS SHADOW]]\n"), 2;
  }
  const auto number = [&](int i, int otherwise) { return i < count ? std::atoi(words[i]) : otherwise; };
  return run(words[1], {number(2, 16), number(3, 16), number(5, 1), number(6, 8), number(7, 1)}, number(4, 20000));
}
