import Hardware

/// Tiles of an engine, its first ones, whose stationary operand is in the array from the start (rule M2).
public struct LoadedTiles: Sendable, Hashable {
  /// Index into `Accelerator.engines`.
  public var engine: Int
  /// At least 1.
  public var tiles: Int
  public init(engine: Int, tiles: Int) {
    self.engine = engine
    self.tiles = tiles
  }
}

extension Schedule {
  /// Tiles of engine `engine` that are loaded from the start.
  public func loadedTiles(of engine: Int) -> Int { loaded.first { $0.engine == engine }?.tiles ?? 0 }

  /// What is wrong with each entry of `loaded`: no such engine, one without a stationary operand, more tiles than its registers
  /// hold or its program has, or an instruction whose stationary operand must be waited for or is written to.
  public var loadedMistakes: [String] {
    loaded.enumerated().compactMap { index, entry in
      guard accelerator.engines.indices.contains(entry.engine) else {
        return "loaded: engine \(entry.engine) of \(accelerator.engines.count)"
      }
      let engine = accelerator.engines[entry.engine]
      let what = "loaded \(engine.name) tiles=\(entry.tiles)"
      if loaded[..<index].contains(where: { $0.engine == entry.engine }) { return "\(what): a second line for it" }
      if engine.dataflow == .outputStationary { return "\(what): an output-stationary engine has nothing to load" }
      if engine.rowByRow { return "\(what): an engine that reads row by row begins with a load" }
      guard 1...engine.tilesAhead ~= entry.tiles else {
        return "\(what): its registers hold \(engine.tilesAhead) before they are used"
      }
      return mistake(in: entry, of: engine, what)
    }
  }

  private func mistake(in entry: LoadedTiles, of engine: MatrixEngineSpec, _ what: String) -> String? {
    let slot: TokenSlot = engine.dataflow == .inputStationary ? .a : .b
    var left = entry.tiles
    for instruction in instructions where instruction.queue == entry.engine && left > 0 {
      guard case .matmul(let matmul) = instruction.operation else { continue }
      if instruction.waits.contains(where: { $0.slot == slot }) {
        return "\(what): a tile's matmul waits for tokens of slot \(slot.rawValue)"
      }
      let operand = slot == .a ? matmul.a : matmul.b
      if instructions.contains(where: { $0.operation.result?.mayOverlap(operand) ?? false }) {
        return
          "\(what): something writes to a tile's operand \(slot.rawValue), which must stay what it was at the start"
      }
      left -= matmul.tiles(on: engine, upTo: left)
    }
    return left > 0 ? "\(what): its program has only \(entry.tiles - left)" : nil
  }
}

extension Operation {
  /// Where it writes on chip.
  var result: Region? {
    switch self {
    case .load(let transfer): transfer.region
    case .store: nil
    case .matmul(let matmul): matmul.out
    case .vector(let vector): vector.destination
    }
  }
}

extension Region {
  func mayOverlap(_ other: Region) -> Bool {
    buffer == other.buffer && offset < other.end && other.offset < end
  }
}

extension MatMul {
  /// Into how many tiles an engine with a stationary operand cuts it (rule M1), at most `limit`.
  func tiles(on engine: MatrixEngineSpec, upTo limit: Int) -> Int {
    let (columns, depth) = (engine.dataflow == .inputStationary ? m : n, engine.rows * engine.macsPerPE)
    let across = min(limit, (max(1, columns) - 1) / engine.columns + 1)
    return min(limit, across * min(limit, (max(1, k) - 1) / depth + 1))
  }
}
