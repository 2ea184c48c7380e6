import Machine
import Numerics
import Schedule
import TestSupport

/// A third opinion on values, as plain as can be: instructions in the order in which they end, each at once, on arrays of
/// bytes, by the plain functions of `Numerics`.
struct PlainMachine {
  private let schedule: Schedule
  private var buffers: [[UInt8]]
  private(set) var tensors: [[UInt8]]
  private(set) var events: [ValueEvent] = []

  /// Runs `schedule`, which ended as `run` says.
  init(_ schedule: Schedule, _ image: MemoryImage, _ run: Run) {
    self.schedule = schedule
    buffers = schedule.accelerator.buffers.map { Array(repeating: 0, count: $0.bytes) }
    tensors = zip(schedule.tensors, image.tensors).map { $1 ?? Array(repeating: 0, count: $0.bytes) }
    for (region, bytes) in zip(schedule.preloads, image.preloads) where bytes != nil { write(bytes ?? [], region) }
    for index in schedule.instructions.indices.sorted(by: { (run.timings[$0].end, $0) < (run.timings[$1].end, $1) }) {
      switch schedule.instructions[index].operation {
      case .load(let transfer): load(transfer)
      case .store(let transfer): store(transfer)
      case .matmul(let op): multiply(op)
      case .vector(let op):
        write(compute(op), op.destination)
        events.append(ValueEvent(instruction: index, bytes: read(op.destination)))
      }
    }
  }

  // MARK: Bytes

  private func places(_ start: Int, _ rows: Int, _ rowBytes: Int, _ pitch: Int) -> [Int] {
    (0..<rows).flatMap { row in (0..<rowBytes).map { start + row * pitch + $0 } }
  }

  private func read(_ region: Region) -> [UInt8] {
    places(region.offset, region.rows, region.rowBytes, region.pitch).map { buffers[region.buffer][$0] }
  }

  private mutating func write(_ bytes: [UInt8], _ region: Region) {
    for (place, byte) in zip(places(region.offset, region.rows, region.rowBytes, region.pitch), bytes) {
      buffers[region.buffer][place] = byte
    }
  }

  private func home(_ region: DRAMRegion) -> (tensor: Int, places: [Int]) {
    let tensor =
      schedule.tensors.firstIndex { $0.address <= region.address && region.end <= $0.address + $0.bytes } ?? 0
    return (
      tensor,
      places(region.address - schedule.tensors[tensor].address, region.rows, region.rowBytes, region.stride)
    )
  }

  private mutating func load(_ transfer: Transfer) {
    let (tensor, places) = home(transfer.dram)
    write(places.map { tensors[tensor][$0] }, transfer.region)
  }

  private mutating func store(_ transfer: Transfer) {
    let (tensor, places) = home(transfer.dram)
    for (place, byte) in zip(places, read(transfer.region)) { tensors[tensor][place] = byte }
  }

  // MARK: Matrices

  /// The elements of an operand, row by row; what lies outside an image counts as the zero point.
  private func matrix(_ region: Region, _ order: OperandOrder, _ rows: Int, _ columns: Int, zero: Int) -> [Int8] {
    let bytes = read(region).map { Int8(bitPattern: $0) }
    switch order {
    case .rowMajor: return bytes
    case .columnMajor: return (0..<rows).flatMap { row in (0..<columns).map { bytes[$0 * rows + row] } }
    case .windows(let windows):
      let (height, width) = (windows.kernelRows, windows.kernelColumns)
      return (0..<rows).flatMap { row in
        (0..<height * width * windows.channels).map { column -> Int8 in
          let channel = column % windows.channels
          let pixel = column / windows.channels
          let y = windows.originY + row / windows.outputColumns * windows.strideY + pixel / width * windows.dilationY
          let x = windows.originX + row % windows.outputColumns * windows.strideX + pixel % width * windows.dilationX
          if y < 0 || y >= region.rows || x < 0 || x >= windows.width { return Int8(zero) }
          return bytes[y * region.rowBytes + x * windows.pixelPitch + channel]
        }
      }
    }
  }

  private mutating func multiply(_ op: MatMul) {
    if op.isDepthwise { return multiplyChannels(op) }
    let a = matrix(op.a, op.aOrder, op.m, op.k, zero: op.aZero)
    let b = matrix(op.b, op.bOrder, op.k, op.n, zero: op.bZero)
    let sums = MatrixProduct.reference(
      a, b, m: op.m, k: op.k, n: op.n, aZero: op.aZero, bZero: op.bZero, bias: op.bias.map { words(read($0)) },
      adding: op.accumulate ? words(read(op.out)) : nil)
    write((sums ?? []).flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * Int32($0))) } }, op.out)
  }

  /// Channel by channel: a product of its own for each column.
  private mutating func multiplyChannels(_ op: MatMul) {
    let a = matrix(op.a, op.aOrder, op.m, op.k * op.n, zero: op.aZero)
    let b = matrix(op.b, op.bOrder, op.k, op.n, zero: op.bZero)
    let bias = op.bias.map { words(read($0)) }
    var results = op.accumulate ? words(read(op.out)) : Array(repeating: 0, count: op.m * op.n)
    for channel in 0..<op.n {
      let sums = MatrixProduct.reference(
        (0..<op.m * op.k).map { a[$0 * op.n + channel] }, (0..<op.k).map { b[$0 * op.n + channel] }, m: op.m, k: op.k,
        n: 1, aZero: op.aZero, bZero: op.bZero, bias: bias.map { [$0[channel]] })
      for (row, sum) in (sums ?? []).enumerated() { results[row * op.n + channel] &+= sum }
    }
    write(results.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * Int32($0))) } }, op.out)
  }

  private func words(_ bytes: [UInt8]) -> [Int32] {
    stride(from: 0, to: bytes.count, by: 4).map { place in
      (0..<4).reduce(0) { $0 | Int32(bytes[place + $1]) << (8 * Int32($1)) }
    }
  }

  // MARK: Vectors

  private func compute(_ op: VectorInstruction) -> [UInt8] {
    var numbers =
      op.source.bytes == op.elements ? read(op.source).map { Int32(Int8(bitPattern: $0)) } : words(read(op.source))
    let second = op.operand.map { read($0) } ?? []
    func rows(_ change: ([Int32]) -> [Int8]) -> [Int32] {
      (0..<op.rows).flatMap { row in
        change(Array(numbers[row * op.columns..<(row + 1) * op.columns])).map { Int32($0) }
      }
    }
    for stage in op.stages {
      guard let entry = stage.arithmetic else { continue }
      switch schedule.arithmetic[entry] {
      case .requantize(let requantize):
        numbers = numbers.indices.map {
          Int32(requantize(numbers[$0], column: stage.firstColumn + $0 % op.columns))
        }
      case .elementwise(let function): numbers = numbers.map { Int32(function(Int8($0))) }
      case .add(let add): numbers = zip(numbers, second).map { Int32(add(Int8($0), Int8(bitPattern: $1))) }
      case .multiply(let multiply):
        numbers = zip(numbers, second).map { Int32(multiply(Int8($0), Int8(bitPattern: $1))) }
      case .softmax(let softmax): numbers = rows { softmax.apply($0.map { Int8($0) }) }
      case .layerNorm(let norm):
        let gain = second.prefix(op.columns).map { Int8(bitPattern: $0) }
        let bias = words(Array(second.dropFirst(op.columns)))
        numbers = rows { norm.apply($0.map { Int8($0) }, gain: gain, bias: bias) }
      case .divide(let divide): numbers = rows { divide.apply($0) }
      case .average(let average):
        numbers = (0..<op.columns).map { column in
          Int32(average.apply((0..<op.rows).map { Int8(numbers[$0 * op.columns + column]) }))
        }
      }
    }
    return op.destination.bytes == numbers.count
      ? numbers.map { UInt8(truncatingIfNeeded: $0) }
      : numbers.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * Int32($0))) } }
  }
}
