import Hardware
import Machine
import Numerics
import Schedule

/// What instructions do, one after the other, byte by byte: written from docs/numerics.md and the instruction set alone.
struct ValueReference {
  let schedule: Schedule
  var buffers: [[UInt8]]
  var tensors: [[UInt8]]
  var events: [[UInt8]] = []

  init(_ schedule: Schedule, _ image: MemoryImage) {
    self.schedule = schedule
    buffers = schedule.accelerator.buffers.map { [UInt8](repeating: 0, count: $0.bytes) }
    tensors = zip(image.tensors, schedule.tensors).map { $0 ?? [UInt8](repeating: 0, count: $1.bytes) }
    for (region, bytes) in zip(schedule.preloads, image.preloads) {
      if let bytes { write(region, bytes) }
    }
    for instruction in schedule.instructions { execute(instruction.operation) }
  }

  private func read(_ region: Region) -> [UInt8] {
    (0..<region.bytes).map { buffers[region.buffer][region.place(of: $0)] }
  }

  private mutating func write(_ region: Region, _ bytes: [UInt8]) {
    for (index, byte) in bytes.enumerated() { buffers[region.buffer][region.place(of: index)] = byte }
  }

  private mutating func execute(_ operation: Operation) {
    switch operation {
    case .load(let transfer):
      write(transfer.region, (0..<transfer.dram.bytes).map { self[transfer.dram, $0] })
    case .store(let transfer):
      for (index, byte) in read(transfer.region).enumerated() { self[transfer.dram, index] = byte }
    case .matmul(let matmul): execute(matmul)
    case .vector(let vector):
      let results = values(of: vector)
      write(vector.destination, results.map { UInt8(bitPattern: $0) })
      events.append(read(vector.destination))
    }
  }

  /// Byte `index` of a DRAM region.
  private subscript(region: DRAMRegion, index: Int) -> UInt8 {
    get {
      let (tensor, place) = self.place(region, index)
      return tensors[tensor][place]
    }
    set {
      let (tensor, place) = self.place(region, index)
      tensors[tensor][place] = newValue
    }
  }

  private func place(_ region: DRAMRegion, _ index: Int) -> (Int, Int) {
    let address = region.address + index / region.rowBytes * region.stride + index % region.rowBytes
    let tensor = schedule.tensors.firstIndex { $0.address <= address && address < $0.address + $0.bytes } ?? 0
    return (tensor, address - schedule.tensors[tensor].address)
  }

  private mutating func execute(_ it: MatMul) {
    let (b, bias, before) = (read(it.b), it.bias.map { read($0) }, read(it.out))
    let a = matrix(it)
    var results: [UInt8] = []
    for i in 0..<it.m {
      for j in 0..<it.n {
        var sum = it.accumulate ? before.word(i * it.n + j) : 0
        if let bias { sum &+= bias.word(j) }
        for l in 0..<it.k {
          let right = Int(Int8(bitPattern: it.bOrder == .columnMajor ? b[j * it.k + l] : b[l * it.n + j]))
          let left = it.isDepthwise ? a[(i * it.k + l) * it.n + j] : a[i * it.k + l]
          sum &+= Int32((left - it.aZero) * (right - it.bZero))
        }
        results += (0..<4).map { UInt8(truncatingIfNeeded: sum >> Int32(8 * $0)) }
      }
    }
    write(it.out, results)
  }

  /// Operand A, row by row.
  private func matrix(_ it: MatMul) -> [Int] {
    let bytes = read(it.a).map { Int(Int8(bitPattern: $0)) }
    switch it.aOrder {
    case .rowMajor: return bytes
    case .columnMajor: return (0..<it.m * it.k).map { bytes[$0 % it.k * it.m + $0 / it.k] }
    case .windows(let w):
      let depth = it.isDepthwise ? it.k * it.n : it.k
      return (0..<it.m * depth).map { index in
        let (i, j) = (index / depth, index % depth)
        let (kernel, channel) = (j / w.channels, j % w.channels)
        let y = w.originY + i / w.outputColumns * w.strideY + kernel / w.kernelColumns * w.dilationY
        let x = w.originX + i % w.outputColumns * w.strideX + kernel % w.kernelColumns * w.dilationX
        guard 0..<it.a.rows ~= y, 0..<w.width ~= x else { return it.aZero }
        return bytes[y * it.a.rowBytes + x * w.pixelPitch + channel]
      }
    }
  }

  private func values(of it: VectorInstruction) -> [Int8] {
    let source = read(it.source)
    let isWide = source.count == 4 * it.elements
    let words = (0..<it.elements).map { isWide ? source.word($0) : Int32(Int8(bitPattern: source[$0])) }
    let operand = it.operand.map { read($0) } ?? []
    var rows = (0..<it.rows).map { Array(words[$0 * it.columns..<($0 + 1) * it.columns]) }
    for stage in it.stages {
      guard let entry = stage.arithmetic else { return [] }
      switch schedule.arithmetic[entry] {
      case .requantize(let f):
        rows = rows.map { $0.enumerated().map { Int32(f($1, column: stage.firstColumn + $0)) } }
      case .elementwise(let f): rows = rows.map { $0.map { Int32(f(Int8($0))) } }
      case .softmax(let f): rows = rows.map { f.apply($0.map { Int8($0) }).map { Int32($0) } }
      case .divide(let f): rows = rows.map { f.apply($0).map { Int32($0) } }
      case .average(let f):
        rows = [it.columns == 0 ? [] : (0..<it.columns).map { c in Int32(f.apply(rows.map { Int8($0[c]) })) }]
      case .layerNorm(let f):
        let gain = operand.prefix(it.columns).map { Int8(bitPattern: $0) }
        let biases = Array(operand.dropFirst(it.columns))
        let bias = (0..<it.columns).map { biases.word($0) }
        rows = rows.map { f.apply($0.map { Int8($0) }, gain: gain, bias: bias).map { Int32($0) } }
      case .add(let f):
        rows = rows.enumerated().map { r, row in
          row.enumerated().map { Int32(f(Int8($1), Int8(bitPattern: operand[r * it.columns + $0]))) }
        }
      case .multiply(let f):
        rows = rows.enumerated().map { r, row in
          row.enumerated().map { Int32(f(Int8($1), Int8(bitPattern: operand[r * it.columns + $0]))) }
        }
      }
    }
    return rows.flatMap { $0.map { Int8($0) } }
  }
}

extension Region {
  /// Where byte `index` of its bytes stands in the buffer.
  func place(of index: Int) -> Int { offset + index / rowBytes * pitch + index % rowBytes }
}

extension [UInt8] {
  /// The `index`-th little-endian INT32.
  func word(_ index: Int) -> Int32 {
    (0..<4).reduce(0) { $0 | Int32(bitPattern: UInt32(self[4 * index + $1]) << UInt32(8 * $1)) }
  }
}
