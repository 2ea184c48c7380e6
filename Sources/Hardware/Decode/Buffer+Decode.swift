/// The buffers of an accelerator as far as they could be read, for the engines to refer to.
struct BufferTable {
  /// By element of the list; `nil` where a mistake was reported.
  private(set) var specs: [BufferSpec?] = []
  /// What each element calls itself, right or wrong.
  private(set) var names: [String?] = []
  /// Each size with its place, where it could be read.
  private(set) var sizes: [(bytes: Int, mark: SourceMark)?] = []
  private(set) var pingPong: [Bool] = []

  init(_ nodes: [ConfigNode]?, log: DiagnosticLog) {
    var taken: [String: SourceMark] = [:]
    for node in nodes ?? [] {
      var keys = Section(node, Section.title("buffer", of: node), log: log)
      let name = keys.uniqueName(taken: &taken, reserved: ["dram"])
      let bytes = keys.number("size", Bounds.buffer, .size)
      let banks = keys.number("banks", Bounds.banks, default: 1)
      let ports = keys.number("ports", Bounds.ports, default: 2)
      let word = keys.number("word-width", Bounds.word, .size)
      let latency = keys.number("latency", Bounds.cycles, .cycles, default: 1)
      let loadLatency = keys.number("load-latency", Bounds.cycles, .cycles, default: 0)
      let pingPong = keys.flag("ping-pong", default: true)
      let memory = keys.choice("memory", default: MemoryKind.bram)
      keys.finish()
      if let bytes, let banks {
        if bytes % banks != 0 {
          keys.report(
            "banks", "\(banks) banks don't divide \(Quantity.size.format(bytes)) evenly",
            expected: "a number that divides the size")
        } else if let word, word > bytes / banks {
          keys.report(
            "word-width", "a word of \(Quantity.size.format(word)) is wider than a whole bank",
            expected: "at most \(Quantity.size.format(bytes / banks))")
        }
      }
      names.append(node["name"]?.text)
      sizes.append(bytes.map { ($0, keys.place("size")) })
      self.pingPong.append(pingPong ?? false)
      if let name, let bytes, let banks, let ports, let word, let latency, let loadLatency, let pingPong, let memory {
        specs.append(
          BufferSpec(
            name: name, bytes: bytes, banks: banks, ports: ports, wordBytes: word, latency: latency,
            loadLatency: loadLatency, pingPong: pingPong, memory: memory))
      } else {
        specs.append(nil)
      }
    }
  }
}

extension Section {
  /// The index of the buffer that `key` names.
  mutating func buffer(_ key: String, in buffers: BufferTable) -> Int? {
    guard let node = value(key, expected: "the name of a buffer") else { return nil }
    // Without a readable list of buffers, any name may be right.
    guard !buffers.names.isEmpty, !buffers.names.contains(nil) else { return nil }
    let names = buffers.names.compactMap { $0 }
    if let text = node.text, let index = names.firstIndex(of: text) { return index }
    log.report(
      node.mark, node.text.map { "there is no buffer \(quoted($0))" } ?? "\(key) is \(node.kind)",
      expected: alternatives(names.map(quoted)), suggestion: node.text.flatMap { didYouMean($0, among: names) })
    return nil
  }
}
