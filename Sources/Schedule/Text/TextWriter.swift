import Hardware

/// Appends the pieces of the text form to a buffer of bytes.
struct TextWriter {
  private(set) var bytes: [UInt8] = []
  /// Names of queues and buffers as they are written.
  let units: [String]
  let buffers: [String]
  private let unitWidth: Int

  init(_ accelerator: Accelerator) {
    units = accelerator.queues.map { Self.written($0.name) }
    buffers = accelerator.buffers.map { Self.written($0.name) }
    unitWidth = units.reduce(0) { max($0, $1.utf8.count) }
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }
  mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }
  mutating func name(_ name: String) { put(Self.written(name)) }

  mutating func decimal(_ value: Int) {
    if value < 0 { put("-") }
    digits(value.magnitude, radix: 10)
  }

  mutating func hex(_ value: Int) {
    put(value < 0 ? "-0x" : "0x")
    digits(value.magnitude, radix: 16)
  }

  /// Two hexadecimal digits.
  mutating func hexByte(_ value: UInt8) {
    if value < 16 { put("0") }
    digits(UInt(value), radix: 16)
  }

  private mutating func digits(_ value: UInt, radix: UInt) {
    let start = bytes.count
    var rest = value
    repeat {
      let digit = UInt8(rest % radix)
      bytes.append(digit < 10 ? 48 + digit : 87 + digit)
      rest /= radix
    } while rest > 0
    bytes[start...].reverse()
  }

  private mutating func pad(from start: Int, to width: Int) {
    for _ in 0..<max(0, start + width - bytes.count) { bytes.append(32) }
  }

  /// A name as it stands in the text: bare where it has only letters, digits and `_ . - /`, else in quotes.
  static func written(_ name: String) -> String {
    if !name.isEmpty, name.utf8.allSatisfy(isBare) { return name }
    var text = "\""
    for scalar in name.unicodeScalars {
      switch scalar {
      case "\"", "\\": text += "\\" + String(scalar)
      case " "..."~": text.unicodeScalars.append(scalar)
      default: text += "\\u{" + String(scalar.value, radix: 16) + "}"
      }
    }
    return text + "\""
  }

  /// Whether `byte` may stand in a name without quotes.
  static func isBare(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"),
      UInt8(ascii: "/"):
      true
    default: false
    }
  }
}

// MARK: Regions, tokens, instructions

extension TextWriter {
  mutating func region(_ region: Region) {
    put(buffers.indices.contains(region.buffer) ? buffers[region.buffer] : "?")
    rectangle(region.offset, region.rows, region.rowBytes, region.pitch)
  }

  mutating func region(_ region: DRAMRegion) {
    put("dram")
    rectangle(region.address, region.rows, region.rowBytes, region.stride)
  }

  private mutating func rectangle(_ offset: Int, _ rows: Int, _ rowBytes: Int, _ pitch: Int) {
    put("[")
    hex(offset)
    put(" ")
    decimal(rows)
    put("x")
    decimal(rowBytes)
    if pitch != rowBytes {
      put("/")
      decimal(pitch)
    }
    put("]")
  }

  private mutating func token(_ queue: Int, _ slot: TokenSlot, _ count: Int, whenRead: Bool = false, delay: Int = 0) {
    put(units.indices.contains(queue) ? units[queue] : "?")
    if slot != .start {
      put(":")
      put(slot.rawValue)
    }
    if count != 1 {
      put("*")
      decimal(count)
    }
    if whenRead { put("@read") }
    if delay != 0 { field("+", delay) }
  }

  /// One instruction, without the end of the line.
  mutating func instruction(_ instruction: Instruction) {
    let start = bytes.count
    put(units.indices.contains(instruction.queue) ? units[instruction.queue] : "?")
    put(":")
    pad(from: start, to: unitWidth + 2)
    switch instruction.operation {
    case .load(let transfer):
      put("load ")
      region(transfer.dram)
      put(" -> ")
      region(transfer.region)
      field(" op=", transfer.op)
    case .store(let transfer):
      put("store ")
      region(transfer.region)
      put(" -> ")
      region(transfer.dram)
      field(" op=", transfer.op)
    case .matmul(let matmul):
      field(matmul.isDepthwise ? "depthwise " : "matmul ", matmul.m)
      field("x", matmul.k)
      field("x", matmul.n)
      operand(" a=", matmul.a, matmul.aOrder, zero: matmul.aZero)
      operand(" b=", matmul.b, matmul.bOrder, zero: matmul.bZero)
      if let bias = matmul.bias {
        put(" bias=")
        region(bias)
      }
      put(matmul.accumulate ? " out+=" : " out=")
      region(matmul.out)
      if matmul.keeps { put(" keep") }
      field(" op=", matmul.op)
    case .vector(let vector):
      self.vector(vector)
    }
    field(" layer=", instruction.layer)
    for (index, wait) in instruction.waits.enumerated() {
      put(index == 0 ? " wait " : ",")
      token(wait.from, wait.slot, wait.count)
    }
    for (index, post) in instruction.posts.enumerated() {
      put(index == 0 ? " post " : ",")
      token(post.to, post.slot, post.count, whenRead: post.whenRead, delay: post.delay)
    }
  }

  /// Row-major order and zero points of 0 aren't written, nor is what `Windows` takes for granted.
  private mutating func operand(_ key: String, _ region: Region, _ order: OperandOrder, zero: Int) {
    put(key)
    self.region(region)
    switch order {
    case .rowMajor: break
    case .columnMajor: put(" column-major")
    case .windows(let windows): self.windows(windows)
    }
    if zero != 0 { field(" zero=", zero) }
  }

  private mutating func windows(_ windows: Windows) {
    field(" windows(width=", windows.width)
    field(" channels=", windows.channels)
    if windows.pixelPitch != windows.channels { field(" pitch=", windows.pixelPitch) }
    pair(" kernel=", windows.kernelRows, "x", windows.kernelColumns)
    if (windows.strideY, windows.strideX) != (1, 1) { pair(" stride=", windows.strideY, "x", windows.strideX) }
    if (windows.dilationY, windows.dilationX) != (1, 1) {
      pair(" dilation=", windows.dilationY, "x", windows.dilationX)
    }
    if (windows.originY, windows.originX) != (0, 0) { pair(" origin=", windows.originY, ",", windows.originX) }
    field(" columns=", windows.outputColumns)
    put(")")
  }

  private mutating func pair(_ key: String, _ first: Int, _ separator: String, _ second: Int) {
    field(key, first)
    field(separator, second)
  }

  private mutating func vector(_ vector: VectorInstruction) {
    for (index, stage) in vector.stages.enumerated() {
      if index > 0 { put("+") }
      put(stage.operation.rawValue)
      field("@", stage.op)
      if let arithmetic = stage.arithmetic { field(":", arithmetic) }
      if stage.firstColumn != 0 { field("/", stage.firstColumn) }
    }
    field(" ", vector.rows)
    field("x", vector.columns)
    put(" ")
    region(vector.source)
    put(" -> ")
    region(vector.destination)
    if let operand = vector.operand {
      put(" with=")
      region(operand)
    }
  }

  mutating func field(_ key: String, _ value: Int) {
    put(key)
    decimal(value)
  }
}
