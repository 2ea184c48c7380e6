import Hardware
import Testing
import Validation

/// What each kind of table reads, compares and leaves out. Whole tables go through the command line (SystemTests).
@Suite struct KindTests {
  /// M = 5, N = 7, K = 11 on 4×3 without overlap; the tool reports one less than the sum of its folds.
  @Test(arguments: [
    // ⌈11/4⌉·⌈7/3⌉ folds of: load 4 + rows 5 + skew (4 + 3 − 2)
    ("ws", 3 * 3 * (4 + 5 + 5)),
    // ⌈11/4⌉·⌈5/3⌉ folds of: load 4 + columns 7 + skew 5
    ("is", 3 * 2 * (4 + 7 + 5)),
    // ⌈5/4⌉·⌈7/3⌉ folds of: K 11 + skew 5
    ("os", 2 * 3 * (11 + 5)),
  ])
  func foldsNeverOverlap(dataflow: String, total: Int) throws {
    let result = try validate(Self.folds + "a,b,5,7,11,4,3,\(dataflow),\(total - 1),1,0,CALC\n")
    #expect(result.rows.first?.comparisons.first?.figures == .integer(expected: total - 1, got: total - 1))
  }

  static let folds =
    "model,layer,M,N,K,array_rows,array_cols,dataflow,cycles,utilisation,stall_cycles,bandwidth_mode\n"

  @Test func aRightRowPassesAndOneDigitOffFails() throws {
    // os, 5×11 times 11×7 on 4×3: 96 cycles; 100·385 / (95·12) = 33.771930 (33.7719298…)
    let rows = ["95,33.77193", "95,33.771931", "96,33.77193", "95,33.771929"].map { "a,b,5,7,11,4,3,os,\($0),0,CALC\n" }
    let result = try validate(Self.folds + rows.joined())
    #expect((result.compared, result.exact, result.missed) == (4, 1, 3))
    #expect(
      result.rows.map { $0.comparisons.map(\.isExact) } == [
        [true, true], [true, false], [false, true], [true, false],
      ])
    #expect(result.largestDifference == 1.0 / 96)
  }

  @Test func threadsChangeNothing() throws {
    let rows = (1...40).map { "a,b,\($0),7,11,4,3,os,\($0),33.8,\($0 % 3 == 0 ? 1 : 0),CALC\n" }
    let text = Self.folds + rows.joined()
    let alone = try validate(text)
    #expect(alone.rows.map(\.mark.line) == Array(2...41))
    #expect(try validate(text, threads: 3).rows == alone.rows)
  }

  /// And what can't be run is an error, not a row that is missing.
  @Test func equalCasesRunOnce() throws {
    let calls = Counter()
    let bench = Bench { path, settings in
      calls.add()
      throw DiagnosticError(Diagnostic(SourceMark(file: path), settings.joined(separator: " ")))
    }
    let rows = ["95", "96", "97"].map { "a,b,5,7,11,4,3,os,\($0),33.8,0,CALC\n" }
    let error = try #require(throws: DiagnosticError.self) {
      try ReferenceValidation(parsing: Self.folds + rows.joined(), file: "t.csv", on: bench)
    }
    #expect(calls.count == 1)
    #expect(
      error.description
        == "accelerators/scale-sim.yaml: error: engines.array.rows=4 engines.array.columns=3 "
        + "engines.array.dataflow=output-stationary")
  }

  /// Tiles of Gemmini by the sums of their passes of 16 rows: first row in cycle 14, results 32 cycles behind the last.
  @Test(arguments: [
    // WS: a load, then tiles beside loads, the last alone.
    ("WS,100,16,16,16,0,0,1,0,0,0", 62 + 16 * 99 + 16), ("WS,7,3,5,9,0,0,1,0,0,0", 62 + 16 * 6 + 4),
    // One load; tiles of as many rows as they have.
    ("WS,60,16,16,16,1,0,1,0,0,0", 62 + 16 * 60), ("WS,3,9,16,16,1,0,1,0,0,0", 62 + 9 * 3),
    // The fifth tile waits until the load has left: it enters at 63. The tenth waits for the fifth, whose last row entered in 66.
    ("WS,8,5,16,16,1,0,1,0,0,0", 95 + 4 * 5), ("WS,10,4,16,16,1,0,1,0,0,0", 66 + 33 + 1 + 3 + 33),
    // Rows of both take turns, but for the first load and the last tile.
    ("WS,10,16,16,16,0,1,1,0,0,0", 46 + 32 * 10), ("WS,1,16,16,16,0,1,1,0,0,0", 78),
    // Transposed weights pass the array's top twice.
    ("WS,10,16,16,16,0,0,1,0,1,0", 63 + 32 * 10),
    ("OS,50,16,16,16,0,0,1,0,0,0", 78 + 16 * 50), ("OS,6,7,3,2,0,0,3,1,1,0", 78 + 16 * 6),
    ("OS,9,16,16,16,0,1,1,0,0,0", 62 + 32 * 9),
    // Commands every 40 cycles: pairs every 80, the last tile 16 cycles behind its load.
    ("WS,5,16,16,16,0,0,1,0,0,39", 62 + 39 + 80 * 4 + 16), ("WS,5,16,16,16,0,0,1,0,0,3", 62 + 3 + 16 * 5),
  ])
  func tilesFromAScratchpad(row: String, total: Int) throws {
    let result = try validate(Self.tiles + row + ",\(total),0,0,0,0,0,0\n")
    #expect(result.rows.first?.comparisons.first?.figures == .integer(expected: total, got: total))
  }

  static let tiles =
    "df,ntiles,rows,kcols,ncols,reuse,samebank,kacc,at,bt,gap,total,mesh_rows,first_row,last_row,first_resp,last_resp,errors\n"

  @Test(arguments: [
    ("WS,1,16,16,16,0,0,1,0,0,0,78,32,14,45,62,77,1", "RTL's results were wrong"),
    ("WS,65,16,16,16,1,0,1,0,0,0,1102,32,14,45,62,77,0", "beyond the accumulators"),
    ("OS,2,16,16,16,1,0,1,0,0,0,110,48,14,61,78,109,0", "don't stay"),
  ])
  func tilesThatCannotBeCompared(row: String, reason: String) throws {
    let result = try validate(Self.tiles + row + "\n")
    #expect(result.reasons.count == 1)
    #expect(result.reasons.allSatisfy { $0.contains(reason) }, "\(result.reasons)")
  }

  static let stream = "design,R,C,LM,LA,K,tiles,p_valid,p_ready,last_in_cycle,total_cycles,errors,completed\n"

  /// A stream of tiles: the last beat K·T − 1 enters, skew R + C − 2, multiplier, accumulator, C columns leave, one register.
  @Test(arguments: [
    (4, 4, 1, 1, 7, 1), (8, 3, 2, 5, 12, 9), (3, 8, 7, 1, 17, 5), (1, 1, 1, 1, 1, 20), (64, 16, 16, 16, 300, 2),
    // Far larger than the rows that were measured.
    (8, 8, 32, 32, 200_000, 100),
  ])
  func streams(rows: Int, columns: Int, multiplier: Int, accumulator: Int, k: Int, tiles: Int) throws {
    let last = k * tiles - 1
    let total = last + (rows + columns - 2) + multiplier + accumulator + columns + 1
    let row = "axis_sa,\(rows),\(columns),\(multiplier),\(accumulator),\(k),\(tiles),1.0,1.0,\(last),\(total),0,1\n"
    let result = try validate(Self.stream + row)
    #expect(
      result.rows.first?.comparisons.map(\.figures) == [
        .integer(expected: last, got: last), .integer(expected: total, got: total),
      ])
  }

  @Test(arguments: [
    ("4,4,1,1,16,2,0.5,1.0,1,1,0,1", "random"), ("4,4,1,1,16,2,1.0,0.5,1,1,0,1", "random"),
    ("4,4,1,1,16,2,1.0,1.0,1,1,0,0", "locks up"), ("4,4,1,1,16,2,1.0,1.0,1,1,3,1", "loses results"),
    ("4,4,1,1,9,2,1.0,1.0,1,1,0,1", "beyond what the RTL can do"),
  ])
  func streamsThatCannotBeCompared(row: String, reason: String) throws {
    let result = try validate(Self.stream + "axis_sa," + row + "\n")
    #expect(result.reasons.count == 1)
    #expect(result.reasons.allSatisfy { $0.contains(reason) }, "\(result.reasons)")
  }

  /// One tile alone may be shorter; two need K ≥ R + 2C − 2.
  @Test func theLimitOfTilesBackToBack() throws {
    let rows = ["5,1", "9,2", "10,2"].map { "axis_sa,4,4,1,1,\($0),1,1,1,1,0,1\n" }
    #expect(try validate(Self.stream + rows.joined()).rows.map { $0.comparisons.isEmpty } == [false, true, false])
  }

  /// Load R, the pause, M tokens, R stages of four registers, skew; a token is read in the cycle after its pause.
  @Test(arguments: [(1, 1, 4, 0), (16, 8, 33, 0), (8, 4, 15, 2), (3, 7, 1, 9), (64, 64, 400_000, 1)])
  func weightStationaryTiles(rows: Int, columns: Int, tokens: Int, idle: Int) throws {
    let first = rows + idle
    let total = first + tokens + 4 * rows + columns - 2
    let header = "design,R,C,M,idle_cycles_after_load,edge_first_token_in,edge_last_token_in,edge_compute_done\n"
    let row = "WS,\(rows),\(columns),\(tokens),\(idle),\(first),\(first + tokens - 1),\(total)\n"
    #expect(try validate(header + row).rows.first?.comparisons.map(\.isExact) == [true, true, true])
  }

  /// Tokens with their bubbles, skew, four registers.
  @Test(arguments: [(1, 1, 2, 0), (16, 8, 33, 0), (8, 4, 15, 3), (3, 7, 1, 9), (64, 64, 400_000, 1)])
  func outputStationaryTiles(rows: Int, columns: Int, tokens: Int, bubbles: Int) throws {
    let last = (tokens - 1) * (1 + bubbles)
    let header =
      "design,R,C,K,bubble_cycles_between_tokens,edge_last_token_in,edge_compute_done,mismatching_elements\n"
    let row = "OS,\(rows),\(columns),\(tokens),\(bubbles),\(last),\(last + rows + columns - 2 + 4)"
    let result = try validate(header + "\(row),0\n\(row),1\n")
    #expect(result.rows.map { $0.comparisons.map(\.isExact) } == [[true, true], []])
  }

  static let moves =
    "test,nt,rows,cols,stride,acc,off,lat,total,reads,read_beats,writes,write_beats,first_A,last_A,first_D,last_D\n"

  /// Rows at 8 + 16i take blocks of 2, 4 and 2 beats, then two of one.
  @Test func misalignedMovesTakeTheSmallestBlocks() throws {
    let result = try validate(
      Self.moves + "mvin,1,4,16,16,0,8,5,0,5,10,0,0,12,16,17,0\nmvout,1,4,16,16,0,8,5,0,0,0,5,10,17,0,0,0\n")
    let figures = result.rows.map { row in
      row.comparisons.filter(\.isExact).map(\.quantity).filter { $0 != "total" }
    }
    #expect(figures == [["reads", "read_beats", "first_A", "last_A"], ["writes", "write_beats", "first_A"]])
  }

  /// A row of `blocks`·16 bytes waits for its blocks and is sent in aligned requests.
  @Test(arguments: [(1, 1), (2, 3), (3, 6), (4, 7)])
  func storedRowsWaitForTheirBlocks(blocks: Int, period: Int) throws {
    let beats = blocks == 3 ? 4 : blocks
    let (first, last) = (16 + blocks, 16 + blocks + 7 * period + beats - 1)
    let cells = "\(last + 20 + 3),0,0,8,\(8 * beats),\(first),\(last),\(first + beats - 1 + 20),\(last + 20)"
    let result = try validate(Self.moves + "mvout,1,8,\(16 * blocks),64,0,0,20,\(cells)\n")
    #expect(result.rows.first?.comparisons.map(\.isExact) == [Bool](repeating: true, count: 6))
  }

  /// Aligned moves in have to be exact, others within 3 percent; the report says so of each row.
  @Test func rowsHaveTargetsOfTheirOwn() throws {
    func table(_ total: Int, store: Int) -> String {
      Self.moves + "mvin,1,1,16,16,0,0,100,\(total),1,1,0,0,12,12,112,112\n"
        + "mvout,1,1,16,16,0,0,100,\(store),0,0,1,1,17,17,117,117\n"
    }
    let right = try validate(table(120, store: 120))
    #expect((right.exact, right.missed, right.passed) == (2, 0, true))
    #expect(right.rows.map(\.target) == [.exact, .within(percent: 3)])
    let near = try validate(table(120, store: 117))
    #expect((near.exact, near.missed, near.passed) == (1, 0, true))
    #expect(try validate(table(120, store: 116)).missed == 1)
    #expect(try validate(table(119, store: 120)).missed == 1)
  }

  static let functions = "func,prec,n,scale,x,y\n"

  @Test func integersOfFloat32AreLeftOut() throws {
    let text = Self.functions + "ivit_shiftgelu,f32,1,0.0625,47,5875\nivit_shiftgelu,f64,1,0.0625,47,5875\n"
    let result = try validate(text)
    #expect((result.compared, result.exact, result.leftOut) == (1, 1, 1))
    #expect(result.reasons.first?.contains("float32") == true)
  }

  /// Numbers outside what functions are made for give no result, and no crash.
  @Test func extremeScales() throws {
    for scale in ["1", "0.0001"] {
      for name in [
        "ivit_shiftmax", "ivit_shiftgelu", "ivit_layernorm_w1_b0", "fqvit_log2softmax_4bit(16=zero)", "ibert_gelu_int",
        "ibert_int_exp",
      ] {
        let result = try validate(Self.functions + "\(name),f64,3,\(scale),-128 -128 -127,1 2 3\n")
        #expect(result.missed == 1)
      }
    }
  }

  @Test(arguments: [
    ("ivit_shiftmx,f64,1,0.1,1,1", "1: column 'func': 'ivit_shiftmx'", "ivit_shiftmax"),
    ("ivit_shiftmax,f16,1,0.1,1,1", "15: column 'prec': 'f16'", nil),
    ("ivit_shiftmax,f64,2,0.1,1,1 2", "25: column 'x': 1 numbers", nil),
    ("ivit_shiftmax,f64,1,0.1,128,1", "25: column 'x': number 1, '128'", nil),
    ("ivit_shiftmax,f64,1,0.1,1,1.5", "27: column 'y': number 1, '1.5'", nil),
    ("ivit_shiftmax,f64,1,0,1,1", "21: column 'scale': '0'", nil),
  ])
  func mistakesInFunctions(row: String, message: String, suggestion: String?) throws {
    let error = try #require(throws: DiagnosticError.self) { try validate(Self.functions + row + "\n") }
    #expect(error.diagnostics.map { "\($0.mark.column): \($0.message)" } == [message])
    #expect(error.diagnostics.map(\.suggestion) == [suggestion])
  }

  @Test func requantizationIsComparedToo() throws {
    let header = "x,gelu_int32,y_int8,q_b,q_c,q_1,mul,shift,add\n"
    let result = try validate(
      header + "127,-1801114,-127,-80,-7091,-7091,74,20,0\n127,-1801114,-117,-80,-7091,-7091,74,20,10\n"
        + "127,-1801114,-128,-80,-7091,-7091,74,20,0\n127,0,0,-81,-7091,-7091,74,20,0\n")
    #expect((result.exact, result.missed, result.leftOut) == (2, 1, 1))
    #expect(result.rows[2].comparisons.map(\.isExact) == [true, false])
  }
}
