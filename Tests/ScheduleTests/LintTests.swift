import Hardware
import Testing

@testable import Schedule

/// Each finding is provoked by one change of a schedule that has none.
struct LintTests {
  private let array = Small.array
  private let vector = Small.vector
  private let weights = Small.weights
  private let io = Small.io

  @Test func nothingToFind() {
    #expect(findings { _ in } == [])
    #expect(Lint.check(Small.schedule, against: Small.schedule.operators) == [])
  }

  @Test func findingsName() {
    let found = findings { $0.instructions[2].queue = vector }
    #expect(found.first?.layer == 0)
    #expect(found.first?.description.hasPrefix("instruction 2: unit: vector can't execute a matmul") == true)
  }

  // MARK: Tables

  @Test func tables() {
    expect(.index, at: 0, "layer 1 of 1") { $0.instructions[0].layer = 1 }
    expect(.index, at: 0, "queue 4 of 4") { $0.instructions[0].queue = 4 }
    expect(.index, at: 0, "queue -1 of 4") { $0.instructions[0].queue = -1 }
    expect(.index, at: 2, "operator 1 of 1") { $0.edit(2) { (m: inout MatMul) in m.op = 1 } }
    expect(.index, at: 1, "operator -1 of 1") { $0.edit(1) { (t: inout Transfer) in t.op = -1 } }
    expect(.index, at: 3, "operator 5 of 1") { $0.edit(3) { (v: inout VectorInstruction) in v.stages[0].op = 5 } }
    expect(.index, at: 2, "a: buffer 3 of 3") { $0.edit(2) { (m: inout MatMul) in m.a.buffer = 3 } }
    expect(.table, "in no layer") { $0.layers[0].operators = [] }
    expect(.table, "in layer 0: keep one") { $0.layers.append($0.layers[0]) }
    expect(.index, "lists operator 9") { $0.layers[0].operators.append(9) }
    expect(.table, "x and w overlap") {
      $0.tensors.append(DRAMTensor(name: "w", kind: .weight, address: 0x1007, bytes: 4))
    }
    expect(.table, "tensor w has") { $0.tensors.append(DRAMTensor(name: "w", kind: .weight, address: .max, bytes: 4)) }
    expect(.table, "tensor w has") { $0.tensors.append(DRAMTensor(name: "w", kind: .weight, address: 9, bytes: 0)) }
  }

  /// What no simulation could count to.
  @Test func absurdSizes() {
    expect(.table, "more than 2^63") { schedule in
      for _ in 0..<3 { schedule.add(OperatorInfo(name: "g", kind: .gelu, macs: .max / 2, elements: 0)) }
    }
    expect(.table, "image 0, batch 0") { $0.model.batch = 0 }
    expect(.table, "both go up to 2^20") { $0.model.image = .max }
    expect(.shape, at: 2, "at most 2^40 bytes") { schedule in
      schedule.edit(2) { (m: inout MatMul) in m.a = Small.activations(0, 1 << 39, 4, pitch: 0) }
    }
  }

  @Test func operatorTable() {
    var model = Small.schedule.operators
    model[0].macs += 1
    #expect(Lint.check(Small.schedule, against: model).map(\.kind) == [.table])
    model[0].macs -= 1
    model.append(OperatorInfo(name: "gelu", kind: .gelu, macs: 0, elements: 1))
    #expect(
      Lint.check(Small.schedule, against: model).first?.message.contains("(gelu) of the model is missing") == true)
    #expect(Lint.check(Small.schedule, against: []).first?.message.contains("isn't in the model") == true)
  }

  // MARK: Units, buffers, regions

  @Test func units() {
    expect(.unit, at: 2, "vector can't execute a matmul") { $0.instructions[2].queue = vector }
    expect(.unit, at: 3, "array can't execute a vector operation") { $0.instructions[3].queue = array }
    expect(.unit, at: 0, "dma.io doesn't carry weights") { $0.instructions[0].queue = io }
    expect(.unit, at: 1, "dma.weights doesn't carry inputs") { $0.instructions[1].queue = weights }
    expect(.unit, at: 4, "dma.weights doesn't carry outputs") { $0.instructions[4].queue = weights }
    expect(.unit, at: 3, "has no requantize") { $0.accelerator.vector.operations[.requantize] = nil }
  }

  @Test func depthwise() {
    let windows = Windows(width: 2, channels: 8, kernelRows: 1, kernelColumns: 2, outputColumns: 1)
    func change(_ schedule: inout Schedule) {
      schedule.accelerator.engines[0].interconnect = .broadcast
      schedule.accelerator.engines[0].dataflow = .outputStationary
      schedule.accelerator.engines[0].depthwise = true
      schedule.edit(2) { (m: inout MatMul) in
        (m.isDepthwise, m.k, m.aOrder) = (true, 2, .windows(windows))
        m.a = Small.activations(0x0, 2, 16)
        m.b = Small.weights(0x0, 2, 8)
      }
    }
    func messages(_ more: (inout Schedule) -> Void) -> [String] {
      findings {
        change(&$0)
        more(&$0)
      }.filter { $0.kind == .unit || $0.kind == .shape }.map(\.message)
    }
    #expect(messages { _ in } == [])
    #expect(messages { $0.accelerator.engines[0].depthwise = false }[0].contains("can't multiply channel by channel"))
    #expect(messages { $0.edit(2) { (m: inout MatMul) in m.aOrder = .rowMajor } }[0].contains("has no windows"))
    #expect(messages { $0.edit(2) { (m: inout MatMul) in m.k = 3 } }[0].contains("K is 24"))
    #expect(
      messages {
        $0.edit(2) { (m: inout MatMul) in
          m.aOrder = .windows(Windows(width: 2, channels: 4, kernelRows: 1, kernelColumns: 2, outputColumns: 1))
        }
      }[0].contains("windows of 4 channels, but N is 8"))
  }

  @Test func buffers() {
    expect(.buffer, at: 2, "no path to weights for a: place it in activations") {
      $0.edit(2) { (m: inout MatMul) in m.a.buffer = 1 }
    }
    expect(.buffer, at: 2, "no path to accumulators for b: place it in weights or activations") {
      $0.edit(2) { (m: inout MatMul) in m.b.buffer = 2 }
    }
    expect(.buffer, at: 2, "no path to activations for out") { $0.edit(2) { (m: inout MatMul) in m.out.buffer = 0 } }
    // B may lie with the inputs: activations times activations.
    #expect(
      findings { schedule in
        schedule.preloads = [Small.activations(0x200, 4, 8)]
        schedule.edit(2) { (m: inout MatMul) in m.b = Small.activations(0x200, 4, 8) }
      } == [])
  }

  @Test func overflow() {
    func offset(_ offset: Int) -> [LintFinding] {
      findings { schedule in
        schedule.edit(0) { (t: inout Transfer) in t.region.offset = offset }
        schedule.edit(2) { (m: inout MatMul) in m.b.offset = offset }
      }
    }
    #expect(offset(1024 - 32) == [])
    #expect(offset(1024 - 31).map(\.kind) == [.overflow, .overflow])
    #expect(offset(1024 - 31).first?.message.contains("ends at byte 1025 of 1024: 1 too far") == true)
    #expect(offset(-1).map(\.kind) == [.shape, .shape])
    #expect(offset(.max).map(\.kind) == [.shape, .shape])
    expect(.overflow, "preload") { $0.preloads = [Small.weights(1020, 1, 5)] }
    expect(.index, "preload: buffer 8") { $0.preloads = [Region(buffer: 8, offset: 0, rows: 1, rowBytes: 1)] }
    expect(.shape, at: 1, "sizes must be positive") { $0.edit(1) { (t: inout Transfer) in t.region.rows = 0 } }
    expect(.shape, at: 1, "sizes must be positive") { $0.edit(1) { (t: inout Transfer) in t.dram.rowBytes = 0 } }
    expect(.shape, at: 1, "overwrite each other") { $0.edit(1) { (t: inout Transfer) in t.region.pitch = 3 } }
    expect(.shape, at: 4, "overwrite each other") { schedule in
      schedule.edit(4) { (t: inout Transfer) in t.dram = DRAMRegion(address: 0x2000, rows: 2, rowBytes: 8, stride: 7) }
    }
  }

  @Test func dram() {
    expect(.dram, at: 0, "isn't inside one tensor") { $0.edit(0) { (t: inout Transfer) in t.dram.address = 1 } }
    expect(.dram, at: 0, "isn't inside one tensor") { $0.tensors.removeFirst() }
    expect(.dram, at: 4, "store to x, which is only read") {
      $0.edit(4) { (t: inout Transfer) in t.dram.address = 0x1000 }
      $0.tensors[1].bytes = 16
    }
    expect(.shape, at: 1, "region = activations[0x0 2x3] holds 6 bytes, the DRAM side 8") {
      $0.edit(1) { (t: inout Transfer) in t.region = Small.activations(0, 2, 3) }
    }
  }

  // MARK: Sizes

  @Test func matmulSizes() {
    expect(.shape, at: 2, "a = activations[0x0 2x4] holds 8 bytes, M·K is 12") {
      $0.edit(2) { (m: inout MatMul) in m.m = 3 }
    }
    expect(.shape, at: 2, "holds 32 bytes, K·N is 40") { $0.edit(2) { (m: inout MatMul) in m.k = 5 } }
    expect(.shape, at: 2, "holds 64 bytes, 4·M·N is 72") { $0.edit(2) { (m: inout MatMul) in m.n = 9 } }
    expect(.shape, at: 2, "M·K·N = 0·4·8") { $0.edit(2) { (m: inout MatMul) in m.m = 0 } }
    expect(.shape, at: 2, "product below 2^60") { $0.edit(2) { (m: inout MatMul) in m.m = .max } }
    expect(.shape, at: 2, "cuts an INT32") {
      $0.edit(2) { (m: inout MatMul) in m.out = Region(buffer: 2, offset: 0, rows: 32, rowBytes: 2) }
    }
  }

  @Test func vectorSizes() {
    func edit(_ change: @escaping (inout VectorInstruction) -> Void) -> (inout Schedule) -> Void {
      { $0.edit(3, change) }
    }
    expect(.shape, at: 3, "must be 1 or 4 bytes wide", when: edit { $0.source = Small.accumulators(0, 2, 16) })
    expect(
      .shape, at: 3, "holds 8 bytes, 16 elements of 1 need 16",
      when: edit { $0.destination = Small.activations(0x100, 2, 4) }
    )
    expect(
      .shape, at: 3, "requantize takes INT32, but elements of 1 byte",
      when: edit { $0.source = Small.accumulators(0, 2, 8) })
    expect(.shape, at: 3, "gelu takes INT8", when: edit { $0.stages = [VectorStage(.gelu, op: 0)] })
    expect(.shape, at: 3, "requantize takes INT32", when: edit { $0.stages.append(VectorStage(.requantize, op: 0)) })
    expect(.shape, at: 3, "without stages", when: edit { $0.stages = [] })
    expect(.shape, at: 3, "0×8 elements", when: edit { $0.rows = 0 })
    expect(.shape, at: 3, "positive sizes", when: edit { $0.rows = .max })
    expect(.shape, at: 3, "belongs to no stage", when: edit { $0.operand = Small.activations(0x200, 2, 8) })
    expect(.shape, at: 3, "add has no operand", when: edit { $0.stages.append(VectorStage(.add, op: 0)) })
    expect(
      .shape, at: 3, "2 stages take it",
      when: edit {
        $0.stages += [VectorStage(.add, op: 0), VectorStage(.layerNorm, op: 0)]
        $0.operand = Small.activations(0x200, 2, 8)
      })
    expect(
      .shape, at: 3, "add takes one for each of 16 elements",
      when: edit {
        $0.stages.append(VectorStage(.add, op: 0))
        $0.operand = Small.activations(0x200, 1, 8)
      })
    expect(
      .shape, at: 3, "layernorm takes 5 a column: 40",
      when: edit {
        $0.stages.append(VectorStage(.layerNorm, op: 0))
        $0.operand = Small.activations(0x200, 1, 16)
      })
  }

  /// requantize → scale → add → softmax …: INT8 from the first stage on; scaling may come before it.
  @Test func chains() {
    let stages: [[(VectorOperation, OperatorKind)]] = [
      [(.requantize, .matmul), (.scale, .scale), (.softmax, .softmax)], [(.scale, .scale), (.requantize, .matmul)],
      [(.requantize, .matmul), (.gelu, .gelu)], [(.requantize, .matmul), (.add, .add)],
      [(.requantize, .matmul), (.layerNorm, .layerNorm)],
    ]
    for chain in stages {
      let found = findings { schedule in
        schedule.operators += chain.filter { $0.1 != .matmul }.map {
          OperatorInfo(name: $0.1.rawValue, kind: $0.1, macs: 0, elements: 16)
        }
        schedule.layers[0].operators = Array(schedule.operators.indices)
        schedule.preloads = [Small.activations(0x200, 1, 40)]
        let kinds = schedule.operators.map(\.kind)
        schedule.edit(3) { (v: inout VectorInstruction) in
          v.stages = chain.map { VectorStage($0.0, op: kinds.firstIndex(of: $0.1) ?? 0) }
          if chain.last?.0 == .add { v.operand = Small.activations(0x200, 2, 8) }
          if chain.last?.0 == .layerNorm { v.operand = Small.activations(0x200, 1, 40) }
        }
      }
      #expect(found == [], "\(chain)")
    }
  }

  // MARK: Work

  @Test func work() {
    expect(.work, "64 of 65 multiply-accumulates, 1 are missing") { $0.operators[0].macs = 65 }
    expect(.work, "64 multiply-accumulates instead of 63") { $0.operators[0].macs = 63 }
    expect(.work, "16 of 17 requantized elements") { $0.operators[0].elements = 17 }
    expect(.work, "0 of 3 elements") { $0.add(OperatorInfo(name: "g", kind: .gelu, macs: 0, elements: 3)) }
    expect(.work, at: 3, "which is a gelu") {
      $0.add(OperatorInfo(name: "g", kind: .gelu, macs: 0, elements: 0))
      $0.edit(3) { (v: inout VectorInstruction) in v.stages[0].op = 1 }
    }
    expect(.work, "8 of 9 bytes are loaded") { schedule in
      schedule.add(OperatorInfo(name: "cls", kind: .move, macs: 0, elements: 9))
      schedule.edit(1) { (t: inout Transfer) in t.op = 1 }
    }
    #expect(
      findings { schedule in
        schedule.add(OperatorInfo(name: "cls", kind: .move, macs: 0, elements: 8))
        schedule.edit(1) { (t: inout Transfer) in t.op = 1 }
      } == [])
    // Saturates: no trap.
    expect(.work, "are done twice") { schedule in
      schedule.edit(2) { (m: inout MatMul) in m.m = .max / 32 }
      schedule.instructions += Array(repeating: schedule.instructions[2], count: 3)
    }
  }

  /// A bare GEMM has results that nobody requantizes.
  @Test func bareGEMM() {
    #expect(
      findings { schedule in
        schedule.operators[0].elements = 0
        schedule.instructions.removeSubrange(3...)
        schedule.instructions[2].posts = []
        schedule.tensors.removeLast()
      } == [])
  }

  @Test func outputs() {
    expect(.output, "output y: byte 0 of 16 is never stored") {
      $0.instructions.removeLast()
      $0.instructions[3].posts = []
    }
    expect(.output, "output y: byte 16 of 17") { $0.tensors[2].bytes = 17 }
    expect(.output, "output z: byte 0 of 4") {
      $0.tensors.append(DRAMTensor(name: "z", kind: .output, address: 0x3000, bytes: 4))
    }
  }

  // MARK: Tokens

  @Test func slots() {
    expect(.token, at: 2, "array has no slot start") { $0.instructions[2].waits[0].slot = .start }
    expect(.token, at: 3, "vector has no slot a") { $0.instructions[3].waits[0].slot = .a }
    expect(.token, at: 0, "array has no slot start") { $0.instructions[0].posts[0].slot = .start }
    expect(.token, at: 3, "0 tokens at once") { $0.instructions[3].posts[0].count = 0 }
    expect(.token, at: 3, "tokens at once") { $0.instructions[3].posts[0].count = .max }
    expect(.index, at: 2, "wait for queue 9") { $0.instructions[2].waits[0].from = 9 }
    expect(.index, at: 2, "post to queue -1") { $0.instructions[2].posts[0].to = -1 }
  }

  @Test func deadlock() {
    expect(
      .deadlock, at: 4,
      "dma.io waits for 3 tokens (slot start) from vector, which has 2 posted and not taken, "
        + "and has no instructions left"
    ) { $0.instructions[4].waits[0].count = 3 }
    // The store waits for the vector unit, which waits for the array, which waits for the load behind the store.
    let found = findings { $0.instructions.swapAt(1, 4) }
    #expect(found.map(\.kind) == [.deadlock, .deadlock, .deadlock])
    #expect(found.map(\.instruction) == [2, 3, 1])
    #expect(
      found.first?.message.contains("from dma.io, which has 0 posted and not taken, and waits itself at instruction 1")
        == true)
    // Two waits for the tokens of one producer are added up.
    expect(.deadlock, at: 4, "from vector") { $0.instructions[4].waits.append(TokenWait(from: vector, slot: .start)) }
  }

  @Test func leftover() {
    expect(.leftover, at: 3, "1 token from vector to dma.io (slot start) is never taken") {
      $0.instructions[3].posts[0].count = 3
    }
    expect(.leftover, at: 0, "(slot out) is never taken") {
      $0.instructions[0].posts.append(TokenPost(to: array, slot: .out))
    }
  }

  // MARK: Size

  @Test func hugeBuffers() {
    #expect(
      findings { schedule in
        schedule.accelerator.buffers[1].bytes = 1 << 40
        schedule.edit(0) { (t: inout Transfer) in t.region.offset = (1 << 40) - 32 }
        schedule.edit(2) { (m: inout MatMul) in m.b.offset = (1 << 40) - 32 }
      } == [])
    expect(.unproved, "different regions in weights are too many to follow") { schedule in
      schedule.accelerator.buffers[1].bytes = 1 << 40
      schedule.preloads = [Region(buffer: 1, offset: 64, rows: 1 << 30, rowBytes: 1, pitch: 2)]
    }
  }

  @Test func countersCannotOverflow() {
    #expect(findings { $0.accelerator.vector.operations[.requantize]?.passes = 1 << 20 } == [])
    expect(.unproved, "more than 2^60 cycles") { $0.accelerator.vector.operations[.requantize]?.passes = 1 << 56 }
    expect(.unproved, "more than 2^60 cycles") { schedule in
      schedule.edit(2) { (m: inout MatMul) in (m.m, m.k, m.n) = (1 << 20, 1 << 20, 1 << 20) }
    }
    expect(.unproved, "more than 2^60 cycles") { schedule in
      schedule.edit(0) { (t: inout Transfer) in t.dram.rows = 1 << 55 }
    }
  }

  /// A depthwise tile holds fewer pixels, and every multiplier reads an operand of its own (rule M17).
  @Test(arguments: [(rows: 1 << 10, width: 1, columns: 4, m: 1 << 42, k: 2), (1, 1 << 12, 1 << 8, 1 << 20, 1 << 20)])
  func depthwiseProductsTakeLonger(rows: Int, width: Int, columns: Int, m: Int, k: Int) {
    for isDepthwise in [false, true] {
      let found = findings { schedule in
        schedule.accelerator.engines[0].dataflow = .outputStationary
        schedule.accelerator.engines[0].depthwise = true
        (schedule.accelerator.engines[0].rows, schedule.accelerator.engines[0].macsPerPE) = (rows, width)
        schedule.accelerator.engines[0].columns = columns
        schedule.edit(2) { (product: inout MatMul) in
          (product.isDepthwise, product.m, product.k) = (isDepthwise, m, k)
        }
      }
      #expect(found.contains { $0.message.contains("more than 2^60 cycles") } == isDepthwise, "\(found)")
    }
  }

  @Test func limit() {
    let found = findings { schedule in
      schedule.instructions += Array(
        repeating: Instruction(queue: 9, layer: 0, operation: schedule.instructions[0].operation), count: 500)
    }
    #expect(found.count == Lint.limit)
  }
}
