import Hardware
import HardwareYAML
import Testing

/// Each kind of mistake, with the place that is blamed for it.
@Suite struct DecodeTests {
  @Test func readsWhatIsWritten() throws {
    let accelerator = try Accelerator.parse(yaml: smallYAML, file: "a.yaml")
    #expect(
      accelerator
        == Accelerator(
          name: "small", clock: 200_000_000,
          engines: [
            MatrixEngineSpec(
              name: "array", interconnect: .systolic, dataflow: .weightStationary, rows: 8, columns: 8, inputs: 0,
              weights: 1, outputs: 2)
          ],
          buffers: [
            BufferSpec(name: "inputs", bytes: 4096, wordBytes: 8),
            BufferSpec(name: "weights", bytes: 1024, wordBytes: 8),
            BufferSpec(name: "sums", bytes: 4096, wordBytes: 32),
          ],
          channels: [DMAChannelSpec(name: "all", carries: [.weights, .inputs, .outputs], beatBytes: 16)],
          dram: .bandwidth(bytesPerSecond: 19_200_000_000, latency: 20),
          vector: VectorUnitSpec(
            lanes: 8,
            operations: [
              .requantize: .init(latency: 3, algorithm: .fixedPoint), .scale: .init(latency: 0, algorithm: .fixedPoint),
              .add: .init(latency: 2, algorithm: .fixedPoint), .multiply: .natural(.multiply, .fixedPoint),
              .relu: .natural(.relu, .table), .gelu: .init(latency: 4, algorithm: .table),
              .hardSwish: .natural(.hardSwish, .table), .lookup: .natural(.lookup, .table),
              .softmax: .init(passes: 3, latency: 6, algorithm: .iBERT),
              .layerNorm: .init(passes: 3, latency: 6, algorithm: .iBERT), .divide: .natural(.divide, .fixedPoint),
              .average: .natural(.average, .fixedPoint),
            ])))
  }

  @Test(arguments: [
    // Keys.
    (
      "    rows: 8", "    row: 8",
      "a.yaml:7:5: error: unknown key 'row' in engine 'array'; did you mean 'rows'?"
    ),
    (
      "clock: 200MHz", "clock: 200MHz\nwidth: 3",
      """
      a.yaml:3:1: error: unknown key 'width' in the accelerator; expected one of name, clock, engines, buffers, dma, \
      dram, vector, device, resources
      """
    ),
    (
      "    rows: 8\n", "",
      "a.yaml:4:5: error: missing key 'rows' in engine 'array'; expected a whole number from 1 to 4096"
    ),
    (
      "clock: 200MHz\n", "",
      """
      a.yaml:1:1: error: missing key 'clock' in the accelerator; expected a frequency such as 200MHz, \
      from 1kHz to 100GHz
      """
    ),
    (
      "    rows: 8", "    rows: 8\n    rows: 16",
      "a.yaml:8:5: error: duplicate key 'rows' in engine 'array'; it stands first in line 7"
    ),
    // Values.
    (
      "    rows: 8", "    rows: eight",
      "a.yaml:7:11: error: rows 'eight' is not a number; expected a whole number from 1 to 4096"
    ),
    (
      "    rows: 8", "    rows: 0", "a.yaml:7:11: error: rows '0' is zero; expected a whole number from 1 to 4096"
    ),
    (
      "    rows: 8", "    rows: 4097",
      "a.yaml:7:11: error: rows '4097' is too large; expected a whole number from 1 to 4096"
    ),
    (
      "    rows: 8", "    rows: -8",
      "a.yaml:7:11: error: rows '-8' is negative; expected a whole number from 1 to 4096"
    ),
    (
      "    rows: 8", "    rows: [8]", "a.yaml:7:11: error: rows is a list; expected a whole number from 1 to 4096"
    ),
    ("    rows: 8", "    rows:", "a.yaml:7:10: error: rows is nothing; expected a whole number from 1 to 4096"),
    (
      "size: 1KiB", "size: 1024",
      "a.yaml:17:11: error: size '1024' has no unit; expected a size such as 512KiB, from 1B to 1TiB"
    ),
    (
      "size: 1KiB", "size: 1KHz",
      """
      a.yaml:17:11: error: size '1KHz' has the unknown unit 'KHz'; expected a size such as 512KiB, from 1B to 1TiB
      """
    ),
    (
      "200MHz", "1Hz",
      "a.yaml:2:8: error: clock '1Hz' is too small; expected a frequency such as 200MHz, from 1kHz to 100GHz"
    ),
    (
      "19.2GB/s", ".nan",
      """
      a.yaml:30:14: error: bandwidth '.nan' is not a number; expected a bandwidth such as 19.2GB/s, \
      from 1MB/s to 100TB/s
      """
    ),
    (
      "20cycles", "20ns",
      "a.yaml:29:12: error: latency '20ns' has the unknown unit 'ns'; expected a number of cycles from 0 to 10000"
    ),
    // Words and names.
    (
      "interconnect: systolic", "interconnect: systolik",
      "a.yaml:5:19: error: interconnect is 'systolik'; expected systolic or broadcast; did you mean 'systolic'?"
    ),
    (
      "    columns: 8", "    columns: 8\n    tile-overlap: yes",
      "a.yaml:9:19: error: tile-overlap is 'yes'; expected true or false"
    ),
    (
      "name: small", "name: Small One",
      """
      a.yaml:1:7: error: name of the accelerator is 'Small One'; expected a name of lower-case letters, digits, \
      '-' and '_' that begins with a letter
      """
    ),
    ("name: array", "name: vector", "a.yaml:4:11: error: the name 'vector' is reserved; expected another name"),
    (
      "name: sums", "name: inputs",
      """
      a.yaml:11:14: error: there is no buffer 'sums'; expected 'inputs', 'weights' or 'inputs'
      a.yaml:19:11: error: the name 'inputs' is taken in line 13; expected another name
      """
    ),
    (
      "weights: weights", "weights: wights",
      """
      a.yaml:10:14: error: there is no buffer 'wights'; expected 'inputs', 'weights' or 'sums'; did you mean 'weights'?
      """
    ),
    // Structure.
    (
      "  - name: array\n", "    name: array\n",
      "a.yaml:4:5: error: engines is a mapping; expected a list of 1 to 16 engines"
    ),
    (
      "buffers:\n", "buffers: []\nbuffer:\n",
      """
      a.yaml:12:10: error: buffers is an empty list; expected a list of 1 to 64 buffers
      a.yaml:13:1: error: unknown key 'buffer' in the accelerator; did you mean 'buffers'?
      """
    ),
    (
      "  lanes: 8", "  lanes: 8\n  dsps: {a: 1}",
      "a.yaml:33:9: error: dsps is a mapping; expected a whole number from 0 to 1000000000"
    ),
    (
      "vector:\n", "vector: 3\nvektor:\n",
      "a.yaml:31:9: error: vector is '3'; expected a mapping of keys to values\n"
        + "a.yaml:32:1: error: unknown key 'vektor' in the accelerator; did you mean 'vector'?"
    ),
    // Bounds across values.
    (
      "    rows: 8", "    rows: 4096\n    macs-per-pe: 1024",
      """
      a.yaml:7:11: error: engine 'array' has 33554432 multipliers (rows·columns·macs-per-pe·replicas); \
      expected at most 16777216
      """
    ),
    (
      "size: 1KiB", "size: 1KiB\n    banks: 3",
      "a.yaml:18:12: error: 3 banks don't divide 1KiB evenly; expected a number that divides the size"
    ),
    (
      "word-width: 32B", "word-width: 8KiB",
      "a.yaml:21:17: error: a word of 8KiB is wider than a whole bank; expected at most 4KiB"
    ),
    (
      "size: 1KiB", "size: 127B",
      """
      a.yaml:17:11: error: buffer 'weights' of 127B can't hold one tile of engine 'array'; \
      expected at least 128B: 128B of weights (two tiles, ping-pong)
      """
    ),
    // DMA, DRAM, device.
    (
      "carries: [weights, inputs, outputs]", "carries: [weights, inputs]",
      "a.yaml:24:5: error: no DMA channel carries outputs; expected it in 'carries' of a channel"
    ),
    (
      "carries: [weights, inputs, outputs]", "carries: [weights, inputs, output]",
      """
      a.yaml:25:34: error: an element of carries is 'output'; expected weights, inputs or outputs; \
      did you mean 'outputs'?
      """
    ),
    (
      "[weights, inputs, outputs]", "[weights, inputs, outputs, inputs]",
      "a.yaml:25:43: error: carries has 4 elements; expected a list of 1 to 3 kinds of data"
    ),
    (
      "128bit", "24B",
      "a.yaml:26:19: error: data-width 24B is not a power of two; expected a size such as 512KiB, from 1B to 4KiB"
    ),
    (
      "128bit", "128bit\n      boundary: 8B",
      """
      a.yaml:27:17: error: a beat of 16B doesn't fit between boundaries of 8B; expected a boundary of at least the \
      data width
      """
    ),
    (
      "model: bandwidth", "model: ideal",
      "a.yaml:30:14: error: an ideal DRAM has no bandwidth; expected 'model: bandwidth', or no such key"
    ),
    (
      "  bandwidth: 19.2GB/s\n", "",
      """
      a.yaml:28:3: error: missing key 'bandwidth' in dram; expected a bandwidth such as 19.2GB/s, from 1MB/s to 100TB/s
      """
    ),
    (
      "clock: 200MHz", "clock: 200MHz\ndevice: zcu12",
      """
      a.yaml:3:9: error: unknown device 'zcu12'; expected zcu102, vck190, u200, u250, u280 or zynq-7020, or a mapping \
      with name, dsps, bram36, uram, luts and flip-flops; did you mean 'zcu102'?
      """
    ),
    (
      "    gelu: {latency: 4}\n", "",
      """
      a.yaml:34:5: error: missing key 'gelu' in operations; expected a mapping with algorithm, passes, interval and latency
      """
    ),
    (
      "layernorm: {passes: 3", "layernorm: {passes: 0",
      """
      a.yaml:38:25: error: passes '0' is zero; expected a whole number from 1 to 1024
      """
    ),
  ])
  func mistake(old: String, new: String, expected: String) { #expect(mistakes(changed(old, new)) == expected) }

  /// Knobs of an engine that don't go together, or aren't what they should be.
  @Test(arguments: [
    ("stream-duty: 5/4", "stream-duty is '5/4'; expected open cycles and the period that they are part of"),
    ("stream-duty: 0/4", "stream-duty is '0/4'"), ("load-duty: 1", "load-duty is '1'"),
    ("result-duty: 1/2", "engine 'array': results wait for the output buffer, but there is no room for them"),
    (
      "stationary-buffers: 2", "engine 'array': 2 stationary buffers and shadow weights; expected shadow-weights: false"
    ),
    ("stationary-buffers: 17", "stationary-buffers '17' is too large"),
    (
      "stationary-buffers: 2\n    shadow-weights: false",
      "engine 'array': 2 stationary buffers; expected 1, or a broadcast interconnect"
    ),
    ("tile-order: inner", "tile-order is 'inner'; expected rows-inner or columns-inner"),
    ("lock-step: true\n    tile-overlap: false", "lock-step without tile-overlap; expected tile-overlap: true"),
    ("lock-step: true\n    shadow-weights: false", "lock-step without shadow weights, which the load goes into"),
    (
      "lock-step: true\n    load-duty: 1/2",
      "lock-step with an output-fifo or a duty; expected an engine at a fixed pace"
    ),
    ("tiles-in-flight: 1\n    output-fifo: 2", "tiles-in-flight with an output-fifo or a duty"),
    ("transpose-cycles: 1\n    stream-duty: 1/2", "transpose-cycles with an output-fifo or a duty"),
    ("kernel-taps: separate", "separate kernel taps with a stationary operand"),
    ("depthwise: true", "multipliers that accumulate by themselves need an operand each"),
    ("tile-steps: 4", "tile-steps where each tile is loaded; expected lock-step: true"),
    ("tile-steps: 65537", "tile-steps '65537' is too large"), ("minimum-steps: 0", "minimum-steps '0' is zero"),
    ("row-by-row: true", "row-by-row without lock-step; expected lock-step: true"),
    ("row-by-row: true\n    lock-step: true", "row-by-row with trimmed edge tiles; expected edge-tiles: full"),
    ("row-by-row: true\n    lock-step: true\n    swap-cycles: 1", "row-by-row at a pace of its own"),
    (
      "row-by-row: true\n    lock-step: true\n    replicas: 2",
      "row-by-row with several multipliers, replicas or registers a PE"
    ),
    ("issue-interval: 10001", "issue-interval '10001' is too large"),
    ("swap-cycles: -1", "swap-cycles '-1'"), ("step-interval: 0", "step-interval '0' is zero"),
  ])
  func engineKnobs(line: String, expected: String) {
    let text = changed("    rows: 8", "    rows: 8\n    \(line)")
    let found = mistakes(text)
    #expect(found.contains("a.yaml:8:") && found.contains(expected), "\(found)")
  }

  /// Knobs of a channel and a buffer that don't go together, or aren't what they should be.
  @Test(arguments: [
    ("bursts: wrapping", "bursts is 'wrapping'; expected incrementing or aligned"),
    (
      "burst-length: 3\n      bursts: aligned",
      "aligned bursts of up to 3 beats; expected a power of two, or 'bursts: incrementing'"
    ),
    (
      "outstanding: 1\n      beat-credit: true",
      "one outstanding burst and a place for each further beat; expected 2 or more, or 'beat-credit: false'"
    ),
    ("send-path: 2", "a path behind a row buffer that the channel doesn't have; expected 0, or 'assembly: true'"),
    ("assembly: yes", "assembly is 'yes'; expected true or false"),
    ("transfers-in-flight: 1025", "transfers-in-flight '1025' is too large"),
    ("slot-return: 0", "slot-return '0' is zero"), ("completion: 0", "completion '0' is zero"),
    ("dispatch: 10001", "dispatch '10001' is too large"),
    ("narrowing: 65", "narrowing '65' is too large"), ("gather-words: -1", "gather-words '-1'"),
    ("acknowledgement: 10001", "acknowledgement '10001' is too large"),
  ])
  func channelKnobs(lines: String, expected: String) {
    let found = mistakes(changed("      data-width: 128bit", "      data-width: 128bit\n      \(lines)"))
    #expect(found.contains(expected) && found.split(separator: "\n").count == 1, "\(found)")
  }

  @Test func outputStationaryEnginesAreNotElastic() {
    for key in ["output-fifo: 2", "stream-duty: 1/2", "load-duty: 1/2", "swap-cycles: 1", "transpose-cycles: 1"] {
      let text = changed(
        "    rows: 8", "    rows: 8\n    \(key)", in: changed("weight-stationary", "output-stationary"))
      #expect(mistakes(text).contains("with an output-stationary dataflow"), "\(key): \(mistakes(text))")
    }
  }

  @Test(arguments: [
    ("", "streams and shadow weights"), ("    shadow-weights: false\n", "but no room for results to wait in"),
    ("    shadow-weights: false\n    output-fifo: 1\n    load-duty: 1/2\n", "load-duty with streams"),
    ("    shadow-weights: false\n    output-fifo: 1\n", "streams to more than one buffer"),
    ("    shadow-weights: false\n    output-fifo: 1\n    lock-step: true\n", "lock-step with streams"),
    ("    shadow-weights: false\n    output-fifo: 1\n    issue-interval: 3\n", "issue-interval with streams"),
    (
      "    shadow-weights: false\n    output-fifo: 1\n    tile-overlap: false\n", "streams and tiles that don't overlap"
    ),
  ])
  func streamsNeedTheirEngine(lines: String, expected: String) {
    let text = changed(
      "    rows: 8\n", "    rows: 8\n    streams: {fifo: 2}\n" + lines, in: changed("systolic", "broadcast"))
    #expect(mistakes(text).contains(expected), "\(mistakes(text))")
    #expect(mistakes(text.replacing("{fifo: 2}", with: "{fifo: 0, finish: 0}")).contains("fifo '0' is zero"))
  }

  @Test func streamsNeedABroadcast() {
    let text = changed("    rows: 8\n", "    rows: 8\n    streams: {fifo: 2}\n")
    #expect(mistakes(text).contains("streams with a systolic interconnect"), "\(mistakes(text))")
  }

  @Test func streamsNeedOnePortAndAWideWord() {
    let text = changed(
      "    rows: 8\n", "    rows: 8\n    streams: {fifo: 2}\n    shadow-weights: false\n    output-fifo: 1\n",
      in: changed("systolic", "broadcast")
    ).replacing("inputs: inputs", with: "inputs: weights").replacing(
      "outputs: sums", with: "outputs: weights")
    #expect(mistakes(text).contains("has 1 banks of 2 ports; expected one bank with one port"), "\(mistakes(text))")
    #expect(mistakes(text).contains("doesn't hold a step; expected a word-width of at least 32B"), "\(mistakes(text))")
  }

  @Test func lockStepOfAnOutputStationaryEngineNeedsAWayOut() {
    let text = changed(
      "    rows: 8", "    rows: 8\n    lock-step: true\n    output-path: shift",
      in: changed("weight-stationary", "output-stationary"))
    #expect(mistakes(text).contains("results that don't leave beside the next tile"), "\(mistakes(text))")
  }

  @Test func rowsNeedWordsAndEqualLatencies() {
    let engine = changed(
      "    rows: 8", "    rows: 8\n    lock-step: true\n    row-by-row: true\n    edge-tiles: full")
    #expect(mistakes(engine).isEmpty, "\(mistakes(engine))")
    for (old, new, expected) in [
      ("word-width: 32B", "word-width: 16B", "row-by-row and words that hold less than a row"),
      ("size: 1KiB", "size: 1KiB\n    latency: 3", "row-by-row and operands of different latencies"),
      (
        "word-width: 32B", "word-width: 32B\n    latency: 2",
        "row-by-row and results that are read before they are written"
      ),
    ] {
      let found = mistakes(changed(old, new, in: engine))
      #expect(found.contains(expected), "\(found)")
    }
  }

  @Test func responsesInOrderAreIdeal() {
    let text = changed("dram:", "dram:\n  in-order: true")
    #expect(mistakes(text).contains("in-order with a bandwidth"), "\(mistakes(text))")
    let shared = changed("dram:", "dram:\n  shared-requests: true")
    #expect(mistakes(shared).contains("shared-requests with a bandwidth"), "\(mistakes(shared))")
  }

  @Test func everyMistakeInOnePass() {
    let text = [
      ("200MHz", "200"), ("interconnect: systolic", "interconnect: mesh"), ("rows: 8", "row: 8"),
      ("weights: weights", "weights: weight"), ("size: 1KiB", "size: huge"), ("carries: [weights, ", "carries: ["),
      ("20cycles", "-1"), ("gelu: {latency: 4}", "gelo: {latency: 4}"), ("lanes: 8", "lanes: 0"),
    ].reduce(smallYAML) { changed($1.0, $1.1, in: $0) }
    let places = mistakes(text).split(separator: "\n").map { $0.prefix { $0 != " " } }
    #expect(
      places == [
        "a.yaml:2:8:", "a.yaml:5:19:", "a.yaml:7:5:", "a.yaml:10:14:", "a.yaml:17:11:", "a.yaml:24:5:",
        "a.yaml:29:12:", "a.yaml:32:10:", "a.yaml:36:5:",
      ])
  }

  @Test func aMistakeHasNoFollowUps() {
    // Everything hangs on the buffers; a broken list of them is one mistake.
    let text = smallYAML.replacing("buffers:", with: "buffers: 7\nbuffer:")
    #expect(mistakes(text).split(separator: "\n").count == 2)
    // A misspelt key explains the missing one.
    #expect(mistakes(changed("clock:", "clok:")).split(separator: "\n").count == 1)
    // A size that can't be read is not too small as well.
    #expect(mistakes(changed("size: 1KiB", "size: 1")).split(separator: "\n").count == 1)
  }

  @Test func countsAreBounded() {
    let channel = "    - name: all\n      carries: [weights, inputs, outputs]\n      data-width: 128bit\n"
    let many = (0...32).map { channel.replacing("all", with: "all\($0)") }.joined()
    #expect(
      mistakes(changed(channel, many))
        == "a.yaml:120:7: error: channels has 33 elements; expected a list of 1 to 32 channels")
  }

  /// Just enough is enough; one byte less is not.
  @Test(arguments: [
    ("weight-stationary", "inputs", 8), ("weight-stationary", "sums", 32), ("weight-stationary", "weights", 128),
    ("output-stationary", "inputs", 8), ("output-stationary", "sums", 256), ("output-stationary", "weights", 8),
    ("input-stationary", "inputs", 128), ("input-stationary", "sums", 32), ("input-stationary", "weights", 8),
  ])
  func buffersHoldATile(dataflow: String, buffer: String, bytes: Int) {
    func text(_ size: Int) -> String {
      let sizes = ["inputs": "4KiB", "weights": "1KiB", "sums": "4KiB"]
      var text = changed("weight-stationary", dataflow)
      text = changed(
        "name: \(buffer)\n    size: \(sizes[buffer] ?? "")", "name: \(buffer)\n    size: \(size)B", in: text)
      return text.replacing("word-width: 8B", with: "word-width: 1B").replacing(
        "word-width: 32B", with: "word-width: 1B")
    }
    #expect(mistakes(text(bytes)) == "")
    #expect(mistakes(text(bytes - 1)).contains("can't hold one tile of engine 'array'; expected at least \(bytes)B"))
  }

  @Test func rolesOfOneBufferAddUp() {
    // Inputs 8 B, weights 64 B twice, results 32 B.
    let shared = smallYAML.replacing(": weights\n    outputs: sums", with: ": inputs\n    outputs: inputs")
      .replacing("word-width: 8B", with: "word-width: 1B")
    #expect(mistakes(shared.replacing("size: 4KiB\n    word-width: 1B", with: "size: 168B\n    word-width: 1B")) == "")
    #expect(
      mistakes(shared.replacing("size: 4KiB\n    word-width: 1B", with: "size: 167B\n    word-width: 1B"))
        == """
        a.yaml:14:11: error: buffer 'inputs' of 167B can't hold one tile of engine 'array'; expected at least 168B: \
        8B of inputs + 128B of weights (two tiles, ping-pong) + 32B of outputs
        """)
    // One slot needs one tile.
    let single = shared.replacing(
      "size: 4KiB\n    word-width: 1B", with: "size: 104B\n    ping-pong: false\n    word-width: 1B")
    #expect(mistakes(single) == "")
  }
}
