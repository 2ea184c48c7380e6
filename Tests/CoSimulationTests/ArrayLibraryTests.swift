import CoSimulation
import Foundation
import Testing

/// The array of `examples/rtl`, made into a library and clocked from Swift.
@Suite(.enabled(if: ArrayToolbox.hasVerilator, "Verilator or a C++ compiler is missing: apt install verilator g++"))
struct VerilatedArrayTests {
  /// Weights of a tile, a row of the array each, and the operands of its steps.
  private let weights: [[Int16]] = [[1, -2, 3, 4], [5, 6, -7, 8], [9, 10, 11, -128], [-13, 14, 15, 127]]
  private let steps: [[Int16]] = [[1, 2, 3, 4], [-128, 127, 0, 1], [0, 0, 0, 0], [7, -7, 7, -7]]
  private let bias: [Int32] = [100, -200, 300, .max]

  @Test func shadowAndResultsComeWhenTheDocumentSays() throws {
    let array = try ArrayLibrary(path: ArrayToolbox.square.get()).array(ArrayShape(rows: 4, columns: 4))
    #expect(array.groups.map(\.name) == ["a", "w", "shadow", "pass", "sum"])
    #expect(array.groups.map(\.dimensions) == Array(repeating: [4, 4], count: 4) + [[1, 4, 4]])
    #expect(array.registers == Array(repeating: 0, count: 80))

    // Rows enter from the lowest on in cycles 0 to 3, steps from cycle 4 on; cycle t's registers are files[t].
    var files: [[String: [Int32]]] = []
    for cycle in 0..<16 {
      var edges = ArrayEdges()
      if cycle < 4 { edges.load = weights[3 - cycle] }
      if (4..<8).contains(cycle) {
        edges.step = ArrayEdges.Step(isFirst: cycle == 4, left: steps[cycle - 4], bias: bias)
      }
      try array.clock(edges)
      files.append(Dictionary(uniqueKeysWithValues: array.groups.map { ($0.name, Array(array.registers[$0.range])) }))
    }
    for row in 0..<4 {
      for column in 0..<4 {
        let pe = 4 * row + column
        // The last command passes PE (r, c) in cycle 3 + r + c, the first step in 4 + r + c.
        #expect(files[3 + row + column]["shadow"]?[pe] == Int32(weights[row][column]))
        #expect(files[3 + row + column]["w"]?[pe] == 0)
        #expect(files[4 + row + column]["w"]?[pe] == Int32(weights[row][column]))
        for step in 0..<4 where 4 + step + row + column < 16 {
          #expect(files[4 + step + row + column]["a"]?[pe] == Int32(steps[step][row]))
        }
      }
    }
    // Step j of column c is in the lowest row's sum after cycle x_j + R·p + c − 1.
    for step in 0..<4 {
      for column in 0..<4 {
        let product = (0..<4).reduce(bias[column]) { $0 &+ Int32(steps[step][$1]) &* Int32(weights[$1][column]) }
        #expect(files[4 + step + 4 + column - 1]["sum"]?[12 + column] == product)
      }
    }
  }

  @Test func theBuiltInBenchFindsNoDifference() throws {
    let bench = try ArrayToolbox.temporaryDirectory().appendingPathComponent("check").path
    let source = ArrayToolbox.examples.appendingPathComponent("check.cpp").path
    try ArrayToolbox.run(["c++", "-std=c++17", "-O2", "-Wall", "-Wextra", "-Werror", "-o", bench, source, "-ldl"])
    let square = try ArrayToolbox.run([bench, try ArrayToolbox.square.get(), "4", "4", "5000"])
    #expect(square.contains("agree"))
    let odd = try ArrayToolbox.run([bench, try ArrayToolbox.odd.get(), "3", "5", "5000", "2", "9", "0"])
    #expect(odd.contains("agree"))
  }

  @Test(.enabled(if: SystemCKernel.isAvailable, "built without SystemC: apt install libsystemc-dev"))
  func theArrayIsASystemCModuleToo() throws {
    let output = try ArrayToolbox.run([ArrayToolbox.examples.appendingPathComponent("systemc/run.sh").path])
    #expect(output.hasSuffix("0 of 24 results are wrong\n"))
  }

  @Test func twoLibrariesAndTwoArraysDontMeet() throws {
    let (square, odd) = (
      try ArrayLibrary(path: ArrayToolbox.square.get()), try ArrayLibrary(path: ArrayToolbox.odd.get())
    )
    let first = try square.array(ArrayShape(rows: 4, columns: 4))
    let second = try square.array(ArrayShape(rows: 4, columns: 4))
    let third = try odd.array(
      ArrayShape(rows: 3, columns: 5, peRegisters: 2, operandBits: 9, hasShadow: false))
    #expect(third.groups.map(\.name) == ["a", "w", "pass", "sum"])
    #expect(third.groups.map(\.dimensions) == [[3, 5], [3, 5], [3, 5], [2, 3, 5]])
    try first.clock(ArrayEdges(load: [1, 2, 3, 4]))
    try third.clock(ArrayEdges(step: .init(isFirst: true, left: [-256, 0, 0]), load: [-256, 255, 0, 0, 0]))
    #expect(first.registers(of: "shadow")?.first == 1)
    #expect(second.registers.allSatisfy { $0 == 0 })
    #expect(third.registers(of: "w")?.first == -256)
    #expect(third.registers(of: "a")?.first == -256)
    #expect(third.registers(of: "shadow") == nil)
  }

  @Test func otherShapesAreRefused() throws {
    let path = try ArrayToolbox.square.get()
    let library = try ArrayLibrary(path: path)
    let cases: [(ArrayShape, String)] = [
      (ArrayShape(rows: 8, columns: 4), "rows is 4 here, not 8: build the library with --rows 8"),
      (ArrayShape(rows: 4, columns: 5), "columns is 4 here, not 5: build the library with --columns 5"),
      (
        ArrayShape(rows: 4, columns: 4, peRegisters: 2),
        "pe-registers is 1 here, not 2: build the library with --pe-registers 2"
      ),
      (
        ArrayShape(rows: 4, columns: 4, operandBits: 9),
        "operand-bits is 8 here, not 9: build the library with --operand-bits 9"
      ),
      (ArrayShape(rows: 4, columns: 4, hasShadow: false), "shadow is 1 here, not 0: build the library with --shadow 0"),
    ]
    for (shape, reason) in cases {
      #expect(throws: ArrayLibraryError.wrongShape(path: path, reason: reason)) { try library.array(shape) }
    }
    for shape in [ArrayShape(rows: 0, columns: 4), ArrayShape(rows: 4, columns: 1 << 40)] {
      #expect {
        try library.array(shape)
      } throws: { error in
        if case .wrongShape = error as? ArrayLibraryError { true } else { false }
      }
    }
  }

  @Test func edgesOfAnotherSizeAreRefused() throws {
    let array = try ArrayLibrary(path: ArrayToolbox.square.get()).array(ArrayShape(rows: 4, columns: 4))
    let cases: [(String, Int, ArrayEdges)] = [
      ("left", 3, ArrayEdges(step: .init(isFirst: true, left: [1, 2, 3]))),
      ("bias", 0, ArrayEdges(step: .init(isFirst: true, left: [1, 2, 3, 4], bias: []))),
      ("top", 5, ArrayEdges(load: [1, 2, 3, 4, 5])),
    ]
    for (edge, count, edges) in cases {
      #expect(throws: ArrayLibraryError.wrongCount(edge: edge, found: count, expected: 4)) { try array.clock(edges) }
    }
    #expect(array.registers.allSatisfy { $0 == 0 })
  }

  @Test func waveformsAreWritten() throws {
    let path = try ArrayToolbox.square.get()
    let array = try ArrayLibrary(path: path).array(ArrayShape(rows: 4, columns: 4))
    let file = try ArrayToolbox.temporaryDirectory().appendingPathComponent("array.vcd")
    try array.trace(to: file.path)
    try array.clock(ArrayEdges(load: [1, 2, 3, -4]))
    try array.trace(to: nil)
    try array.clock(ArrayEdges(load: [5, 6, 7, 8]))
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text.contains("$timescale 1ps $end"))
    for name in ["clk", "load", "top", "a", "w", "shadow", "pass", "sum"] { #expect(text.contains(" \(name)")) }
    #expect(text.contains("#500\n"))
    #expect(!text.contains("#1500\n"), "the second cycle wasn't to be written")
    let nowhere = file.path + "/array.vcd"
    #expect(throws: ArrayLibraryError.cannotTrace(path: path, waveform: nowhere)) { try array.trace(to: nowhere) }
  }
}
