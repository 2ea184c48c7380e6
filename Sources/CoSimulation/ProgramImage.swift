import Hardware
import Schedule

/// A schedule and its memory as a sequence of 64-bit little-endian words: what crosses the C header of `SystemCBridge`.
///
/// ```swift
/// let image = ProgramImage(schedule, memory: memory)
/// let model = try SystemCModel(image, level: .registers)
/// ```
///
/// The form is that of docs/cosimulation.md, "Program image"; fields stand in the order in which they are written here.
public struct ProgramImage: Sendable, Hashable {
  /// First word: the text "VSIMIMG1".
  static let magic = 0x3147_4D49_4D49_5356
  static let version = 1

  /// A whole number of words.
  public let bytes: [UInt8]

  /// - Parameters:
  ///   - schedule: Any schedule; the decoder refuses what isn't sound.
  ///   - memory: What DRAM and preloaded buffers hold at the start. Without it all is zeros and the vector unit computes nothing:
  ///     arithmetic is left out.
  public init(_ schedule: Schedule, memory: MemoryImage? = nil) {
    var writer = WordWriter()
    writer.word(Self.magic)
    writer.word(Self.version)
    writer.word(0)
    writer.accelerator(schedule.accelerator)
    writer.list(schedule.tensors) { writer, tensor in
      writer.keyword(tensor.kind)
      writer.word(tensor.address)
      writer.word(tensor.bytes)
    }
    writer.list(schedule.preloads) { $0.region($1) }
    for engine in schedule.accelerator.engines.indices { writer.word(schedule.loadedTiles(of: engine)) }
    writer.list(memory == nil ? [] : schedule.arithmetic) { $0.arithmetic($1) }
    writer.list(schedule.instructions) { $0.instruction($1, withArithmetic: memory != nil) }
    for index in schedule.tensors.indices { writer.contents(memory?.tensors, index) }
    for index in schedule.preloads.indices { writer.contents(memory?.preloads, index) }
    writer.setWord(2, writer.bytes.count / 8)
    bytes = writer.bytes
  }
}

/// Words one after the other.
struct WordWriter {
  private(set) var bytes: [UInt8] = []

  mutating func word(_ value: Int) {
    withUnsafeBytes(of: Int64(value).littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func setWord(_ index: Int, _ value: Int) {
    withUnsafeBytes(of: Int64(value).littleEndian) { bytes.replaceSubrange(8 * index..<8 * index + 8, with: $0) }
  }

  mutating func flag(_ value: Bool) { word(value ? 1 : 0) }

  /// A keyword's place among those of its kind, in the order of docs/hardware.md.
  mutating func keyword<T: CaseIterable & Equatable>(_ value: T) {
    var place = 0
    for other in T.allCases {
      if other == value { break }
      place += 1
    }
    word(place)
  }

  /// A float64; a float32 is written as the float64 of the same value.
  mutating func real(_ value: Double) { word(Int(truncatingIfNeeded: value.bitPattern)) }
  mutating func real(_ value: Float) { real(Double(value)) }

  /// Bytes, padded with zeros to whole words.
  mutating func padded(_ data: some Collection<UInt8>) {
    bytes.append(contentsOf: data)
    bytes.append(contentsOf: repeatElement(0, count: (8 - bytes.count % 8) % 8))
  }

  mutating func name(_ text: String) {
    word(text.utf8.count)
    padded(text.utf8)
  }

  /// A count and the elements.
  mutating func list<T>(_ elements: [T], _ write: (inout WordWriter, T) -> Void) {
    word(elements.count)
    for element in elements { write(&self, element) }
  }

  /// A flag, and what is there.
  mutating func optional<T>(_ value: T?, _ write: (inout WordWriter, T) -> Void) {
    flag(value != nil)
    if let value { write(&self, value) }
  }

  fileprivate mutating func contents(_ memories: [[UInt8]?]?, _ index: Int) {
    let contents = memories.flatMap { $0.indices.contains(index) ? $0[index] : nil }
    optional(contents) { $0.padded($1) }
  }
}
