import Hardware
import Numerics
import Testing

@testable import Schedule

/// What lint says of schedules with values: operands, new operations, arithmetic. One change each.
struct ValueLintTests {
  private static let one = Quantization(scale: 1)

  /// The small schedule with values, all operations, and room: 0x200 to 0x2ff of the activations are there from the start.
  private func findings(_ change: (inout Schedule) -> Void) -> [LintFinding] {
    ScheduleTests.findings { schedule in
      for operation in VectorOperation.allCases {
        schedule.accelerator.vector.operations[operation] = VectorOperationSpec()
      }
      schedule.preloads = [Small.activations(0x200, 1, 256), Small.weights(0x100, 1, 32)]
      change(&schedule)
    }
  }

  private func expect(
    _ kind: LintFinding.Kind, at instruction: Int? = nil, _ words: String,
    _ location: SourceLocation = #_sourceLocation, when change: (inout Schedule) -> Void
  ) {
    let found = findings(change)
    let match = found.contains { $0.kind == kind && $0.instruction == instruction && $0.message.contains(words) }
    #expect(match, "\(found)", sourceLocation: location)
  }

  // MARK: Operands of matmuls

  private func matmul(_ change: @escaping (inout MatMul) -> Void) -> (inout Schedule) -> Void {
    { $0.edit(2, change) }
  }

  @Test func biasAndZeroPoints() {
    let bias = Small.weights(0x100, 1, 32)
    #expect(findings(matmul { ($0.bias, $0.aZero, $0.bZero, $0.bOrder) = (bias, -128, 127, .columnMajor) }) == [])
    #expect(findings(matmul { $0.bias = Small.activations(0x200, 1, 32) }) == [])
    expect(
      .shape, at: 2, "bias = weights[0x100 1x28] holds 28 bytes, 4·N is 32",
      when: matmul { $0.bias = Small.weights(0x100, 1, 28) })
    expect(.shape, at: 2, "cuts an INT32", when: matmul { $0.bias = Small.weights(0x100, 16, 2) })
    expect(.buffer, at: 2, "for bias", when: matmul { $0.bias = Small.accumulators(0x100, 1, 32) })
    expect(.overflow, at: 2, "bias = ", when: matmul { $0.bias = Small.weights(1000, 1, 32) })
    expect(
      .shape, at: 2, "adds to earlier ones",
      when: {
        $0.preloads.append(Small.accumulators(0, 1, 64))
        $0.edit(2) { (m: inout MatMul) in (m.bias, m.accumulate) = (bias, true) }
      })
    expect(.shape, at: 2, "a = activations[0x0 2x4] has the zero point 128", when: matmul { $0.aZero = 128 })
    expect(.shape, at: 2, "b = weights[0x0 4x8] has the zero point -129", when: matmul { $0.bZero = -129 })
  }

  /// The bias obeys the tokens of operand b.
  @Test func biasInMemory() {
    expect(
      .unwritten, at: 2, "array reads bias = weights[0x40 1x32], but nothing has written byte 0x40",
      when: matmul { $0.bias = Small.weights(0x40, 1, 32) })
    func loaded(_ slot: TokenSlot) -> [LintFinding] {
      findings { schedule in
        schedule.tensors.append(DRAMTensor(name: "fc.bias", kind: .weight, address: 0x3000, bytes: 32))
        let load = Transfer(
          dram: DRAMRegion(address: 0x3000, rows: 1, rowBytes: 32), region: Small.weights(0x40, 1, 32), op: 0)
        schedule.edit(2) { (m: inout MatMul) in m.bias = Small.weights(0x40, 1, 32) }
        schedule.instructions[2].waits.append(TokenWait(from: Small.weights, slot: slot))
        schedule.instructions.insert(
          Instruction(
            queue: Small.weights, layer: 0, operation: .load(load), posts: [TokenPost(to: Small.array, slot: slot)]),
          at: 1)
      }
    }
    #expect(loaded(.b) == [])
    #expect(loaded(.a).map(\.kind) == [.race])
  }

  /// 2×2 windows of 2×2 on an image of 3×3 pixels with one channel: M = 4, K = 4.
  private func windows(
    m: Int = 4, k: Int = 4, image: Region = Small.activations(0x200, 3, 3), _ change: @escaping (inout Windows) -> Void
  ) -> (inout Schedule) -> Void {
    { schedule in
      var windows = Windows(width: 3, channels: 1, kernelRows: 2, kernelColumns: 2, outputColumns: 2)
      change(&windows)
      schedule.edit(2) { (matmul: inout MatMul) in
        (matmul.m, matmul.k, matmul.a, matmul.aOrder) = (m, k, image, .windows(windows))
        (matmul.b, matmul.out) = (Small.weights(0, 4, 8), Small.accumulators(0, 4, 32))
      }
      schedule.edit(3) { (v: inout VectorInstruction) in
        (v.rows, v.source, v.destination) = (4, Small.accumulators(0, 4, 32), Small.activations(0x300, 4, 8))
      }
      schedule.edit(4) { (t: inout Transfer) in
        t = Transfer(
          dram: DRAMRegion(address: 0x2000, rows: 1, rowBytes: 32), region: Small.activations(0x300, 4, 8), op: 0)
      }
      schedule.tensors[2].bytes = 32
      schedule.operators[0].macs = m * k * 8
      schedule.operators[0].elements = 32
    }
  }

  @Test func windowsOfImages() {
    #expect(findings(windows { _ in }) == [])
    // Padding, strides and dilation may lead out of the image.
    #expect(findings(windows { ($0.originY, $0.originX, $0.strideY, $0.dilationX) = (-1, -2, 3, 4) }) == [])
    // Four channels, of which one is read.
    #expect(findings(windows(image: Small.activations(0x202, 3, 9, pitch: 12)) { $0.pixelPitch = 4 }) == [])
    expect(
      .shape, at: 2, "a = activations[0x200 3x4] image rows have 4 bytes, 3 pixels 1 bytes apart need 3",
      when: windows(image: Small.activations(0x200, 3, 4)) { _ in })
    expect(.shape, at: 2, "K is 4, but windows of 2×2×3 have 12", when: windows { $0.channels = 3 })
    expect(.shape, at: 2, "M is 4, which isn't whole rows of 3", when: windows { $0.outputColumns = 3 })
    for change in [
      \Windows.width, \.channels, \.pixelPitch, \.kernelRows, \.kernelColumns, \.strideY, \.strideX, \.dilationY,
      \.dilationX, \.outputColumns,
    ] as [WritableKeyPath<Windows, Int> & Sendable] {
      for size in [0, -1, .min, .max, 1 << 20 + 1] {
        expect(.shape, at: 2, "windows with a size of \(size)", when: windows { $0[keyPath: change] = size })
      }
    }
    for origin in [.min, .max, -1 << 20 - 1] {
      expect(.shape, at: 2, "begin at pixel \(origin)", when: windows { $0.originX = origin })
    }
    expect(.shape, at: 2, "reach more than 2^20", when: windows { ($0.strideY, $0.outputColumns) = (1 << 20, 1) })
    expect(.shape, at: 2, "reach more than 2^20") { schedule in
      windows { $0.dilationX = 1 << 20 }(&schedule)
      schedule.edit(2) { (m: inout MatMul) in
        guard case .windows(var windows) = m.aOrder else { return }
        (windows.kernelRows, windows.kernelColumns) = (1, 4)
        m.aOrder = .windows(windows)
      }
    }
    expect(.shape, at: 2, "windows, which only operand a can have") { schedule in
      schedule.edit(2) { (m: inout MatMul) in
        m.bOrder = .windows(Windows(width: 8, channels: 1, kernelRows: 1, kernelColumns: 1, outputColumns: 8))
      }
    }
  }

  /// Bytes between the pixels belong to other channels: whoever writes them needn't be waited for.
  @Test func windowsInMemory() {
    func reading(channel: Int, writing other: Int) -> [LintFinding] {
      findings { schedule in
        windows(image: Small.activations(0x200 + channel, 3, 9, pitch: 12)) { $0.pixelPitch = 4 }(&schedule)
        schedule.accelerator.channels.append(DMAChannelSpec(name: "more", carries: [.inputs], beatBytes: 8))
        schedule.tensors.append(DRAMTensor(name: "z", kind: .input, address: 0x3000, bytes: 9))
        let load = Transfer(
          dram: DRAMRegion(address: 0x3000, rows: 9, rowBytes: 1),
          region: Small.activations(0x200 + other, 9, 1, pitch: 4), op: 0)
        schedule.instructions.insert(Instruction(queue: 4, layer: 0, operation: .load(load)), at: 0)
      }
    }
    #expect(reading(channel: 1, writing: 3) == [])
    #expect(reading(channel: 3, writing: 3).map(\.kind) == [.race])
    expect(
      .unwritten, at: 2, "a = activations[0xfe 3x9/12], but nothing has written byte 0xfe",
      when: windows(image: Small.activations(0xFE, 3, 9, pitch: 12)) { $0.pixelPitch = 4 })
  }

  // MARK: Vector operations

  /// `operations` behind the matmul, each an operator of its own but `requantize`, with these elements.
  private func chain(
    _ operations: [VectorOperation], _ kinds: [(OperatorKind, Int)], source: Region = Small.accumulators(0, 2, 32),
    destination: Region, stored: Region? = nil
  ) -> (inout Schedule) -> Void {
    { schedule in
      var stages: [VectorStage] = []
      var kinds = kinds
      for operation in operations {
        if operation == .requantize {
          stages.append(VectorStage(.requantize, op: 0))
        } else if !kinds.isEmpty {
          let (kind, elements) = kinds.removeFirst()
          schedule.add(OperatorInfo(name: kind.rawValue, kind: kind, macs: 0, elements: elements))
          stages.append(VectorStage(operation, op: schedule.operators.count - 1))
        }
      }
      schedule.edit(3) { (v: inout VectorInstruction) in
        (v.stages, v.source, v.destination) = (stages, source, destination)
        if operations.contains(where: \.takesOperand) { v.operand = Small.activations(0x200, 2, 8) }
      }
      schedule.edit(4) { (t: inout Transfer) in
        t.region = stored ?? destination
        t.dram = DRAMRegion(address: 0x2000, rows: 1, rowBytes: t.region.bytes)
      }
      schedule.tensors[2].bytes = (stored ?? destination).bytes
    }
  }

  @Test func operations() {
    let whole = Small.activations(0x100, 2, 8)
    for (operation, kind) in [
      (.multiply, .multiply), (.relu, .relu), (.gelu, .gelu), (.hardSwish, .hardSwish), (.lookup, .lookup),
      (.scale, .scale), (.add, .add),
    ] as [(VectorOperation, OperatorKind)] {
      #expect(findings(chain([.requantize, operation], [(kind, 16)], destination: whole)) == [], "\(operation)")
      expect(
        .work, "16 elements instead of 15", when: chain([.requantize, operation], [(kind, 15)], destination: whole))
      if operation == .scale { continue }
      expect(
        .shape, at: 3, "\(operation.rawValue) takes INT8, but INT32",
        when: chain([operation, .requantize], [(kind, 16)], destination: whole))
    }
    expect(
      .shape, at: 3, "multiply takes one for each of 16 elements",
      when: {
        chain([.requantize, .multiply], [(.multiply, 16)], destination: whole)(&$0)
        $0.edit(3) { (v: inout VectorInstruction) in v.operand = Small.activations(0x200, 1, 8) }
      })
    expect(
      .shape, at: 3, "2 stages take it",
      when: chain([.requantize, .multiply, .add], [(.multiply, 16), (.add, 16)], destination: whole))
  }

  @Test func average() {
    let row = Small.activations(0x100, 1, 8)
    #expect(findings(chain([.requantize, .average], [(.average, 8)], destination: row)) == [])
    expect(.work, "8 of 16 elements", when: chain([.requantize, .average], [(.average, 16)], destination: row))
    expect(
      .shape, at: 3, "average takes INT8", when: chain([.average], [(.average, 8)], destination: row))
    expect(
      .shape, at: 3, "holds 16 bytes, 8 elements of 1 need 8",
      when: chain([.requantize, .average], [(.average, 8)], destination: Small.activations(0x100, 2, 8)))
    expect(
      .shape, at: 3, "average changes the shape: it must be the last",
      when: chain([.requantize, .average, .relu], [(.average, 8), (.relu, 8)], destination: row))
    // All rows are read before the one is written: nothing of the source may be overwritten.
    expect(.race, at: 3, "whose byte 0x200 it also reads") { schedule in
      chain(
        [.average], [(.average, 8)], source: Small.activations(0x200, 2, 8), destination: Small.activations(0x200, 1, 8)
      )(&schedule)
      schedule.operators[0].elements = 0
    }
  }

  /// Results that are divided are never requantized: the division counts for the product that it finds.
  @Test func divide() {
    let shorter = Small.activations(0x100, 2, 7)
    #expect(findings(chain([.divide], [(.divide, 14)], destination: shorter)) == [])
    #expect(findings(chain([.requantize, .divide], [(.divide, 14)], destination: shorter)) == [])
    expect(.work, "14 elements instead of 13", when: chain([.divide], [(.divide, 13)], destination: shorter))
    expect(.work, "(fc): 16 of 17 requantized elements, 1 are missing") {
      chain([.divide], [(.divide, 14)], destination: shorter)(&$0)
      $0.operators[0].elements = 17
    }
    expect(
      .shape, at: 3, "holds 16 bytes, 14 elements",
      when: chain([.divide], [(.divide, 14)], destination: Small.activations(0x100, 2, 8)))
    expect(
      .shape, at: 3, "divide changes the shape",
      when: chain([.divide, .relu], [(.divide, 14), (.relu, 14)], destination: shorter))
    expect(.shape, at: 3, "rows of 2 elements or more") {
      chain([.divide], [(.divide, 14)], destination: shorter)(&$0)
      $0.edit(3) { (v: inout VectorInstruction) in (v.rows, v.columns) = (16, 1) }
    }
    // Half of the results come from another operator.
    expect(.results, at: 4, "should hold results of fc, but instruction 3 has written byte 0x20 last") { schedule in
      chain([.divide], [(.divide, 14)], destination: shorter)(&schedule)
      schedule.add(OperatorInfo(name: "other", kind: .matmul, macs: 32, elements: 0))
      schedule.operators[0].macs = 32
      var second = schedule.instructions[2]
      schedule.edit(2) { (m: inout MatMul) in
        (m.m, m.a, m.out) = (1, Small.activations(0, 1, 4), Small.accumulators(0, 1, 32))
      }
      second.edit { (m: inout MatMul) in
        (m.m, m.a, m.out, m.op) = (1, Small.activations(4, 1, 4), Small.accumulators(32, 1, 32), 2)
      }
      second.waits = []
      schedule.instructions[2].posts = []
      schedule.instructions.insert(second, at: 3)
    }
    // Not a product at all.
    expect(.results, at: 4, "should hold results of a matmul") { schedule in
      chain([.divide], [(.divide, 14)], destination: shorter)(&schedule)
      schedule.accelerator.channels.append(DMAChannelSpec(name: "more", carries: [.inputs], beatBytes: 8))
      schedule.tensors.append(DRAMTensor(name: "z", kind: .input, address: 0x3000, bytes: 64))
      let load = Transfer(
        dram: DRAMRegion(address: 0x3000, rows: 1, rowBytes: 64), region: Small.accumulators(0x100, 1, 64), op: 0)
      schedule.edit(3) { (v: inout VectorInstruction) in v.source.offset = 0x100 }
      schedule.instructions[3].waits.append(TokenWait(from: 4, slot: .start))
      schedule.instructions.insert(
        Instruction(queue: 4, layer: 0, operation: .load(load), posts: [TokenPost(to: Small.vector, slot: .start)]),
        at: 0)
    }
  }

  // MARK: Arithmetic

  /// The chain requantize, then `operation`, with this arithmetic.
  private func values(
    _ operation: VectorOperation, _ arithmetic: StageArithmetic,
    _ requantization: Requantization = Requantization(algorithm: .float, factors: [1]), firstColumn: Int = 0
  ) -> (inout Schedule) -> Void {
    { schedule in
      chain([.requantize, operation], [(.relu, 16)], destination: Small.activations(0x100, 2, 8))(&schedule)
      schedule.arithmetic = [.requantize(requantization), arithmetic]
      schedule.edit(3) { (v: inout VectorInstruction) in
        v.stages[0].arithmetic = 0
        v.stages[0].firstColumn = firstColumn
        v.stages[1].arithmetic = 1
      }
    }
  }

  private static func function(_ function: ElementwiseFunction) -> StageArithmetic {
    .elementwise(Elementwise(function, algorithm: .table, input: one, output: one))
  }

  @Test func arithmetic() {
    let relu = Self.function(.relu)
    #expect(findings(values(.relu, relu)) == [])
    let factors = Requantization(algorithm: .float, factors: Array(repeating: 1, count: 16))
    #expect(findings(values(.relu, relu, factors, firstColumn: 8)) == [])
    #expect(findings(values(.relu, relu, firstColumn: 99)) == [])
    expect(
      .values, at: 3, "columns 9 to 16 are requantized, but arithmetic 0 has 16 factors",
      when: values(.relu, relu, factors, firstColumn: 9))
    for column in [-1, .max] {
      let change = values(.relu, relu, factors, firstColumn: column)
      expect(.values, at: 3, "requantize begins at column \(column)", when: change)
    }
    expect(
      .values, at: 3, "relu can't compute arithmetic 1, which is for gelu", when: values(.relu, Self.function(.gelu)))
    expect(
      .values, at: 3, "which is for average",
      when: values(.relu, .average(Average(algorithm: .float, input: Self.one, output: Self.one))))
    expect(.values, "arithmetic 1: ", when: values(.relu, Self.function(.scale(.nan))))
    // All stages have arithmetic, or none.
    expect(.values, at: 3, "relu doesn't say what it computes") {
      values(.relu, relu)(&$0)
      $0.edit(3) { (v: inout VectorInstruction) in v.stages[1].arithmetic = nil }
    }
    expect(.values, at: 3, "requantize doesn't say") { $0.arithmetic = [relu] }
    for index in [-1, 2] {
      expect(.values, at: 3, "refers to arithmetic \(index) of 2") {
        values(.relu, relu)(&$0)
        $0.edit(3) { (v: inout VectorInstruction) in v.stages[1].arithmetic = index }
      }
    }
    expect(.values, at: 3, "refers to arithmetic 0 of 0") {
      $0.edit(3) { (v: inout VectorInstruction) in v.stages[0].arithmetic = 0 }
    }
  }

  /// Which arithmetic belongs to which operation.
  @Test func kinds() {
    let one = Self.one
    let all: [(VectorOperation, StageArithmetic)] = [
      (.requantize, .requantize(Requantization(algorithm: .float, factors: [1]))),
      (.add, .add(Addition(algorithm: .float, first: one, second: one, output: one))),
      (.multiply, .multiply(Multiplication(algorithm: .float, first: one, second: one, output: one))),
      (.softmax, .softmax(Softmax(algorithm: .float, input: one, output: one))),
      (
        .layerNorm,
        .layerNorm(
          LayerNorm(algorithm: .float, input: one, output: one, gainScale: 1, biasScale: 1, epsilon: 0))
      ), (.divide, .divide(Quotient(algorithm: .float, input: one, output: one, epsilon: 0))),
      (.average, .average(Average(algorithm: .float, input: one, output: one))), (.scale, Self.function(.identity)),
      (.scale, Self.function(.scale(2))), (.relu, Self.function(.relu)), (.gelu, Self.function(.gelu)),
      (.hardSwish, Self.function(.hardSwish(gate: nil))), (.lookup, Self.function(.sigmoid)),
      (.lookup, Self.function(.silu)), (.lookup, Self.function(.tanh)), (.lookup, Self.function(.table([]))),
      (.lookup, Self.function(.hardSigmoid(alpha: 1, beta: 0))),
    ]
    for (operation, arithmetic) in all {
      for other in VectorOperation.allCases {
        // A look-up table holds any function of one element.
        let isElementwise = if case .elementwise = arithmetic { true } else { false }
        #expect(arithmetic.fits(other) == (other == operation || (other == .lookup && isElementwise)))
      }
    }
  }

  /// Scaling before requantization is a matter of time alone; INT32 has no zero point.
  @Test func accumulators() {
    expect(.values, at: 3, "scale computes with INT8, but INT32 comes to it") { schedule in
      chain([.scale, .requantize], [(.scale, 16)], destination: Small.activations(0x100, 2, 8))(&schedule)
      schedule.arithmetic = [
        Self.function(.identity), .requantize(Requantization(algorithm: .float, factors: [1])),
      ]
      schedule.edit(3) { (v: inout VectorInstruction) in (v.stages[0].arithmetic, v.stages[1].arithmetic) = (0, 1) }
    }
    expect(.values, at: 3, "has the zero point 3 for INT32") { schedule in
      chain([.divide], [(.divide, 14)], destination: Small.activations(0x100, 2, 7))(&schedule)
      let input = Quantization(scale: 1, zeroPoint: 3)
      schedule.arithmetic = [.divide(Quotient(algorithm: .float, input: input, output: Self.one, epsilon: 0))]
      schedule.edit(3) { (v: inout VectorInstruction) in v.stages[0].arithmetic = 0 }
    }
  }
}
