import Compiler
import Hardware
import Machine
import Model
import Schedule
import Testing

@testable import Analysis

/// Whole models on designs of every kind: a summary's parts must add up to what the machine counted.
@Suite struct SummaryLawTests {
  static let designs: [Accelerator] = Dataflow.allCases.flatMap { dataflow in
    [(Interconnect.systolic, 1, 1), (.broadcast, 2, 3)].map { interconnect, macsPerPE, replicas in
      var design = Fixture.accelerator
      design.name = "\(dataflow.rawValue) \(interconnect.rawValue)"
      design.engines[0].dataflow = dataflow
      design.engines[0].interconnect = interconnect
      design.engines[0].macsPerPE = macsPerPE
      design.engines[0].replicas = replicas
      design.buffers[0].bytes = 32 << 10
      if replicas > 1 {
        design.channels[0].bursts = .aligned
        design.channels[0].assembly = true
        design.channels[0].completion = 5
      }
      for operation in VectorOperation.allCases {
        design.vector.operations[operation] = VectorOperationSpec(passes: operation.isRowWise ? 3 : 1, latency: 2)
      }
      return design
    }
  }

  /// A Vision Transformer of one block of width 12 on 2×2 patches of 2×2 pixels, two images.
  static func graph() throws -> Graph {
    try Zoo.graph(
      VisionTransformer("speck", width: 12, depth: 1, heads: 2, patch: 2, classes: 5), image: 4, batch: 2)
  }

  @Test(arguments: designs)
  func everythingAddsUp(design: Accelerator) throws {
    let graph = try Self.graph()
    let schedule = try Compiler.compile(graph, for: design)
    let run = try Simulator.run(schedule, options: Summary.runOptions)
    let summary = Summary(schedule: schedule, run: run)
    #expect(summary.total.cycles == run.cycles)
    #expect(summary.total.macs == graph.macs)
    #expect(summary.total.stack == run.units[0])
    for row in summary.layers { #expect(row.stack.total == row.cycles, "\(row.name)") }
    #expect(summary.total.traffic.dramRead == run.traffic.dramRead.reduce(0, +))
    #expect(summary.total.traffic.dramWritten == run.traffic.dramWritten.reduce(0, +))
    #expect(summary.total.traffic.bufferRead == run.traffic.bufferRead)
    #expect(summary.total.traffic.bufferWritten == run.traffic.bufferWritten)
    #expect(summary.total.metrics.utilization <= 1)
    #expect(summary.total.metrics.engineUtilization == summary.total.metrics.utilization)
    for row in summary.layers { #expect((0...1).contains(row.metrics.engineUtilization), "\(row.name)") }
  }

  /// Two engines beside each other, one of which convolves channel by channel; now and then of different widths.
  @Test(arguments: [(8, 8, 1), (8, 4, 1), (4, 8, 3), (5, 3, 2)])
  func depthwiseEnginesAddUp(columns: Int, other: Int, replicas: Int) throws {
    var design = Fixture.accelerator
    var tree = design.engines[0]
    (tree.interconnect, tree.dataflow, tree.kernelTaps) = (.broadcast, .outputStationary, .separate)
    (tree.rows, tree.columns, tree.macsPerPE, tree.replicas) = (1, columns, 4, replicas)
    var flexible = tree
    (flexible.name, flexible.columns, flexible.depthwise) = ("flexible", other, true)
    design.engines = [tree, flexible]
    for buffer in design.buffers.indices {
      (design.buffers[buffer].bytes, design.buffers[buffer].ports) = (256 << 10, 4)
    }
    design.vector.packsRows = true
    for operation in VectorOperation.allCases {
      design.vector.operations[operation] = VectorOperationSpec(passes: operation.isRowWise ? 2 : 1, latency: 2)
    }
    let graph = try Zoo.graph(
      EfficientViT(
        "speck", widths: [8, 8, 16, 16, 24], depths: [1, 1, 1, 1, 1], headWidth: 8, headWidths: [16, 24], classes: 5),
      image: 32)
    let schedule = try Compiler.compile(graph, for: design)
    #expect(Lint.check(schedule, against: try Compiler.operators(of: graph)) == [])
    let run = try Simulator.run(schedule, options: Summary.runOptions)
    #expect(try Simulator.run(schedule, engine: .literal, options: Summary.runOptions) == run)
    let depthwise = schedule.instructions.filter {
      if case .matmul(let matmul) = $0.operation { matmul.isDepthwise } else { false }
    }
    #expect(!depthwise.isEmpty && depthwise.allSatisfy { $0.queue == 1 })
    let summary = Summary(schedule: schedule, run: run)
    #expect(summary.total.macs == graph.macs)
    #expect(summary.total.traffic.bufferRead == run.traffic.bufferRead)
    #expect(summary.total.traffic.bufferWritten == run.traffic.bufferWritten)
  }
}
