import Compiler
import Foundation
import Hardware
import HardwareYAML
import Machine
import Testing

/// A test for each number of docs/deviations.md: it computes the difference, and fails when that is gone.
@Suite struct DeviationTests {
  private static func cycles(_ arguments: [String]) throws -> Int {
    let result = try CLIProgram.run(arguments + ["--format", "json"])
    try #require(result.status == 0, "\(result.errors)")
    return try number("cycles", in: result.output)
  }

  /// The first number of that name in a JSON text.
  private static func number(_ name: String, in text: String) throws -> Int {
    let pattern = try Regex("\"\(name)\": (\\d+)", as: (Substring, Substring).self)
    let match = try #require(text.firstMatch(of: pattern))
    return try #require(Int(match.output.1))
  }

  private static func fixture(_ name: String) throws -> String {
    try String(
      contentsOf: CLIProgram.package.appendingPathComponent("Tests/SystemTests/Fixtures/reference/\(name).csv"),
      encoding: .utf8)
  }

  @Test func everyNumberHasATest() throws {
    let page = try String(
      contentsOf: CLIProgram.package.appendingPathComponent("docs/deviations.md"), encoding: .utf8)
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let numbers = page.matches(of: /\| \*\*D(\d+)\*\* \|/).compactMap { Int($0.output.1) }
    let tests = source.matches(of: /@Test func d(\d+)/).compactMap { Int($0.output.1) }
    #expect(numbers == Array(1...numbers.count))
    #expect(tests == numbers)
  }

  @Test func d1FillAndDrain() throws {
    let steps: Int = 197 * 192 * 576 / 512
    let difference = try PublishedRun.simulated("vitcod", "QKV of a layer") - Double(steps)
    #expect(difference == 42)
  }

  @Test func d2UnusedMultipliers() throws {
    let published = try PublishedRun.figure("vitcod", "projection of a layer").published
    let macs: Int = 197 * 192 * 192
    let (ofAll, ofHeads) = (macs / 512, macs / 3 / (512 / 3))
    #expect(published == Double(ofHeads) && ofHeads - ofAll == 55)
    let simulated = try PublishedRun.simulated("vitcod", "projection of a layer")
    #expect(simulated == Double(ofAll + 2 * 7))
  }

  @Test func d3LoadsAndStores() throws {
    let parts = try ["QKV of a layer", "projection of a layer"].map { try PublishedRun.simulated("vitcod", $0) }
    let whole = try PublishedRun.simulated("vitcod", "linear layers of attention, with loads and stores")
    #expect(0.04...0.08 ~= (whole - parts[0] - parts[1]) / 56_791)
  }

  @Test func d4PaddedChannels() throws {
    let room = ["--set", "buffers.sums.size=1GiB", "--set", "buffers.activations.size=1GiB", "--set", "device=null"]
    func product(_ m: Int, _ n: Int, _ k: Int) throws -> Int {
      try Self.cycles(
        ["gemm", "\(m)", "\(n)", "\(k)", "--on-chip", "--accelerator", "configs/published/huang.yaml"] + room)
    }
    // 6 tiles of columns; 256 pixels of a patch, or 12 tiles of 64.
    let (pixels, patches) = (try product(196 * 256, 192, 3), try product(196, 192, 768))
    #expect(pixels - patches == 286_944)
  }

  @Test func d5RowsBesideProducts() throws {
    let accelerator = try RunConfiguration.load(
      path: CLIProgram.package.appendingPathComponent("configs/published/huang.yaml").path
    ).accelerator
    func alone(_ operation: VectorOperation, _ rows: Int, _ columns: Int) throws -> Int {
      try Simulator.run(try Compiler.rows(operation, rows: rows, columns: columns, on: accelerator)).cycles
    }
    let (softmax, layerNorm) = (try alone(.softmax, 3 * 197, 197), try alone(.layerNorm, 197, 192))
    let rows = 12 * (softmax + 2 * layerNorm)
    #expect(0.42...0.46 ~= Double(rows) / 300e3, "\(rows)")
    // ⌈197/32⌉-tiles and so on: what the products take alone.
    let products = 631_116
    let model = try PublishedRun.simulated("huang", "latency of ViT-T") * 300e3
    #expect(model < Double(products + rows))
  }

  @Test func d6MoreThanTheEncoder() throws {
    let linear: Int = 197 * 768 * (2304 + 768 + 2 * 3072)
    let attention: Int = 2 * 197 * 197 * 768
    let ideal = Double(12 * (linear + attention)) / 1536 / 150e3
    #expect(abs(ideal - 75.73) < 0.01)
    let simulated = try PublishedRun.simulated("me-vit", "latency of DeiT-B")
    #expect(2.5...3.5 ~= simulated - ideal)
  }

  @Test func d7Synthesis() throws {
    let implemented = try PublishedRun.figure("me-vit", "latency of DeiT-B, as implemented")
    let plain = try PublishedRun.figure("me-vit", "latency of DeiT-B")
    #expect(implemented.simulated == plain.simulated)
    #expect(abs(implemented.published - plain.published - 7.65) < 1e-9)
    let error = try #require(implemented.error)
    #expect(error < -0.03)
  }

  @Test func d8ProductsInLUTs() throws {
    let figure = try PublishedRun.figure("auto-vit-acc", "DeiT-S, mixed weights")
    let (error, most) = (try #require(figure.error), try #require(figure.most))
    #expect(error < -0.1 && most > figure.published)
  }

  @Test func d9FixedWeights() throws {
    for quantity in ["DSP efficiency of DeiT-S, fixed weights", "FPS a DSP of DeiT-S, fixed weights"] {
      let one = try PublishedRun.figure("auto-vit-acc", quantity + ", one product a block")
      let two = try PublishedRun.figure("auto-vit-acc", quantity + ", two products a block")
      let (less, more) = (try #require(one.error), try #require(two.error))
      #expect(less < -0.1 && more > 0.1)
    }
  }

  @Test func d10Biases() throws {
    let result = try CLIProgram.run([
      "gemm", "1", "29416", "192", "--accelerator", "configs/published/eq-vit.yaml", "--format", "json",
    ])
    let bytes = try Self.number("dram_read_bytes", in: result.output)
    // Besides weights: a bias for each column, the row of inputs, and beats that aren't full.
    let (weights, biases) = (29_416 * 192, 29_416 * 4)
    #expect(weights + biases...weights + biases + 10_000 ~= bytes)
    let difference = try PublishedRun.simulated("eq-vit", "weights of DeiT-T from DRAM, estimate") - 219
    #expect(6...12 ~= difference)
  }

  @Test func d11TheFirstWeights() throws {
    let stages: [(String, Int)] = [
      ("Q, K or V", 98 * 32 * 16), ("scores of a head", 98 * 16 * 28), ("values of a head", 98 * 28 * 16),
      ("projection", 98 * 16 * 32), ("fc1", 98 * 16 * 32), ("fc2", 98 * 32 * 16), ("patch embedding", 98 * 48 * 12),
    ]
    for (stage, steps) in stages {
      let simulated = try PublishedRun.simulated("hg-pipe", stage)
      #expect(simulated == Double(steps + 1), "\(stage)")
    }
  }

  @Test func d12TheBoard() throws {
    let error = try #require(try PublishedRun.figure("hg-pipe", "DeiT-T, on the board").error)
    #expect(error > 0.03)
  }

  @Test func d13TheIndexOfTheLastCycle() throws {
    let row = try #require(try Self.fixture("scalesim").split(whereSeparator: \.isNewline).dropFirst().first)
    let cells = row.split(separator: ",").map(String.init)
    let cycles = try Self.cycles([
      "gemm", cells[2], cells[3], cells[4], "--on-chip", "--dataflow", cells[7], "--accelerator",
      "configs/accelerators/scale-sim.yaml", "--set", "engines.array.rows=\(cells[5])", "--set",
      "engines.array.columns=\(cells[6])",
    ])
    let reported = try #require(Int(cells[8]))
    #expect(cycles == reported + 1)
  }

  @Test func d14TheNextTileIsHeldBack() throws {
    let locked = try Self.fixture("axis_sa_stream_os").contains("\naxis_sa,16,16,1,1,3,4,1.0,1.0,1,6,-1,-1,0,5793,0,0")
    #expect(locked)
    let cycles = try Self.cycles([
      "gemm", "64", "16", "3", "--on-chip", "--accelerator", "configs/designs/axis-sa.yaml",
    ])
    let backToBack: Int = 2 + 31 + 2 + 16 + 9
    #expect(cycles > backToBack)
  }

  @Test func d15IntegersInFloat32() throws {
    let scratch = try Scratch()
    let table = try Self.fixture("golden_int_nonlinear").replacing(",f32,", with: ",f64,")
    let result = try CLIProgram.run([
      "validate", "--format", "json", "--reference", try scratch.write(table, to: "float32.csv"),
    ])
    #expect(result.status == 1)
    let missed = try Self.number("missed", in: result.output)
    #expect(1...55 ~= missed)
  }

  @Test func d16WhatTheCycleModelLeavesOut() throws {
    let figures = try PublishedRun.get().figures.filter { $0.configuration == "configs/trio-vit-zcu102.yaml" }
    let cycles = try #require(figures.first { $0.unit == "cycles" })
    let error = try #require(cycles.error)
    #expect(error > 0.01)
  }

  @Test func d17ABaselineWithoutItsLosses() throws {
    let figures = try PublishedRun.get().figures.filter { $0.configuration == "configs/trio-vit-zcu102.yaml" }
    let ratios = figures.filter { $0.deviations.contains("D17") }
    #expect(ratios.count == 2)
    for ratio in ratios {
      let error = try #require(ratio.error)
      #expect(error < -0.2, "\(ratio.quantity)")
    }
  }

  @Test func d18RequestsThatMeet() throws {
    let result = try CLIProgram.run([
      "validate", "--format", "json", "--reference", "Tests/SystemTests/Fixtures/reference/gemmini_gemm.csv",
    ])
    #expect(result.status == 0)
    #expect(try Self.number("missed", in: result.output) == 0)
    let exact = try Self.number("exact", in: result.output)
    #expect(50..<72 ~= exact)
  }
}
