import Testing
import Validation

/// Moves in of few rows and many commands by the sums of their stages: two commands are in flight, and the third is requested when the
/// first one's descriptor is free. Rows of the scratchpad are scaled on the way and free it two cycles later than the accumulator's.
@Suite struct GemminiDMAFormulaTests {
  private struct Moves {
    var commands, rows, columns: Int
    var isWide: Bool
    var latency: Int
    var beats: Int { columns * (isWide ? 4 : 1) / 16 }

    /// A line of the table, the descriptor being free so long before the next request.
    func line(descriptor: Int) -> String {
      var (requests, ends): ([Int], [Int]) = ([], [])
      for row in 0..<commands * rows {
        let (command, within) = row.quotientAndRemainder(dividingBy: rows)
        var request = (requests.last ?? 11) + 1
        if row >= 16 { request = max(request, ends[row - 16] + 7) }
        if within == 0, command >= 2 { request = max(request, ends[(command - 1) * rows - 1] + descriptor) }
        requests.append(request)
        ends.append(max(request + latency, (ends.last ?? -1) + 1) + beats - 1)
      }
      let (last, count) = (ends[ends.count - 1], requests.count)
      return "mvin,\(commands),\(rows),\(columns),\(columns),\(isWide ? 1 : 0),0,\(latency),\(last + (isWide ? 6 : 8)),"
        + "\(count),\(count * beats),0,0,12,\(requests[count - 1]),0,\(last)\n"
    }
  }

  private static let header =
    "test,nt,rows,cols,stride,acc,off,lat,total,reads,read_beats,writes,write_beats,first_A,last_A,first_D,last_D\n"

  private static func moves(isWide: Bool) -> [Moves] {
    var moves: [Moves] = []
    for commands in [1, 2, 3, 4, 9] {
      for rows in [1, 2, 5, 15, 16] {
        for columns in isWide ? [16] : [16, 32, 64] {
          for latency in [1, 5, 20, 90] {
            moves.append(
              Moves(commands: commands, rows: rows, columns: columns, isWide: isWide, latency: latency))
          }
        }
      }
    }
    return moves
  }

  @Test(arguments: [(false, 14), (true, 12)])
  func fewRowsAndManyCommands(isWide: Bool, descriptor: Int) throws {
    func exact(_ descriptor: Int) throws -> (exact: Int, compared: Int) {
      let lines = Self.moves(isWide: isWide).map { $0.line(descriptor: descriptor) }
      let result = try validate(Self.header + lines.joined())
      return (result.exact, result.compared)
    }
    let right = try exact(descriptor)
    #expect(right.exact == right.compared && right.compared > 50)
    #expect(try exact(descriptor + 2).exact < right.exact)
  }
}
