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
  var bytes: Int { rows * width }
}

/// Rows of a value: all of them, or one in every `step` (a selected token).
struct View: Hashable {
  var value: Int
  var first: Int
  var step: Int
  var rows: Int
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

/// `output = epilogue(input · weight + bias)`.
struct MatMulWork: Hashable {
  var op: Int
  var m: Int
  var k: Int
  var n: Int
  var input: View
  var patches: Patches?
  var weight: TensorID
  var bias: TensorID
  var inputZero: Int
  var weightZero: Int
  /// Begins with the requantization.
  var stages: [VectorStage]
  /// Second operand of an `add` stage.
  var addend: View?
  var token: ClassToken?
  var segments: [Segment]
}

/// Scores, softmax and values of all heads.
struct AttentionWork: Hashable {
  var qkv: Int
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
  /// Zero points of `qkv` and of `weights`.
  var zero: Int
  var weightsZero: Int
  /// Requantization and, if the model has one, scale.
  var scoreStages: [VectorStage]
  var softmax: VectorStage
  var valuesStage: VectorStage
  var width: Int { heads * depth }
}

/// Parameters of a LayerNorm.
struct Parameters: Hashable {
  var gain: TensorID
  var bias: TensorID
}

/// One operation over rows that isn't the epilogue of anything: LayerNorm, or what couldn't be fused.
struct RowsWork: Hashable {
  var stage: VectorStage
  var input: View
  var addend: View?
  /// Rows of the addend; fewer than the input's when it is broadcast over the batch.
  var addendPeriod: Int
  /// LayerNorm's gain and bias.
  var parameters: Parameters?
  var width: Int
}

/// Operators that the compiler emits together: one layer of the report.
struct Group: Hashable {
  enum Work: Hashable {
    case matmul(MatMulWork)
    case attention(AttentionWork)
    case rows(RowsWork)
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
    case .attention(let work): [work.qkv]
    case .rows(let work): [work.input.value] + [work.addend?.value].compactMap { $0 }
    }
  }
}
