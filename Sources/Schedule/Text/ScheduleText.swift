import Hardware

/// The text form of schedules, `.vsched` (docs/schedule.md).
public enum ScheduleText {
  /// The version in the first line.
  static let version = 1
  /// Mistakes after which a parser gives up.
  static let mistakeLimit = 100
}

extension Schedule {
  /// The text form, the canonical YAML of the accelerator embedded.
  ///
  /// Parsing it gives the schedule back (`Schedule.init(parsing:file:accelerator:)`).
  public var text: String {
    let yaml = accelerator.yaml
    var writer = TextWriter(accelerator)
    writer.reserve(yaml.utf8.count + 4096 + 160 * instructions.count)
    writer.put("vsched \(ScheduleText.version)\nmodel ")
    writer.name(model.name)
    writer.put(" image=\(model.image) batch=\(model.batch)\naccelerator\n")
    var lines = yaml.split(separator: "\n", omittingEmptySubsequences: false)
    while lines.last?.isEmpty == true { lines.removeLast() }
    for line in lines { writer.put(line.isEmpty ? "  |\n" : "  | \(line)\n") }
    tables(&writer)
    body(&writer)
    writer.put("\nend \(instructions.count)\n")
    return writer.text
  }

  private func tables(_ writer: inout TextWriter) {
    for tensor in tensors {
      writer.put("tensor \(tensor.kind.rawValue) ")
      writer.hex(tensor.address)
      writer.put(" \(tensor.bytes) ")
      writer.name(tensor.name)
      writer.put("\n")
    }
    for (index, op) in operators.enumerated() {
      writer.put("op \(index) \(op.kind.rawValue) ")
      writer.name(op.name)
      writer.put(" macs=\(op.macs) elements=\(op.elements)\n")
    }
    for (index, layer) in layers.enumerated() {
      writer.put("layer \(index) ")
      writer.name(layer.name)
      if !layer.operators.isEmpty { writer.put(" ops=" + layer.operators.map(String.init).joined(separator: ",")) }
      writer.put("\n")
    }
    for (index, entry) in arithmetic.enumerated() {
      writer.field("arithmetic ", index)
      writer.put(" ")
      writer.arithmetic(entry)
      writer.put("\n")
    }
    for region in preloads {
      writer.put("preload ")
      writer.region(region)
      writer.put("\n")
    }
    for entry in loaded {
      let engines = accelerator.engines
      writer.put("loaded ")
      writer.name(engines.indices.contains(entry.engine) ? engines[entry.engine].name : "\(entry.engine)")
      writer.put(" tiles=\(entry.tiles)\n")
    }
  }

  /// The instructions, with a heading where a layer begins: layers overlap, and each line names its own.
  private func body(_ writer: inout TextWriter) {
    var isBegun = Array(repeating: false, count: layers.count)
    for (index, instruction) in instructions.enumerated() {
      let layer = instruction.layer
      if layers.indices.contains(layer), !isBegun[layer] {
        isBegun[layer] = true
        writer.put("\n# layer \(layer) ")
        writer.name(layers[layer].name)
        writer.put(", from instruction \(index)\n")
      }
      writer.instruction(instruction)
      writer.put("\n")
    }
  }

  /// One instruction as it stands in the text form.
  public func line(of instruction: Int) -> String {
    var writer = TextWriter(accelerator)
    if instructions.indices.contains(instruction) { writer.instruction(instructions[instruction]) }
    return writer.text
  }
}
