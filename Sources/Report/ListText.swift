import Hardware
import Model

/// Lists of what there is, as aligned text.
public enum ListText {
  /// One line a model: sizes, multiply-accumulates and parameters of its graph, `-` where it takes no image of that side.
  public static func models(_ models: [(model: any ZooModel, graph: Graph?)], image: Int) -> String {
    var table = TextTable([
      ("model", .left), ("image", .right), ("multiple of", .right), ("width", .right), ("depth", .right),
      ("heads", .right),
      ("MACs", .right), ("parameters", .right),
    ])
    for (model, graph) in models {
      table.add([
        model.name, String(image), String(model.imageStep), stages(model.stageWidths), stages(model.stageDepths),
        stages(model.stageHeads), graph.map { NumberText.grouped($0.macs) } ?? "-",
        graph.map { NumberText.grouped($0.parameters) } ?? "-",
      ])
    }
    return table.lines.joined(separator: "\n") + "\n"
  }

  private static func stages(_ sizes: [Int]) -> String { sizes.map(String.init).joined(separator: "/") }

  /// One line a configuration: its path, model (`-` for an accelerator alone) and accelerator in brief.
  public static func configurations(_ entries: [ConfigurationEntry]) -> String {
    var table = TextTable([("configuration", .left), ("model", .left), ("accelerator", .left)])
    for entry in entries {
      let brief = entry.accelerator?.brief ?? "has mistakes: see 'vitsim lint \(entry.path)'"
      table.add([entry.path, entry.model ?? "-", brief])
    }
    return table.lines.joined(separator: "\n") + "\n"
  }
}

/// A configuration in a list of them.
public struct ConfigurationEntry: Sendable {
  public let path: String
  /// `nil` for an accelerator alone.
  public let model: String?
  /// `nil` if the file has mistakes.
  public let accelerator: Accelerator?

  public init(path: String, model: String?, accelerator: Accelerator?) {
    self.path = path
    self.model = model
    self.accelerator = accelerator
  }
}

extension Accelerator {
  /// One line: clock, engines, memory, device.
  public var brief: String {
    let arrays = engines.map { engine in
      let shape = [engine.rows, engine.columns] + [engine.macsPerPE, engine.replicas].filter { $0 > 1 }
      return shape.map(String.init).joined(separator: "×")
        + " \(engine.dataflow.rawValue) \(engine.interconnect.rawValue)"
    }
    var words = [arrays.joined(separator: " + "), "\(NumberText.short(Double(clock) / 1e6)) MHz"]
    if case .bandwidth(let rate, _) = dram { words.append("\(NumberText.short(Double(rate) / 1e9)) GB/s") }
    if let device { words.append(device.name) }
    return words.joined(separator: ", ")
  }
}
