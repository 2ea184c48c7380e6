import Hardware
import Model
import Schedule

/// A matrix of INT8 activations, as the compiler places it: resident or in DRAM.
struct Value: Hashable {
  enum Role: Hashable { case input, parameter, activation, output }
  var name: String
  /// What it holds.
  var tensor: TensorID
  var role: Role
  var rows: Int
  /// Bytes of a row.
  var width: Int
  /// Groups that write it first and touch it last; parameters and inputs are never written.
  var first = -1
  var last = -1
  /// A reader takes columns that no address generator could gather: they are gathered by loads.
  var isSpilled = false
  var bytes: Int { rows * width }
}

/// Rows of a matmul's A that follow each other in its result and in its addend too; blocks stay within one.
struct Segment: Hashable {
  /// First row of A, of the result, and of the addend.
  var row: Int
  var outputRow: Int
  var addendRow: Int
  var rows: Int
}

/// Images cut into patches; the rows of A are formed by the input buffer's address generator.
struct Patches: Hashable {
  var images: Int
  var gridRows: Int
  var gridColumns: Int
  var patch: Int
  var channels: Int
  /// Bytes of one row of pixels of one patch: the finest cut through K.
  var pixelRow: Int { patch * channels }
  var count: Int { gridRows * gridColumns }
}

/// The class token's row of each image, written beside the patches.
struct ClassToken: Hashable {
  var op: Int
  var value: Int
  /// Rows of the output that one image takes; the token is the first.
  var rowsPerImage: Int
  var images: Int
  /// The stage that adds the token's position, if any.
  var add: VectorStage?
}

/// Parameters of a product or a LayerNorm.
struct Parameters: Hashable {
  /// The weight, or the gain.
  var weight: TensorID
  var bias: TensorID
  /// Of the weight.
  var zero = 0
}

/// `output = epilogue(input · weight + bias)`.
struct MatMulWork: Hashable {
  var op: Int
  var m: Int
  var k: Int
  var n: Int
  var input: View
  var inputZero: Int
  var patches: Patches?
  var parameters: Parameters
  /// Begins with the requantization.
  var stages: [VectorStage]
  /// Second operand of an `add` or `multiply` stage.
  var addend: View?
  var token: ClassToken?
  var segments: [Segment]
}

/// `output = epilogue(convolution(input, weight) + bias)`, as products over windows.
struct ConvolutionWork: Hashable {
  var op: Int
  var shape: ConvolutionShape
  var input: View
  var inputZero: Int
  var parameters: Parameters
  /// Begins with the requantization.
  var stages: [VectorStage]
  var addend: View?
  /// Rows of the addend; fewer than the output's when it is broadcast over the batch.
  var addendPeriod: Int
}

/// A product for each head of each image.
struct HeadsWork: Hashable {
  var op: Int
  var images: Int
  var heads: Int
  var m: Int
  var k: Int
  var n: Int
  var a: HeadMatrices
  var b: HeadMatrices
  /// Rows of the heads follow one another in the result; else their columns stand side by side.
  var stacked: Bool
  /// Requantization and what follows; or `divide` straight from the accumulators.
  var stages: [VectorStage]
  /// Ends with a division: the last column of each head is gone.
  var isDivided: Bool { stages.last?.operation == .divide }
  /// Columns of a head in the result.
  var width: Int { isDivided ? n - 1 : n }
}

/// Scores, softmax and values of all heads.
struct AttentionWork: Hashable {
  var queries: HeadMatrices
  var keys: HeadMatrices
  var values: HeadMatrices
  var images: Int
  var heads: Int
  var tokens: Int
  /// Columns of a head.
  var depth: Int
  var scoresOp: Int
  var valuesOp: Int
  /// Tensors of the scores before softmax and behind it.
  var scores: TensorID
  var weights: TensorID
  var weightsZero: Int
  /// Requantization and, if the model has one, scale.
  var scoreStages: [VectorStage]
  var softmax: VectorStage
  var valuesStage: VectorStage
  var width: Int { heads * depth }
}

/// Operations over rows that aren't the epilogue of anything: LayerNorm, elementwise functions, concatenation …
struct RowsWork: Hashable {
  /// What makes some columns of the result.
  struct Part: Hashable {
    /// Behind the first one only functions of one element.
    var stages: [VectorStage]
    var input: View
    /// Columns of the result.
    var columns: Range<Int>
  }
  var parts: [Part]
  var rows: Int
  var width: Int
  /// Second operand of an `add` or `multiply`, of the only part.
  var addend: View?
  /// Rows of the addend; fewer than the input's when it is broadcast over the batch.
  var addendPeriod: Int
  /// LayerNorm's gain and bias.
  var parameters: Parameters?
}

/// Means of the columns over all rows of each image.
struct AverageWork: Hashable {
  var stage: VectorStage
  var input: View
  var images: Int
  /// Rows of an image.
  var rows: Int
  var width: Int
}

/// A view that is an output of the model: nothing is computed.
struct CopyWork: Hashable {
  var input: View
  /// The operator that made what is copied.
  var op: Int
}

/// Operators that the compiler emits together: one layer of the report.
struct Group: Hashable {
  enum Work: Hashable {
    case matmul(MatMulWork)
    case convolution(ConvolutionWork)
    case heads(HeadsWork)
    case attention(AttentionWork)
    case rows(RowsWork)
    case average(AverageWork)
    case copy(CopyWork)
  }
  var name: String
  var operators: [Int]
  var output: Int
  var work: Work
}

/// A graph as the groups that the compiler emits.
struct Plan {
  let graph: Graph
  /// Nil where only time is asked for.
  var numbers: Numbers?
  var operators: [OperatorInfo] = []
  var values: [Value] = []
  var groups: [Group] = []

  /// Bytes of the widest LayerNorm's parameters; 0 without any.
  var parameterBytes: Int {
    groups.reduce(0) { widest, group in
      if case .rows(let work) = group.work, work.parameters != nil { max(widest, 5 * work.width) } else { widest }
    }
  }

  /// - Throws: `CompileError.invalidModel`, `.unsupported`, `.badSize`.
  init(_ graph: Graph, _ numbers: Numbers? = nil) throws(CompileError) {
    do { try graph.validate() } catch { throw .invalidModel(error) }
    self.graph = graph
    var planner = Planner(graph, numbers)
    try planner.run()
    self.numbers = planner.numbers
    operators = planner.operators
    values = planner.values
    groups = planner.groups
    for index in groups.indices {
      let group = groups[index]
      values[group.output].first = index
      for value in group.reads + [group.output] { values[value].last = index }
    }
  }
}

extension Group {
  /// Values that the group reads.
  var reads: [Int] {
    switch work {
    case .matmul(let work): [work.input.value] + [work.addend?.value, work.token?.value].compactMap { $0 }
    case .convolution(let work): [work.input.value] + [work.addend?.value].compactMap { $0 }
    case .heads(let work): [work.a.view.value, work.b.view.value]
    case .attention(let work): [work.queries, work.keys, work.values].map(\.view.value)
    case .rows(let work): work.parts.map(\.input.value) + [work.addend?.value].compactMap { $0 }
    case .average(let work): [work.input.value]
    case .copy(let work): [work.input.value]
    }
  }
}
