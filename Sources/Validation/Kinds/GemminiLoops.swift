/// What Gemmini's hardware loop is told: a product in blocks of 16, and how its library cuts it into loops.
struct GemminiProduct: Hashable {
  var m, n, k: Int
  /// Blocks of a loop along M, N and K.
  var tile: (i: Int, j: Int, k: Int) { (tileI, tileJ, tileK) }
  var tileI, tileJ, tileK: Int
  /// Loops along each.
  var loopsI, loopsJ, loopsK: Int
  /// Results leave as INT32; a row of INT32 is added to each.
  var isWide, hasBias: Bool
  var transposesA, transposesB: Bool
  /// Bytes (of the results: elements) from row to row.
  var strideA, strideB, strideC: Int
}

/// One loop: a part of the product whose operands are on chip at once.
struct GemminiLoop {
  static let side = 16
  /// Blocks that one command moves, at most.
  static let most = 4

  /// Blocks along M, N and K, and rows or columns that the last of each lacks.
  var i, j, k: Int
  var padI, padJ, padK: Int
  /// Of its corner of A, B and C.
  var a, b, c: Int
  var strideA, strideB, strideC: Int
  var transposesA, transposesB: Bool
  /// Its sums are stored; as INT32.
  var stores, isWide: Bool
  var loadsBias: Bool
  /// Its first sums are added to what is there.
  var accumulates: Bool

  /// Rows or columns of a block.
  func rows(_ block: Int) -> Int { Self.side - (block == i - 1 ? padI : 0) }
  func columns(_ block: Int) -> Int { Self.side - (block == j - 1 ? padJ : 0) }
  func depth(_ block: Int) -> Int { Self.side - (block == k - 1 ? padK : 0) }

  /// A command that moves a row of blocks of an operand in.
  struct Move {
    enum Operand { case a, b, bias }
    var operand: Operand
    /// Its row of blocks, the first of its blocks, and how many there are.
    var row, first, blocks: Int
    /// In elements.
    var rows, columns: Int
    var address: Int
  }

  /// The loads of the bias, down the rows first.
  var biasLoads: [Move] {
    var moves: [Move] = []
    if loadsBias {
      for column in 0..<j {
        for row in 0..<i {
          moves.append(
            Move(
              operand: .bias, row: row, first: column, blocks: 1, rows: rows(row), columns: columns(column),
              address: Self.biasAddress + 4 * Self.side * column))
        }
      }
    }
    return moves
  }

  /// The loads of A and B in the order in which the loop's unrollers give them out: in step along K, B first.
  var operandLoads: [Move] {
    var moves: [Move] = []
    let (a, b) = (movesOfA, movesOfB)
    var (nextA, nextB) = (0, 0)
    while nextA < a.count || nextB < b.count {
      let takesB =
        nextA == a.count || nextB < b.count && (step(a[nextA], ofA: true) > step(b[nextB], ofA: false) || nextB == 0)
      if takesB {
        moves.append(b[nextB])
        nextB += 1
      } else {
        moves.append(a[nextA])
        nextA += 1
      }
    }
    return moves
  }

  static let biasAddress = 0x8200_0000

  /// The block along K at which a load's unroller stands.
  private func step(_ move: Move, ofA: Bool) -> Int {
    (ofA ? transposesA : !transposesB) ? move.row : move.first
  }

  private var movesOfA: [Move] {
    transposesA
      ? moves(.a, rows: k, columns: i, rowsInner: false, address: a, stride: strideA, padRows: padK, padColumns: padI)
      : moves(.a, rows: i, columns: k, rowsInner: true, address: a, stride: strideA, padRows: padI, padColumns: padK)
  }

  /// B's last block of rows is always loaded as a whole.
  private var movesOfB: [Move] {
    transposesB
      ? moves(.b, rows: j, columns: k, rowsInner: true, address: b, stride: strideB, padRows: 0, padColumns: padK)
      : moves(.b, rows: k, columns: j, rowsInner: false, address: b, stride: strideB, padRows: 0, padColumns: padJ)
  }

  /// All moves of a matrix of blocks, rows of blocks in the inner loop or columns.
  private func moves(
    _ operand: Move.Operand, rows: Int, columns: Int, rowsInner: Bool, address: Int, stride: Int, padRows: Int,
    padColumns: Int
  ) -> [Move] {
    let width = min(columns, Self.most)
    func move(_ row: Int, _ first: Int) -> Move {
      let blocks = min(width, columns - first)
      return Move(
        operand: operand, row: row, first: first, blocks: blocks, rows: Self.side - (row == rows - 1 ? padRows : 0),
        columns: blocks * Self.side - (first + blocks >= columns ? padColumns : 0),
        address: address + (row * stride + first) * Self.side)
    }
    let firsts = Array(starts(of: columns, by: width))
    return rowsInner
      ? firsts.flatMap { first in (0..<rows).map { move($0, first) } }
      : (0..<rows).flatMap { row in firsts.map { move(row, $0) } }
  }

  private func starts(of end: Int, by width: Int) -> StrideTo<Int> { Swift.stride(from: 0, to: end, by: width) }

  /// The stores: a row of blocks each, down the rows first.
  var storeMoves: [(row: Int, first: Int, blocks: Int)] {
    guard stores else { return [] }
    let width = isWide ? 1 : min(j, Self.most)
    return starts(of: j, by: width).flatMap { first in (0..<i).map { ($0, first, min(width, j - first)) } }
  }
}

extension GemminiProduct {
  /// The loops in the library's order: along K in the innermost.
  var loops: [GemminiLoop] {
    let side = GemminiLoop.side
    func blocks(_ size: Int) -> Int { (size + side - 1) / side }
    func part(_ size: Int, _ tile: Int, _ index: Int, of count: Int) -> (blocks: Int, pad: Int) {
      index < count - 1 ? (tile, 0) : (blocks(size) - (count - 1) * tile, blocks(size) * side - size)
    }
    var loops: [GemminiLoop] = []
    for i in 0..<loopsI {
      for j in 0..<loopsJ {
        for k in 0..<loopsK {
          let (rows, columns) = (part(m, tileI, i, of: loopsI), part(n, tileJ, j, of: loopsJ))
          let depth = part(self.k, tileK, k, of: loopsK)
          let (atI, atJ, atK) = (i * tileI * side, j * tileJ * side, k * tileK * side)
          loops.append(
            GemminiLoop(
              i: rows.blocks, j: columns.blocks, k: depth.blocks, padI: rows.pad, padJ: columns.pad, padK: depth.pad,
              a: 0x8010_0000 + (transposesA ? atK * strideA + atI : atI * strideA + atK),
              b: 0x8090_0000 + (transposesB ? atJ * strideB + atK : atK * strideB + atJ),
              c: 0x8110_0000 + (atI * strideC + atJ) * (isWide ? 4 : 1), strideA: strideA, strideB: strideB,
              strideC: strideC, transposesA: transposesA, transposesB: transposesB, stores: k == loopsK - 1,
              isWide: isWide, loadsBias: hasBias && k == 0, accumulates: hasBias || k > 0))
        }
      }
    }
    return loops
  }
}
