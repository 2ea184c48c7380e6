/// Decompression of deflate (RFC 1951), as `numpy.savez_compressed` writes.
///
/// It is written here because a fresh machine has no header of zlib, and a library that isn't there can't be linked. The
/// format is small: blocks that are stored or coded with one or two Huffman codes, and copies of what came before.
struct Inflate {
  private let input: ArraySlice<UInt8>
  private var at: Int
  /// Bits read ahead, the next one lowest.
  private var bits: UInt64 = 0
  private var bitCount = 0
  private var output: [UInt8]
  private var filled = 0

  /// Deflate can't do better: a copy of 258 bytes takes two bits at least.
  static let highestRatio = 1032

  /// What `bytes` stand for, which must be exactly `size` bytes.
  ///
  /// No more is ever allocated, and no more than the best ratio allows: a few bytes can't ask for gigabytes.
  static func inflate(_ bytes: ArraySlice<UInt8>, size: Int) throws(Problem) -> [UInt8] {
    guard size >= 0, size / highestRatio <= bytes.count else {
      throw Problem("says that \(bytes.count) compressed bytes hold \(size), which is impossible")
    }
    var inflate = Inflate(bytes, size: size)
    try inflate.run()
    return inflate.output
  }

  private init(_ bytes: ArraySlice<UInt8>, size: Int) {
    input = bytes
    at = bytes.startIndex
    output = Array(repeating: 0, count: size)
  }

  private mutating func run() throws(Problem) {
    var isLast = false
    while !isLast {
      isLast = try take(1) == 1
      switch try take(2) {
      case 0: try stored()
      case 1: try coded(.fixedLiterals, .fixedDistances)
      case 2:
        let (literals, distances) = try codes()
        try coded(literals, distances)
      default: throw Self.damaged("a block of an unknown kind")
      }
    }
    if filled < output.count { throw Self.damaged("\(filled) bytes instead of \(output.count)") }
  }

  // MARK: Blocks

  private mutating func stored() throws(Problem) {
    drop(bitCount % 8)
    let count = try take(16)
    if try take(16) != count ^ 0xFFFF { throw Self.damaged("a stored block of two different lengths") }
    // Whole bytes that were read ahead go back.
    at -= bitCount / 8
    (bits, bitCount) = (0, 0)
    guard count <= input.endIndex - at else { throw Self.truncated }
    try check(room: count)
    output.replaceSubrange(filled..<filled + count, with: input[at..<at + count])
    at += count
    filled += count
  }

  private mutating func coded(_ literals: HuffmanCode, _ distances: HuffmanCode) throws(Problem) {
    while true {
      let symbol = try next(literals)
      if symbol < 256 {
        try check(room: 1)
        output[filled] = UInt8(symbol)
        filled += 1
      } else if symbol == 256 {
        return
      } else {
        try copy(length: symbol, distances)
      }
    }
  }

  private mutating func copy(length symbol: Int, _ distances: HuffmanCode) throws(Problem) {
    guard symbol - 257 < Self.lengths.count else { throw Self.damaged("a length that doesn't exist") }
    let length = Self.lengths[symbol - 257].base + (try take(Self.lengths[symbol - 257].bits))
    let far = try next(distances)
    guard far < Self.distances.count else { throw Self.damaged("a distance that doesn't exist") }
    let distance = Self.distances[far].base + (try take(Self.distances[far].bits))
    guard distance <= filled else { throw Self.damaged("a copy from before the beginning") }
    try check(room: length)
    // Byte by byte: source and destination may overlap.
    for to in filled..<filled + length { output[to] = output[to - distance] }
    filled += length
  }

  /// The codes that a block begins with, themselves coded.
  private mutating func codes() throws(Problem) -> (literals: HuffmanCode, distances: HuffmanCode) {
    let literalCount = try take(5) + 257
    let distanceCount = try take(5) + 1
    let lengthCount = try take(4) + 4
    guard literalCount <= 286, distanceCount <= 30 else { throw Self.damaged("too many codes") }
    var lengths = [UInt8](repeating: 0, count: 19)
    for index in 0..<lengthCount { lengths[Self.lengthOrder[index]] = UInt8(try take(3)) }
    let code = try HuffmanCode(lengths[...], mustBeComplete: true)
    lengths.removeAll(keepingCapacity: true)
    while lengths.count < literalCount + distanceCount {
      let symbol = try next(code)
      var repeated: UInt8 = 0
      var count = 1
      switch symbol {
      case 0..<16: repeated = UInt8(symbol)
      case 16:
        guard let last = lengths.last else { throw Self.damaged("a repetition of nothing") }
        repeated = last
        count = 3 + (try take(2))
      case 17: count = 3 + (try take(3))
      default: count = 11 + (try take(7))
      }
      lengths += repeatElement(repeated, count: count)
    }
    guard lengths.count == literalCount + distanceCount else { throw Self.damaged("too many lengths of codes") }
    if lengths[256] == 0 { throw Self.damaged("a block without an end") }
    return (try HuffmanCode(lengths[..<literalCount]), try HuffmanCode(lengths[literalCount...]))
  }

  private func check(room count: Int) throws(Problem) {
    if count > output.count - filled { throw Self.damaged("more than the \(output.count) bytes that it declares") }
  }

  // MARK: Bits

  private mutating func refill() {
    while bitCount <= 56, at < input.endIndex {
      bits |= UInt64(input[at]) << UInt64(bitCount)
      bitCount += 8
      at += 1
    }
  }

  private mutating func drop(_ count: Int) {
    bits >>= UInt64(count)
    bitCount -= count
  }

  /// The next `count` ≤ 16 bits, the first one lowest.
  private mutating func take(_ count: Int) throws(Problem) -> Int {
    if bitCount < count { refill() }
    guard bitCount >= count else { throw Self.truncated }
    let value = Int(bits & (1 << UInt64(count) - 1))
    drop(count)
    return value
  }

  private mutating func next(_ code: HuffmanCode) throws(Problem) -> Int {
    if bitCount < HuffmanCode.longest { refill() }
    let entry = code.table[Int(bits & code.mask)]
    let length = Int(entry & 15)
    if length == 0 { throw Self.damaged("a code that doesn't exist") }
    guard bitCount >= length else { throw Self.truncated }
    drop(length)
    return Int(entry >> 4)
  }

  fileprivate static func damaged(_ what: String) -> Problem { Problem("is damaged: its compressed data has \(what)") }
  private static let truncated = Problem("is damaged: its compressed data ends too early")

  // MARK: Constants of the format

  private static let lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
  /// By symbol, from 257 on: the least length, and the number of bits that are added to it.
  private static let lengths: [(base: Int, bits: Int)] =
    steps(from: 3, [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5]) + [(258, 0)]
  private static let distances: [(base: Int, bits: Int)] =
    steps(from: 1, [0, 0, 0, 0] + (1...13).flatMap { [$0, $0] })

  private static func steps(from first: Int, _ bits: [Int]) -> [(base: Int, bits: Int)] {
    var base = first
    return bits.map { bits in
      defer { base += 1 << bits }
      return (base, bits)
    }
  }
}

/// A canonical Huffman code, as a table of what every pattern of bits begins with.
private struct HuffmanCode {
  static let longest = 15

  /// By the next bits, the first one lowest: symbol · 16 + length of its code; 0 where no code fits.
  private(set) var table: [UInt16]
  let mask: UInt64

  /// - Parameters:
  ///   - lengths: by symbol, the length of its code; 0 if it has none.
  ///   - mustBeComplete: else a single code of one bit may stand alone, and there may be none at all.
  init(_ lengths: ArraySlice<UInt8>, mustBeComplete: Bool = false) throws(Problem) {
    var counts = [Int](repeating: 0, count: Self.longest + 1)
    for length in lengths where length > 0 { counts[Int(length)] += 1 }
    let longest = counts.lastIndex { $0 > 0 } ?? 0
    mask = 1 << UInt64(longest) - 1
    table = Array(repeating: 0, count: 1 << longest)
    var codes = [Int](repeating: 0, count: Self.longest + 2)
    for length in 1...Self.longest {
      guard codes[length] + counts[length] <= 1 << length else { throw Inflate.damaged("codes that don't differ") }
      codes[length + 1] = (codes[length] + counts[length]) << 1
    }
    let isComplete = longest > 0 && codes[longest] + counts[longest] == 1 << longest
    guard isComplete || (!mustBeComplete && longest <= 1) else { throw Inflate.damaged("codes that are too few") }
    for (symbol, length) in lengths.enumerated() where length > 0 {
      let length = Int(length)
      let code = codes[length]
      codes[length] += 1
      // Codes come with their highest bit first.
      var pattern = (0..<length).reduce(0) { $0 << 1 | code >> $1 & 1 }
      while pattern < table.count {
        table[pattern] = UInt16(symbol << 4 | length)
        pattern += 1 << length
      }
    }
  }

  private init(complete lengths: [UInt8]) {
    self = (try? HuffmanCode(lengths[...])) ?? HuffmanCode()
  }

  private init() {
    table = [0]
    mask = 0
  }

  static let fixedLiterals = HuffmanCode(
    complete: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
  static let fixedDistances = HuffmanCode(complete: Array(repeating: 5, count: 32))
}
