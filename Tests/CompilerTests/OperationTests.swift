import Compiler
import Hardware
import Model
import Numerics
import Quantizer
import Schedule
import TestSupport
import Testing

/// One operation at a time, on every accelerator: time, proofs and every byte.
@Suite struct OperationTests {
  private func check(
    _ graph: Graph, _ accelerator: Accelerator, _ source: SourceLocation = #_sourceLocation
  ) throws {
    let model = try QuantizedModel.synthetic(graph, seed: 5, asymmetric: true)
    try checkValues(try Compiler.compile(model, for: accelerator), model, accelerator, seed: 5, source)
  }

  @Test(arguments: Accelerator.all)
  func convolutions(_ accelerator: Accelerator) throws {
    for (convolution, columns) in [
      (Model.Convolution(kernel: [3, 3], padding: [1, 1, 1, 1]), 5),
      (Model.Convolution(kernel: [5, 5], stride: [2, 2], padding: [2, 2, 2, 2], groups: 6), 6),
      (Model.Convolution(kernel: [3, 1], stride: [1, 3], dilation: [2, 1], padding: [0, 4, 3, 0], groups: 2), 8),
      (Model.Convolution(kernel: [1, 1], stride: [2, 2], groups: 3), 9),
    ] {
      var maker = GraphMaker(batch: 2)
      let x = maker.tensor([2, 7, 6, 6], .input)
      // The image once from DRAM, once from where a layer left it.
      let y = maker.op(.elementwise(.relu), maker.convolution(x, convolution, columns))
      let z = maker.convolution(y, Model.Convolution(kernel: [2, 2], padding: [1, 0, 0, 1]), 3)
      try check(maker.finished(z), accelerator)
    }
  }

  /// A whole network with depthwise and grouped convolutions and linear attention, as small as its images can be.
  @Test(arguments: [Accelerator.zcu102, .edge, .sideBySide])
  func efficientViT(_ accelerator: Accelerator) throws {
    try check(Zoo.graph("efficientvit-b0", image: 32), accelerator)
  }

  @Test(arguments: Accelerator.all)
  func chainsEndWithTheirOperands(_ accelerator: Accelerator) throws {
    var maker = GraphMaker(batch: 2)
    let x = maker.tensor([2, 5, 8], .input)
    let sum = maker.op(.add, maker.linear(x, 8), maker.tensor([8], .parameter))
    let product = maker.op(.multiply, sum, maker.op(.elementwise(.silu), maker.linear(sum, 8)))
    let moved = maker.op(.add, maker.op(.elementwise(.tanh), product), maker.tensor([1, 5, 8], .parameter))
    // Columns with a gap between them can't be read as an operand where they are.
    let gapped = maker.op(.selectColumns(first: 0, step: 4, width: 3, count: 2), sum)
    let last = maker.op(.add, maker.linear(moved, 6), gapped)
    let soft = maker.op(.softmax, last)
    let scaled = maker.op(.multiply, maker.linear(soft, 8), maker.tensor([8], .parameter))
    let gates = maker.op(.multiply, maker.op(.softmax, scaled), maker.tensor([1, 5, 8], .parameter))
    try check(maker.finished(gates), accelerator)
  }

  /// Heads with gaps between them, as views, as operands, and as rows.
  @Test(arguments: Accelerator.all)
  func views(_ accelerator: Accelerator) throws {
    var maker = GraphMaker(batch: 2)
    let x = maker.linear(maker.tensor([2, 6, 5], .input), 12)
    let heads = maker.op(.selectColumns(first: 1, step: 4, width: 2, count: 3), x)
    let curved = maker.op(.elementwise(.relu), heads)
    let again = maker.op(.selectColumns(first: 1, step: 3, width: 2, count: 2), heads)
    let soft = maker.op(.softmax, again)
    let both = maker.op(.concatenate, curved, maker.op(.multiply, again, soft), heads)
    let token = maker.op(.selectToken(3), both)
    let image = maker.op(.reshape([2, 2, 3, 16]), both)
    let mean = maker.op(.average, image)
    let all = maker.op(.concatenate, mean, token, maker.op(.average, heads))
    let some = maker.op(.selectColumns(first: 2, step: 7, width: 5, count: 4), all)
    try check(maker.finished(some), accelerator)
  }

  @Test(arguments: Accelerator.all)
  func headProducts(_ accelerator: Accelerator) throws {
    for seed in 0..<4 {
      var random = SplitMix64(seed: UInt64(seed))
      var maker = GraphMaker(batch: 2)
      let x = maker.tensor([2, random.int(1...9), 7], .input)
      let y = seed < 2 ? maker.attention(x, &random) : maker.products(x, &random)
      let z = maker.linearAttention(y, &random)
      try check(maker.finished(z), accelerator)
    }
  }

  /// What makes up an imported ViT and an imported EfficientViT.
  @Test(arguments: [Accelerator.zcu102, .edge, .three])
  func divisionsTakeAccumulatorsAsTheyAre(_ accelerator: Accelerator) throws {
    var random = SplitMix64(seed: 9)
    var maker = GraphMaker()
    let y = maker.linearAttention(maker.tensor([1, 8, 6], .input), &random)
    let schedule = try Compiler.compile(maker.finished(y), for: accelerator)
    let divisions = schedule.instructions.compactMap {
      if case .vector(let vector) = $0.operation, vector.stages.last?.operation == .divide { vector } else { nil }
    }
    #expect(!divisions.isEmpty)
    #expect(divisions.allSatisfy { $0.stages.count == 1 && $0.source.bytes == 4 * $0.elements })
  }

  /// Sizes that are legal but hopeless are refused at once, without overflow and without memory.
  @Test func hopelessSizesAreRefused() throws {
    func refused(_ shape: [Int], _ make: (inout GraphMaker, TensorID) -> TensorID) -> Bool {
      var maker = GraphMaker()
      let x = maker.tensor(shape, .input)
      let y = make(&maker, x)
      let graph = maker.finished(y)
      for accelerator in Accelerator.all {
        guard (try? Compiler.compile(graph, for: accelerator)) == nil else { return false }
      }
      return true
    }
    let square = Model.Convolution(kernel: [3, 3], padding: [1, 1, 1, 1])
    #expect(refused([1, 1 << 24, 1 << 24, 1]) { $0.convolution($1, square, 1) })
    #expect(refused([1 << 40, 3, 3, 1]) { $0.convolution($1, square, 1) })
    let depthwise = Model.Convolution(kernel: [1, 1], groups: 1 << 40)
    #expect(refused([1, 1, 1, 1 << 40]) { $0.convolution($1, depthwise, 1 << 40) })
    #expect(refused([1, 2, 1 << 40]) { $0.op(.appendColumn(heads: 1 << 40, value: 1), $1) })
    #expect(refused([1, 2, 1 << 41]) { $0.op(.divide(heads: 1 << 40, epsilon: 0), $1) })
    #expect(
      refused([1, 2, 1 << 41]) {
        $0.op(.elementwise(.relu), $0.op(.selectColumns(first: 0, step: 2, width: 1, count: 1 << 40), $1))
      })
    let heads = HeadProduct(
      heads: 1 << 40, a: HeadOperand(.columns(first: 0, step: 1, width: 1)),
      b: HeadOperand(.columns(first: 0, step: 1, width: 1)), stacked: true)
    #expect(refused([1, 1, 1 << 40]) { $0.op(.headProduct(heads), $1, $1) })
    #expect(refused([1, 1 << 40, 1]) { $0.op(.average, $1) })
  }

  @Test func whatCannotBeLoweredIsNamed() throws {
    func graph(_ make: (inout GraphMaker, TensorID) -> TensorID) -> Graph {
      var maker = GraphMaker()
      let x = maker.tensor([1, 4, 8], .input)
      let y = make(&maker, x)
      return maker.finished(y)
    }
    let view = graph { $0.op(.selectColumns(first: 0, step: 4, width: 4, count: 1), $1) }
    #expect(throws: CompileError.self) { try Compiler.compile(view, for: .zcu102) }

    var accelerator = Accelerator.zcu102
    accelerator.vector.operations[.lookup] = nil
    let curved = graph { $0.op(.elementwise(.tanh), $1) }
    #expect(throws: CompileError.missingOperation(.lookup, layer: curved.operators[0].name)) {
      try Compiler.compile(curved, for: accelerator)
    }
    var small = Accelerator.zcu102
    small.buffers[1].bytes = 8
    let linear = graph { $0.linear($1, 3) }
    #expect {
      try Compiler.compile(linear, for: small)
    } throws: {
      if case .doesNotFit(_, _, "weights", let needed, let available)? = $0 as? CompileError {
        needed > available
      } else {
        false
      }
    }
  }
}
