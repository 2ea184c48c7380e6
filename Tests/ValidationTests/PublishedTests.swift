import Compiler
import Hardware
import HardwareYAML
import Testing

@testable import Validation

/// Published figures of a small design: what is read, what is run, and how bands and ratios come about.
@Suite struct PublishedTests {
  /// A 4×4 array whose product of `n` rows is known: `gemm` is the test's model.
  private static let accelerator = """
    name: small
    clock: 100MHz
    engines:
      - {name: array, interconnect: broadcast, dataflow: weight-stationary, rows: 1, columns: 4, macs-per-pe: 4,
         adder-tree-registers: 0, inputs: all, weights: all, outputs: all}
      - {name: wide, interconnect: broadcast, dataflow: weight-stationary, rows: 1, columns: 8, macs-per-pe: 4,
         adder-tree-registers: 0, inputs: all, weights: all, outputs: all}
    buffers:
      - {name: all, size: 64KiB, ports: 8, word-width: 64B, latency: 0}
    dma: {channels: [{name: all, carries: [weights, inputs, outputs], data-width: 8B}]}
    dram: {model: ideal, latency: 0}
    vector:
      lanes: 2
      operations: {requantize: {}, add: {}, gelu: {}, softmax: {passes: 3, latency: 0}, layernorm: {passes: 2, latency: 0}}
    """

  private func entry(_ published: String, path: String = "a/b.yaml", rows: Int = 10) throws
    -> PublishedValidation.Entry
  {
    @Sendable func accelerator(_ settings: [String]) throws -> Accelerator {
      try RunConfiguration.parse(text: Self.accelerator, file: "a.yaml", overrides: settings).accelerator
    }
    let bench = DesignBench(
      accelerator: accelerator,
      model: { settings in
        try Compiler.gemm(m: rows, k: 4, n: 4, on: try accelerator(settings), operandsOnChip: true)
      })
    return PublishedValidation.Entry(path: path, design: try design(published), bench: bench)
  }

  private func design(_ text: String) throws -> PublishedDesign {
    try PublishedDesign(try ConfigNode.parse(yaml: "design: d\nsource: s\n" + text, file: "p.yaml"))
  }

  private func rows(_ text: String) throws -> [PublishedValidation.Row] {
    try PublishedValidation([try entry(text)], threads: 2).rows
  }

  /// 4×4 weights in one word: in place at 1, a step a cycle from 1 on, a register, so rows + 1 cycles (rules M2, M4, M7).
  @Test func productsAreExecuted() throws {
    let found = try rows(
      """
      quantities:
        - {name: one, value: 11 cycles, measure: {products: [{m: 10, k: 4, n: 4}]}}
        - {name: two, value: 17 cycles, measure: {products: [{m: 10, k: 4, n: 4}, {m: 5, k: 4, n: 4}]}}
        - {name: wide, value: 0.11 us, measure: {products: [{m: 10, k: 4, n: 8, engine: wide}]}}
        - {name: narrow, value: 0.1 us, measure: {products: [{m: 10, k: 4, n: 8, engine: array}]}}
        - {name: rate, value: 2 GOPS, measure: {products: [{m: 10, k: 4, n: 4}]}}
      """)
    #expect(found.map(\.simulated)[..<2] == [11, 17])
    #expect(found[0].error == 0 && found[0].band == nil)
    #expect(abs((found[2].simulated ?? 0) - 0.11) < 1e-12)
    #expect((found[3].simulated ?? 0) > 0.2)
    #expect(abs((found[4].simulated ?? 0) - 2 * 160 / 11 * 0.1) < 1e-9)
  }

  /// 6 rows of 10 elements, two a cycle, three passes: 90 cycles of softmax; an interval is the slowest stage and what comes on top.
  @Test func intervalsAreTheSlowestStage() throws {
    let found = try rows(
      """
      quantities:
        - {name: soft, value: 90 cycles, measure: {rows: {operation: softmax, rows: 6, columns: 10}}}
        - {name: mat, value: 11 cycles, measure: {products: [{m: 10, k: 4, n: 4}]}}
        - {name: both, value: 91 cycles, measure: {interval: {of: [soft, mat], plus: 1}}}
        - {name: rate, value: 1 FPS, measure: {interval: {of: [mat]}}}
      """)
    #expect(found[0].simulated == 90)
    #expect(found[2].simulated == 91)
    #expect(abs((found[3].simulated ?? 0) - 1e8 / 11) < 1e-3)
  }

  @Test func bandsAreOverEveryCombination() throws {
    let found = try rows(
      """
      quantities:
        - {name: m, value: 11 cycles, measure: model}
        - {name: fixed, value: 11 cycles, measure: {products: [{m: 10, k: 4, n: 4}]}, set: [engines.array.pe-registers=1, engines.array.step-interval=1]}
      swept:
        - {name: registers, points: [engines.array.pe-registers=1, engines.array.pe-registers=5]}
        - {name: pace, points: [[engines.array.step-interval=1], [engines.array.step-interval=3]]}
      """)
    #expect(found[0].simulated == 11)
    // 4 registers more, and 9 steps each 2 later.
    #expect(found[0].band == 11...33)
    #expect(found[1].simulated == 11 && found[1].band == nil)
  }

  /// What is swept contains what is described, else the figure could lie outside its band.
  @Test func theDescriptionIsAPointOfItsSweeps() throws {
    let text = """
      quantities: [{name: m, value: 11 cycles, measure: model}]
      swept: [{name: registers, points: [engines.array.pe-registers=2, engines.array.pe-registers=5]}]
      """
    let error = #expect(throws: DiagnosticError.self) { try rows(text) }
    #expect(error?.description.contains("the description itself is no point of 'registers'") == true)
  }

  @Test func ratiosAreOverAnotherDesign() throws {
    let first = try entry(
      """
      quantities:
        - {name: speed, value: 2.0 x, measure: {ratio: {over: ../c/d.yaml, of: GOPS}}}
        - {name: no, value: 2.0 x, measure: {none: because}}
      swept: [{name: registers, points: [engines.array.pe-registers=1, engines.array.pe-registers=13]}]
      """)
    let second = try entry(
      "quantities: [{name: m, value: 22 cycles, measure: model}]", path: "c/d.yaml", rows: 22)
    let rows = try PublishedValidation([first, second]).rows
    // 160 MACs in 11 or 23 cycles, 352 in 23.
    let ratio = (160.0 / 11) / (352.0 / 23)
    #expect(abs((rows[0].simulated ?? 0) - ratio) < 1e-12)
    #expect(abs((rows[0].band?.lowerBound ?? 0) - 160.0 / 352) < 1e-12)
    #expect(rows[1].simulated == nil && rows[1].error == nil)
    #expect(first.comparedPaths == ["c/d.yaml"])
    let error = #expect(throws: DiagnosticError.self) { try PublishedValidation([first]) }
    #expect(error?.description.contains("there is no published design at 'c/d.yaml'") == true)
  }

  @Test func anEngineThatIsNotThere() throws {
    let error = #expect(throws: DiagnosticError.self) {
      try rows("quantities: [{name: m, value: 1 cycles, measure: {products: [{m: 1, k: 1, n: 1, engine: wid}]}}]")
    }
    #expect(
      error?.description.hasSuffix("there is no engine 'wid'; expected array or wide; did you mean 'wide'?") == true)
  }

  @Test(arguments: [
    ("quantities: []", "quantities is an empty list"),
    ("quantities: [{name: a, value: 1 cycles, measure: modl}]", "measure is 'modl'"),
    ("quantities: [{name: a, value: 1, measure: model}]", "value is '1'"),
    ("quantities: [{name: a, value: -1 ms, measure: model}]", "value is '-1 ms'"),
    ("quantities: [{name: a, value: 1e3 ms, measure: model}]", "value is '1e3 ms'"),
    ("quantities: [{name: a, value: 1 fps, measure: model}]", "did you mean 'FPS'?"),
    ("quantities: [{name: a, value: 1 x, measure: model}]", "'a' is in x; expected cycles, ms"),
    ("quantities: [{name: a, value: 1 FPS, measure: {products: [{m: 1, k: 1, n: 1}]}}]", "'a' is in FPS"),
    ("quantities: [{name: a, value: 1 cycles, measure: {product: [{m: 1, k: 1, n: 1}]}}]", "did you mean 'products'?"),
    ("quantities: [{name: a, value: 1 cycles, measure: {products: [{m: 0, k: 1, n: 1}]}}]", "m '0' is zero"),
    (
      "quantities: [{name: a, value: 1 cycles, measure: {rows: {operation: gelu, rows: 1, columns: 1}}}]",
      "expected softmax or layernorm"
    ),
    ("quantities: [{name: a, value: 1 cycles, measure: {interval: {of: [b]}}}]", "there is no stage 'b' for 'a'"),
    (
      "quantities: [{name: a, value: 1 cycles, measure: model}, {name: a, value: 2 cycles, measure: model}]",
      "the quantity 'a' stands twice"
    ),
    ("quantities: [{name: a, value: 1 cycles, measure: model, st: [b=1]}]", "unknown key 'st'"),
    (
      "quantities: [{name: a, value: 1 cycles, measure: model}]\nswept: [{name: b, points: [{c: 1}]}]",
      "a point is a mapping"
    ),
    (
      "quantities: [{name: a, value: 1 cycles, measure: model}]\nswept: [{name: b, points: []}]",
      "points is an empty list"
    ),
  ])
  func mistakes(text: String, expected: String) throws {
    let error = #expect(throws: DiagnosticError.self) { try design(text) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }

  @Test func sweepsHaveALimit() throws {
    let points = (1...9).map { "clock=\($0)MHz" }.joined(separator: ", ")
    let sweep = "{name: b, points: [\(points)]}"
    let error = #expect(throws: DiagnosticError.self) {
      try design(
        "quantities: [{name: a, value: 1 cycles, measure: model}]\nswept: [\(sweep), \(sweep), {name: c, points: [a=1, a=2]}]"
      )
    }
    #expect(error?.description.contains("swept has 162 combinations; expected at most 81") == true)
  }
}
