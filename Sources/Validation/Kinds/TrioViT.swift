import Compiler
import Hardware
import Machine
import Model
import Schedule

/// EfficientViT on Trio-ViT's accelerator beside its authors' cycle model (arXiv 2405.03882), one of the sixteen lane groups.
///
/// Their model has ideal memories and no post-processing: so has the accelerator here, everything else being as it is described. The
/// head isn't in their model; all that is before it is executed as it is, the parts included that they count otherwise or not at all.
struct TrioViTRow: ReferenceRow {
  static let kind = ReferenceKind(
    name: "trio-vit", summary: "EfficientViT on Trio-ViT's accelerator (its authors' cycle model)",
    columns: ["model", "resolution", "cycles_L1"], target: .within(percent: 0.5))

  private enum Network: String, CaseIterable {
    case b0 = "efficientvit_b0"
    case b1 = "efficientvit_b1"
    case b2 = "efficientvit_b2"
    case b3 = "efficientvit_b3"
  }

  struct Case: Hashable {
    let model: String
    let resolution: Int
  }

  struct Result {
    let cycles: Int
    /// The stem's two parts and the modules of the stages: cycles from the end of the one before to its own.
    let blocks: [(name: String, cycles: Int)]
  }

  let input: Case
  private let cycles: Int

  init(_ cells: inout RecordDecoder) {
    let model = cells.choice("model", first: Network.b0)
    let resolution = cells.integer("resolution", 32...1024)
    input = Case(model: model.rawValue.split(separator: "_").joined(separator: "-"), resolution: resolution)
    cycles = cells.integer("cycles_L1", 1...Int.max)
  }

  var label: String { "\(input.model) at \(input.resolution)" }

  var reasonToLeaveOut: String? {
    input.resolution % 32 == 0 ? nil : "resolution \(input.resolution) isn't a multiple of 32"
  }

  static func result(of input: Case, on bench: Bench) throws -> Result {
    let accelerator = try bench.design("accelerators/trio-vit.yaml", ideal)
    let graph = try Zoo.graph(input.model, image: input.resolution, batch: 1).before("head.")
    let schedule = try Compiler.compile(graph, for: accelerator)
    let run = try Simulator.run(schedule)
    var ends: [(name: String, end: Int)] = []
    for (instruction, timing) in zip(schedule.instructions, run.timings) {
      let name = block(schedule.layers[instruction.layer].name)
      if let index = ends.firstIndex(where: { $0.name == name }) {
        ends[index].end = max(ends[index].end, timing.end)
      } else {
        ends.append((name, timing.end))
      }
    }
    ends.sort { $0.end < $1.end }
    return Result(
      cycles: run.cycles,
      blocks: ends.enumerated().map { ($1.name, $1.end - ($0 > 0 ? ends[$0 - 1].end : 0)) })
  }

  func comparisons(with result: Result) -> [Comparison] {
    [Comparison("cycles_L1", .integer(expected: cycles, got: result.cycles))]
  }

  /// One lane group; memories and post-processing that never keep an engine waiting.
  private static let ideal =
    ["mat", "r-pe", "divisors"].map { "engines.\($0).replicas=1" }
    + ["activations", "weights"].map { "buffers.\($0).size=1GiB" }
    + ["activations", "weights", "accumulators"].flatMap {
      ["buffers.\($0).ports=16", "buffers.\($0).word-width=4KiB", "buffers.\($0).latency=0"]
    }
    + ["weights", "inputs", "outputs"].flatMap { ["dma.channels.\($0).data-width=4KiB", "dma.channels.\($0).setup=0"] }
    + ["requantize", "scale", "add", "relu", "hardswish", "divide"].map {
      "vector.operations.\($0)={passes: 1, latency: 0}"
    } + ["dram={model: ideal, latency: 0}", "vector.lanes=4096", "device=null"]

  /// `stages.2.blocks.1.context_module` of `stages.2.blocks.1.context_module.main.qkv.conv`.
  private static func block(_ layer: String) -> String {
    let parts = layer.split(separator: ".")
    let isModule = parts.count > 4 && parts[4].hasSuffix("_module")
    return parts.prefix(parts.first == "stem" ? 2 : isModule ? 5 : 4).joined(separator: ".")
  }
}

extension Graph {
  /// The operators before the first one whose name begins so; what they make last is the output.
  fileprivate func before(_ prefix: String) -> Graph {
    guard let end = operators.firstIndex(where: { $0.name.hasPrefix(prefix) }), end > 0 else { return self }
    var graph = self
    graph.operators = Array(operators[..<end])
    let used = Set(graph.operators.flatMap { $0.inputs + [$0.output] })
    var ids: [TensorID: TensorID] = [:]
    graph.tensors = []
    for id in tensors.indices where used.contains(id) {
      ids[id] = graph.tensors.count
      graph.tensors.append(tensors[id])
    }
    for index in graph.operators.indices {
      graph.operators[index].inputs = operators[index].inputs.compactMap { ids[$0] }
      graph.operators[index].output = ids[operators[index].output] ?? 0
    }
    graph.tensors[graph.operators[end - 1].output].role = .output
    return graph
  }
}
