import Hardware
import Schedule

/// What a tiling depends on: blocks of a transformer are the same but for names and indices.
struct TilingKey: Hashable {
  private var numbers: [Int]
  private var convolution: ConvolutionShape?
  private var operations: [VectorOperation]
  let placement: Placement

  init(_ group: Group, _ placement: Placement) {
    self.placement = placement
    switch group.work {
    case .matmul(let work):
      numbers = [
        0, work.m, work.k, work.n, work.patches?.patch ?? 0, work.token == nil ? 0 : 1, work.addend == nil ? 0 : 1,
        work.segments.count,
      ]
      operations = work.stages.map(\.operation)
    case .attention(let work):
      numbers = [1, work.images, work.heads, work.tokens, work.depth]
      operations = work.scoreStages.map(\.operation)
    case .rows(let work):
      numbers = [2, work.rows, work.width, work.addend == nil ? 0 : 1, work.addendPeriod]
      numbers += work.parts.map(\.input.width)
      operations = work.parts.flatMap { $0.stages.map(\.operation) }
    case .convolution(let work):
      numbers = [3, work.addend == nil ? 0 : 1, work.addendPeriod]
      convolution = work.shape
      operations = work.stages.map(\.operation)
    case .heads(let work):
      numbers = [4, work.images, work.heads, work.m, work.k, work.n, work.stacked ? 1 : 0]
      operations = work.stages.map(\.operation)
    case .average(let work):
      numbers = [5, work.images, work.rows, work.width]
      operations = [.average]
    case .copy(let work):
      numbers = [6, work.input.rows, work.input.width]
      operations = []
    }
  }
}

extension Tiler {
  func tile(_ group: Group, _ placement: Placement) throws(CompileError) -> GroupTiling {
    let layer = group.name
    switch group.work {
    case .matmul(let work): return .matmul(try tile(work, placement, layer: layer))
    case .convolution(let work): return .convolution(try tile(work, placement, layer: layer))
    case .heads(let work): return .heads(try tile(work, placement, layer: layer))
    case .attention(let work): return .attention(try tile(work, placement, layer: layer))
    case .rows(let work): return .rows(try tile(work, placement, layer: layer))
    case .average(let work): return .columns(try tile(work, placement, layer: layer))
    case .copy(let work): return .rows(try tile(work, placement, layer: layer))
    }
  }
}
