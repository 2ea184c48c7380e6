import Hardware
import Model

/// Lists of what there is, as aligned text.
public enum ListText {
  /// One line a model: sizes, multiply-accumulates and parameters of its graph. Both lists are in the same order.
  public static func models(_ graphs: [Graph], of models: [VisionTransformer]) -> String {
    var table = TextTable([
      ("model", .left), ("image", .right), ("patch", .right), ("width", .right), ("depth", .right), ("heads", .right),
      ("MACs", .right), ("parameters", .right),
    ])
    for (model, graph) in zip(models, graphs) {
      table.add([
        model.name, String(graph.image), String(model.patch), String(model.width), String(model.depth),
        String(model.heads), NumberText.grouped(graph.macs), NumberText.grouped(graph.parameters),
      ])
    }
    return table.lines.joined(separator: "\n") + "\n"
  }

  /// One line a configuration: its path, model (`-` for an accelerator alone) and accelerator in brief.
  public static func configurations(_ entries: [(path: String, model: String, brief: String)]) -> String {
    var table = TextTable([("configuration", .left), ("model", .left), ("accelerator", .left)])
    for entry in entries { table.add([entry.path, entry.model, entry.brief]) }
    return table.lines.joined(separator: "\n") + "\n"
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
