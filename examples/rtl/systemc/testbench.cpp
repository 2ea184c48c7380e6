// The array of systolic_array.sv as a SystemC module, made by `verilator --sc`: a tile of weights, a few steps, and the
// results beside the product of the matrices.
#include <systemc>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "Varray.h"

namespace {

constexpr int N = 4, M = 6;

struct Testbench : sc_core::sc_module {
  sc_core::sc_clock clk{"clk", 1, sc_core::SC_NS, 0.5, 0.5, sc_core::SC_NS, true};
  sc_core::sc_signal<bool> reset{"reset"}, first{"first"}, load{"load"};
  sc_core::sc_vector<sc_core::sc_signal<uint32_t>> left{"left", N}, top{"top", N}, bias{"bias", N};
  // Registers of the PEs, by group; the last, `sum`, is that of docs/cosimulation.md with one plane.
  sc_core::sc_vector<sc_core::sc_signal<uint32_t>> registers{"registers", 5 * N * N};
  Varray array{"array"};
  int weights[N][N], steps[M][N];
  int wrong = 0, seen = 0;

  SC_HAS_PROCESS(Testbench);
  explicit Testbench(sc_core::sc_module_name name) : sc_module(name) {
    array.clk(clk), array.reset(reset), array.first(first), array.load(load);
    for (int i = 0; i < N; i++) array.left[i](left[i]), array.top[i](top[i]), array.bias[i](bias[i]);
    for (int r = 0; r < N; r++) {
      for (int c = 0; c < N; c++) {
        array.a[r][c](at(0, r, c)), array.w[r][c](at(1, r, c)), array.shadow[r][c](at(2, r, c));
        array.pass[r][c](at(3, r, c)), array.sum[0][r][c](at(4, r, c));
      }
    }
    for (int i = 0; i < N * N; i++) weights[i / N][i % N] = i * 37 % 251 - 125;
    for (int i = 0; i < M * N; i++) steps[i / N][i % N] = i * 59 % 255 - 127;
    SC_THREAD(run);
  }

  sc_core::sc_signal<uint32_t> &at(int group, int r, int c) { return registers[(group * N + r) * N + c]; }

  // The rising edge is in the middle of a nanosecond: what is written at its beginning enters with it.
  void run() {
    reset = true;
    wait(1, sc_core::SC_NS);
    reset = false;
    for (int t = 0; t < 2 * N + M + N; t++) {
      const int step = t - N;
      load = t < N;
      first = step == 0;
      for (int i = 0; i < N; i++) {
        top[i] = t < N ? weights[N - 1 - t][i] & 0xff : 0;
        left[i] = 0 <= step && step < M ? steps[step][i] & 0xff : 0;
      }
      wait(1, sc_core::SC_NS);
      // Step j of column c is in the lowest sum after cycle x_j + R + c - 1, x_j = N + j.
      for (int c = 0; c < N; c++) check(t - N - N - c + 1, c);
    }
    sc_core::sc_stop();
  }

  void check(int step, int column) {
    if (step < 0 || step >= M) return;
    int product = 0;
    for (int r = 0; r < N; r++) product += steps[step][r] * weights[r][column];
    const int sum = static_cast<int>(at(4, N - 1, column).read());
    std::printf("%s: step %d, column %d: %d, product %d\n", sc_core::sc_time_stamp().to_string().c_str(), step, column,
                sum, product);
    wrong += sum != product;
    seen++;
  }
};

}  // namespace

int sc_main(int, char **) {
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  Testbench testbench("testbench");
  sc_core::sc_start();
  std::printf("%d of %d results are wrong\n", testbench.wrong, testbench.seen);
  return testbench.wrong != 0 || testbench.seen != N * M;
}
