import Hardware

/// One operand of one instruction.
package struct MemoryAccess {
  package enum Role: String {
    case a, b, bias, out, source, operand, destination, transfer
  }
  /// Index of the memory in `AccessMap`.
  package var space: Int
  package var footprint: Int
  package var role: Role
  /// Which of the instruction's clocks it obeys.
  var part: TokenOrder.Access
  package var reads: Bool
  package var writes: Bool
  /// The operator whose matrix products must be found there, or one of these.
  var needs = Self.anything
  static let anything: Int32 = -1
  /// The matrix products of one operator, whichever it is.
  static let anyProduct: Int32 = -2
}

/// All accesses of a schedule, with each different footprint once.
struct AccessMap {
  /// An output tensor and its memory.
  struct Output {
    var tensor: DRAMTensor
    var space: Int
  }

  /// By memory: the buffers, then the outputs and spills in DRAM.
  private(set) var footprints: [[Footprint]]
  private(set) var preloads: [(space: Int, footprint: Int)] = []
  private(set) var outputs: [Output] = []
  /// By instruction: the operator whose matrix products it writes, −1 if it isn't a matmul.
  private(set) var product: [Int32] = []
  /// By instruction.
  let layers: [Int]
  private let buffers: [BufferSpec]
  /// Outputs and spills by address. Weights and inputs are there from the start and never written.
  private let tensors: [DRAMTensor]
  private var numbers: [[Footprint: Int]]
  private let images: ImageFootprints
  private var list: [MemoryAccess] = []
  private var starts: [Int] = [0]

  init(_ schedule: Schedule) {
    buffers = schedule.accelerator.buffers
    layers = schedule.instructions.map(\.layer)
    tensors = schedule.tensors.filter { $0.kind == .output || $0.kind == .spill }.sorted { $0.address < $1.address }
    footprints = Array(repeating: [], count: buffers.count + tensors.count)
    numbers = Array(repeating: [:], count: footprints.count)
    images = ImageFootprints(schedule)
    for region in schedule.preloads { preloads.append((region.buffer, number(Footprint(region), in: region.buffer))) }
    for (index, tensor) in tensors.enumerated() where tensor.kind == .output {
      outputs.append(Output(tensor: tensor, space: buffers.count + index))
    }
    for instruction in schedule.instructions {
      add(instruction.operation)
      starts.append(list.count)
      if case .matmul(let matmul) = instruction.operation {
        product.append(Int32(truncatingIfNeeded: matmul.op))
      } else {
        product.append(-1)
      }
    }
  }

  func name(of space: Int) -> String {
    space < buffers.count ? buffers[space].name : tensors[space - buffers.count].name
  }

  /// In the order in which they happen within the instruction.
  func accesses(of instruction: Int) -> ArraySlice<MemoryAccess> {
    list[starts[instruction]..<starts[instruction + 1]]
  }

  private mutating func add(_ operation: Operation) {
    switch operation {
    case .load(let transfer):
      add(transfer.dram, writes: false)
      add(transfer.region, .transfer, writes: true)
    case .store(let transfer):
      add(transfer.region, .transfer)
      add(transfer.dram, writes: true)
    case .matmul(let matmul):
      add(matmul.a, .a, images.footprint(of: matmul))
      add(matmul.b, .b, part: .b)
      // Bias and weights are read together.
      if let bias = matmul.bias { add(bias, .bias, part: .b) }
      let needs = matmul.accumulate ? Int32(truncatingIfNeeded: matmul.op) : MemoryAccess.anything
      add(matmul.out, .out, part: .out, reads: matmul.accumulate, writes: true, needs: needs)
    case .vector(let vector):
      add(vector.source, .source, needs: needs(of: vector))
      if let operand = vector.operand { add(operand, .operand) }
      add(vector.destination, .destination, writes: true)
    }
  }

  /// Requantization is counted for an operator: it must be that operator's results that it reads. A division of
  /// accumulators counts for the operator whose results it finds.
  private func needs(of vector: VectorInstruction) -> Int32 {
    if let requantize = vector.stages.first(where: { $0.operation == .requantize }) {
      return Int32(truncatingIfNeeded: requantize.op)
    }
    return vector.dividesAccumulators ? MemoryAccess.anyProduct : MemoryAccess.anything
  }

  private mutating func add(
    _ region: Region, _ role: MemoryAccess.Role, _ footprint: Footprint? = nil, part: TokenOrder.Access = .start,
    reads: Bool? = nil, writes: Bool = false, needs: Int32 = MemoryAccess.anything
  ) {
    let footprint = footprint ?? Footprint(region)
    list.append(
      MemoryAccess(
        space: region.buffer, footprint: number(footprint, in: region.buffer), role: role, part: part,
        reads: reads ?? !writes, writes: writes, needs: needs))
  }

  private mutating func add(_ region: DRAMRegion, writes: Bool) {
    guard let tensor = tensors.lastIndex(startingAtOrBefore: region.address),
      region.address < tensors[tensor].address + tensors[tensor].bytes
    else { return }
    let space = buffers.count + tensor
    let footprint = Footprint(
      offset: region.address, rows: region.rows, rowBytes: region.rowBytes, pitch: region.stride)
    list.append(
      MemoryAccess(
        space: space, footprint: number(footprint, in: space), role: .transfer, part: .start, reads: !writes,
        writes: writes))
  }

  private mutating func number(_ footprint: Footprint, in space: Int) -> Int {
    if let known = numbers[space][footprint] { return known }
    let number = footprints[space].count
    numbers[space][footprint] = number
    footprints[space].append(footprint)
    return number
  }
}
