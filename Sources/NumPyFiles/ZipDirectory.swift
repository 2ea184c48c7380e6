/// The members of a zip archive, as its central directory lists them (APPNOTE 6.3.9, the parts that NumPy uses).
struct ZipDirectory {
  struct Member {
    var name: String
    var isDeflated: Bool
    var checksum: UInt32
    /// Bytes in the archive, and bytes that they stand for.
    var compressed: Int
    var size: Int
    fileprivate var header: Int
  }

  private(set) var members: [Member] = []
  private let bytes: [UInt8]

  /// - Throws: where the directory is damaged, or members take more room than the archive has: members that share their
  ///   bytes could stand for any amount of data.
  init(_ bytes: [UInt8]) throws(Problem) {
    self.bytes = bytes
    var (count, at) = try Self.end(bytes)
    var room = bytes.count
    while count > 0 {
      guard at <= bytes.count - 46, Self.number(bytes, at, 4) == 0x0201_4B50 else { throw Self.damaged }
      let lengths = (name: Self.number(bytes, at + 28, 2), extra: Self.number(bytes, at + 30, 2))
      let next = at + 46 + lengths.name + lengths.extra + Self.number(bytes, at + 32, 2)
      guard next <= bytes.count else { throw Self.damaged }
      let member = try member(at, lengths.name, lengths.extra)
      guard member.compressed <= room else { throw Problem("has members that overlap") }
      room -= member.compressed
      members.append(member)
      at = next
      count -= 1
    }
  }

  /// The member's bytes in the archive.
  private func data(_ member: Member) throws(Problem) -> ArraySlice<UInt8> {
    let header = member.header
    guard header <= bytes.count - 30, Self.number(bytes, header, 4) == 0x0403_4B50 else { throw Self.damaged }
    let start = header + 30 + Self.number(bytes, header + 26, 2) + Self.number(bytes, header + 28, 2)
    guard start <= bytes.count, member.compressed <= bytes.count - start else { throw Self.damaged }
    return bytes[start..<start + member.compressed]
  }

  /// The member, decompressed and compared with its checksum.
  func contents(_ member: Member) throws(Problem) -> [UInt8] {
    let data = try data(member)
    guard member.isDeflated || data.count == member.size else { throw Self.damaged }
    let contents = member.isDeflated ? try Inflate.inflate(data, size: member.size) : Array(data)
    if CRC32.checksum(contents) != member.checksum { throw Problem("is damaged: its checksum is wrong") }
    return contents
  }

  // MARK: Reading

  private static let damaged = Problem("is damaged or cut off: it isn't a complete zip archive")

  /// `count` ≤ 8 little-endian bytes; negative and unfit for anything where they aren't there or don't fit.
  private static func number(_ bytes: [UInt8], _ at: Int, _ count: Int) -> Int {
    guard at >= 0, at <= bytes.count - count else { return -1 }
    return Int(truncatingIfNeeded: (0..<count).reduce(0) { $0 | UInt64(bytes[at + $1]) << (8 * UInt64($1)) })
  }

  /// Number of members and start of the directory, from the record at the end of the archive.
  private static func end(_ bytes: [UInt8]) throws(Problem) -> (count: Int, start: Int) {
    // A comment of up to 65,535 bytes may follow.
    let last = bytes.count - 22
    let record = stride(from: last, through: max(0, last - 0xFFFF), by: -1).first {
      number(bytes, $0, 4) == 0x0605_4B50 && $0 + 22 + number(bytes, $0 + 20, 2) == bytes.count
    }
    guard let record else { throw damaged }
    var (count, start) = (number(bytes, record + 10, 2), number(bytes, record + 16, 4))
    if count == 0xFFFF || start == 0xFFFF_FFFF {
      let large = number(bytes, record - 12, 8)
      guard number(bytes, record - 20, 4) == 0x0706_4B50, number(bytes, large, 4) == 0x0606_4B50 else { throw damaged }
      (count, start) = (number(bytes, large + 32, 8), number(bytes, large + 48, 8))
    }
    // Each member has 46 bytes there at least.
    guard 0...record ~= start, 0...(record - start) / 46 ~= count else { throw damaged }
    return (count, start)
  }

  private func member(_ at: Int, _ nameLength: Int, _ extraLength: Int) throws(Problem) -> Member {
    let name = String(decoding: bytes[(at + 46)..<(at + 46 + nameLength)], as: UTF8.self)
    let method = Self.number(bytes, at + 10, 2)
    guard Self.number(bytes, at + 8, 2) & 1 == 0 else { throw Problem("has an encrypted member, '\(name)'") }
    guard method == 0 || method == 8 else {
      throw Problem("has a member, '\(name)', compressed by method \(method); stored and deflated ones are read")
    }
    var member = Member(
      name: name, isDeflated: method == 8, checksum: UInt32(truncatingIfNeeded: Self.number(bytes, at + 16, 4)),
      compressed: Self.number(bytes, at + 20, 4), size: Self.number(bytes, at + 24, 4),
      header: Self.number(bytes, at + 42, 4))
    // Numbers that don't fit 32 bits stand in an extra field, in this order.
    var field = at + 46 + nameLength
    let end = field + extraLength
    while field <= end - 4, Self.number(bytes, field, 2) != 1 { field += 4 + Self.number(bytes, field + 2, 2) }
    field += 4
    for number in [\Member.size, \.compressed, \.header] where member[keyPath: number] == 0xFFFF_FFFF {
      guard field <= end - 8 else { throw Self.damaged }
      member[keyPath: number] = Self.number(bytes, field, 8)
      field += 8
    }
    guard member.size >= 0, member.compressed >= 0, member.header >= 0 else { throw Self.damaged }
    return member
  }
}
