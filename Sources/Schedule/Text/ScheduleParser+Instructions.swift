import Hardware

extension ScheduleParser {
  /// The rest of a line behind the unit and its colon.
  mutating func instruction(unit: Int) throws(Mistake) {
    scanner.skipSpaces()
    let start = scanner.at
    let word = scanner.letters()
    let operation: Operation
    if word.elementsEqual("matmul".utf8) {
      operation = .matmul(try matmul(isDepthwise: false))
    } else if word.elementsEqual("depthwise".utf8) {
      operation = .matmul(try matmul(isDepthwise: true))
    } else if word.elementsEqual("load".utf8) {
      let dram = try dramRegion()
      try arrow()
      operation = .load(Transfer(dram: dram, region: try region(), op: try op()))
    } else if word.elementsEqual("store".utf8) {
      let region = try region()
      try arrow()
      operation = .store(Transfer(dram: try dramRegion(), region: region, op: try op()))
    } else {
      operation = .vector(try vector(first: word, start))
    }
    let layer = try layerField()
    var instruction = Instruction(queue: unit, layer: layer, operation: operation)
    try tokens(&instruction)
    schedule.instructions.append(instruction)
  }

  private mutating func op() throws(Mistake) -> Int {
    try key("op")
    return try reference("operator", schedule.operators.count)
  }

  private mutating func layerField() throws(Mistake) -> Int {
    try key("layer")
    return try reference("layer", schedule.layers.count)
  }

  // MARK: Operations

  private mutating func matmul(isDepthwise: Bool) throws(Mistake) -> MatMul {
    scanner.skipSpaces()
    let start = scanner.at
    let m = try scanner.decimal("M", atLeast: 1)
    try scanner.expect("x", in: "MxKxN")
    let k = try scanner.decimal("K", atLeast: 1)
    try scanner.expect("x", in: "MxKxN")
    let n = try scanner.decimal("N", atLeast: 1)
    if product(product(m, k), n) == nil { note(Mistake(start, "M·K·N overflows")) }
    let (a, aOrder, aZero) = try operand("a")
    let (b, bOrder, bZero) = try operand("b")
    var bias: Region?
    if peekKey("bias") {
      try key("bias")
      bias = try region()
    }
    let accumulate = try outKey()
    let out = try region()
    scanner.skipSpaces()
    let keeps = scanner.acceptWord("keep")
    return MatMul(
      m: m, k: k, n: n, isDepthwise: isDepthwise, a: a, b: b, out: out, accumulate: accumulate, keeps: keeps,
      op: try op(),
      aOrder: aOrder, bOrder: bOrder, bias: bias, aZero: aZero, bZero: bZero)
  }

  /// `a=region`, then `column-major` or `windows(…)`, then `zero=…`.
  private mutating func operand(_ name: String) throws(Mistake) -> (Region, OperandOrder, zero: Int) {
    try key(name)
    let region = try region()
    scanner.skipSpaces()
    var order = OperandOrder.rowMajor
    if scanner.acceptWord("column") {
      for character in "-major".unicodeScalars { try scanner.expect(character, in: "column-major") }
      order = .columnMajor
    } else if scanner.acceptWord("windows") {
      order = .windows(try windows())
    }
    guard peekKey("zero") else { return (region, order, zero: 0) }
    try key("zero")
    return (region, order, zero: try zeroPoint())
  }

  /// `(width=… channels=… …)`, the fields in this order.
  private mutating func windows() throws(Mistake) -> Windows {
    let start = scanner.at
    try scanner.expect("(", in: "windows(…)")
    let width = try field("width", atLeast: 1)
    let channels = try field("channels", atLeast: 1)
    let pitch = peekKey("pitch") ? try field("pitch", atLeast: 1) : channels
    let (kernelRows, kernelColumns) = try sizes("kernel")
    let (strideY, strideX) = peekKey("stride") ? try sizes("stride") : (1, 1)
    let (dilationY, dilationX) = peekKey("dilation") ? try sizes("dilation") : (1, 1)
    var origin = (y: 0, x: 0)
    if peekKey("origin") {
      try key("origin")
      origin.y = try scanner.signed("the first window's row")
      try scanner.expect(",", in: "origin=ROW,COLUMN")
      origin.x = try scanner.signed("the first window's column")
    }
    let windows = Windows(
      width: width, channels: channels, pixelPitch: pitch, kernelRows: kernelRows, kernelColumns: kernelColumns,
      strideY: strideY, strideX: strideX, dilationY: dilationY, dilationX: dilationX, originY: origin.y,
      originX: origin.x, outputColumns: try field("columns", atLeast: 1))
    try scanner.expect(")", in: "windows(…)")
    if let mistake = windows.mistakeInSizes { note(Mistake(start, mistake)) }
    return windows
  }

  /// ` name=ROWSxCOLUMNS`.
  private mutating func sizes(_ name: String) throws(Mistake) -> (Int, Int) {
    try key(name)
    let rows = try scanner.decimal(name, atLeast: 1)
    try scanner.expect("x", in: "\(name)=ROWSxCOLUMNS")
    return (rows, try scanner.decimal(name, atLeast: 1))
  }

  /// `out=` or `out+=`; true for the latter.
  private mutating func outKey() throws(Mistake) -> Bool {
    scanner.skipSpaces()
    let start = scanner.at
    if scanner.letters().elementsEqual("out".utf8) {
      let accumulate = scanner.accept("+")
      if scanner.accept("=") { return accumulate }
    }
    throw Mistake(start, "no 'out='", expected: "'out=' or 'out+='")
  }

  private mutating func vector(first: ArraySlice<UInt8>, _ start: Int) throws(Mistake) -> VectorInstruction {
    var stages: [VectorStage] = []
    var word = first
    var wordStart = start
    while true {
      let operation: VectorOperation
      if let known = VectorOperation(rawValue: String(decoding: word, as: UTF8.self)) {
        operation = known
      } else {
        let known =
          (stages.isEmpty ? ["depthwise", "load", "matmul", "store"] : []) + VectorOperation.allCases.map(\.rawValue)
        throw unknown(String(decoding: word, as: UTF8.self), known, wordStart, "operation")
      }
      try scanner.expect("@", in: "operation@operator")
      var stage = VectorStage(operation, op: try reference("operator", schedule.operators.count))
      if scanner.accept(":") { stage.arithmetic = try reference("arithmetic", schedule.arithmetic.count) }
      if scanner.accept("/") { stage.firstColumn = try scanner.decimal("first column") }
      stages.append(stage)
      if !scanner.accept("+") { break }
      wordStart = scanner.at
      word = scanner.letters()
    }
    scanner.skipSpaces()
    let shape = scanner.at
    let rows = try scanner.decimal("rows", atLeast: 1)
    try scanner.expect("x", in: "ROWSxCOLUMNS")
    let columns = try scanner.decimal("columns", atLeast: 1)
    if product(rows, columns) == nil { note(Mistake(shape, "rows·columns overflows")) }
    let source = try region()
    try arrow()
    var vector = VectorInstruction(
      stages: stages, rows: rows, columns: columns, source: source, destination: try region())
    scanner.skipSpaces()
    if scanner.peek("with") {
      try key("with")
      vector.operand = try region()
    }
    return vector
  }

  // MARK: Regions

  private mutating func arrow() throws(Mistake) {
    scanner.skipSpaces()
    try scanner.expect("-", in: "'->'")
    try scanner.expect(">", in: "'->'")
  }

  /// `buffer[0x0 197x768/1024]`.
  mutating func region() throws(Mistake) -> Region {
    scanner.skipSpaces()
    let start = scanner.at
    let name = try scanner.name("the name of a buffer")
    let buffer = lookUp(name, in: buffers, start, "buffer")
    let (offset, rows, rowBytes, pitch) = try rectangle()
    return Region(buffer: buffer, offset: offset, rows: rows, rowBytes: rowBytes, pitch: pitch)
  }

  private mutating func dramRegion() throws(Mistake) -> DRAMRegion {
    scanner.skipSpaces()
    let start = scanner.at
    guard try scanner.name("'dram'").elementsEqual("dram".utf8) else {
      throw Mistake(start, "a buffer in place of DRAM", expected: "dram[…]: loads read it, stores write it")
    }
    let (address, rows, rowBytes, stride) = try rectangle()
    return DRAMRegion(address: address, rows: rows, rowBytes: rowBytes, stride: stride)
  }

  /// `[offset rows×bytes/pitch]`, all positive and with an end that fits an `Int`.
  private mutating func rectangle() throws(Mistake) -> (offset: Int, rows: Int, rowBytes: Int, pitch: Int) {
    try scanner.expect("[", in: "a region")
    let start = scanner.at
    let offset = try scanner.address("offset")
    try scanner.expect(" ", in: "a region")
    let rows = try scanner.decimal("rows", atLeast: 1)
    try scanner.expect("x", in: "ROWSxBYTES")
    let rowBytes = try scanner.decimal("bytes of a row", atLeast: 1)
    let pitch = scanner.accept("/") ? try scanner.decimal("pitch") : rowBytes
    try scanner.expect("]", in: "a region")
    let last = product(rows - 1, pitch)
    if product(rows, rowBytes) == nil || sum(sum(offset, last), rowBytes) == nil {
      note(Mistake(start, "the region ends beyond 2^63"))
    }
    return (offset, rows, rowBytes, pitch)
  }

  // MARK: Tokens

  /// `wait unit:slot*count,… post unit:slot*count@read+cycles,…`, both optional.
  private mutating func tokens(_ instruction: inout Instruction) throws(Mistake) {
    scanner.skipSpaces()
    if scanner.acceptWord("wait") {
      repeat {
        let (queue, slot, count) = try token()
        instruction.waits.append(TokenWait(from: queue, slot: slot, count: count))
      } while scanner.accept(",")
    }
    scanner.skipSpaces()
    if scanner.acceptWord("post") {
      repeat {
        let (queue, slot, count) = try token()
        let whenRead = scanner.accept("@")
        if whenRead, !scanner.acceptWord("read") { throw Mistake(scanner.at, "no 'read'", expected: "'@read'") }
        let delay = scanner.accept("+") ? try scanner.decimal("cycles", atLeast: 1) : 0
        instruction.posts.append(TokenPost(to: queue, slot: slot, count: count, delay: delay, whenRead: whenRead))
      } while scanner.accept(",")
    }
    if scanner.atEnd() { return }
    let start = scanner.at
    let word = String(decoding: scanner.letters(), as: UTF8.self)
    throw Mistake(
      start, word.isEmpty ? "more than an instruction" : "found \(quoted(word))",
      expected: "'wait', then 'post', or the end of the line", suggestion: didYouMean(word, among: ["wait", "post"]))
  }

  private mutating func token() throws(Mistake) -> (queue: Int, slot: TokenSlot, count: Int) {
    scanner.skipSpaces()
    let start = scanner.at
    let queue = lookUp(try scanner.name("the name of a unit"), in: units, start, "unit")
    var slot = TokenSlot.start
    if scanner.accept(":") {
      let start = scanner.at
      let word = String(decoding: scanner.letters(), as: UTF8.self)
      if let known = TokenSlot(rawValue: word) {
        slot = known
      } else {
        note(unknown(word, TokenSlot.allCases.map(\.rawValue), start, "slot"))
      }
    }
    return (queue, slot, scanner.accept("*") ? try scanner.decimal("count", atLeast: 1) : 1)
  }
}

private func product(_ a: Int?, _ b: Int) -> Int? {
  guard let a else { return nil }
  let (value, overflow) = a.multipliedReportingOverflow(by: b)
  return overflow ? nil : value
}

private func sum(_ a: Int?, _ b: Int?) -> Int? {
  guard let a, let b else { return nil }
  let (value, overflow) = a.addingReportingOverflow(b)
  return overflow ? nil : value
}
