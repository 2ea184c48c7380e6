import Foundation
import TestSupport
import Testing

@testable import NumPyFiles

/// `.npz` files against NumPy's own.
struct NumPyArchiveTests {
  private static let arrays: [(String, NumPyArray)] = [
    ("b", NumPyArray(shape: [2, 3], elements: .float32([0, 1, 2, 3, 4, 5]))),
    ("a", NumPyArray(shape: [3], elements: .int8([0, 1, 2]))),
    ("größe", NumPyArray(shape: [], elements: .int64([5]))),
  ]

  private static var archive: NumPyArchive {
    var archive = NumPyArchive()
    for (name, array) in arrays { archive[name] = array }
    return archive
  }

  @Test(arguments: ["stored.npz", "large-form.npz"])
  func stored(name: String) throws {
    let archive = try NumPyArchive(reading: Fixture.path(name))
    #expect(archive == Self.archive)
    #expect(archive.names == ["b", "a", "größe"])
    #expect(archive["c"] == nil)
  }

  /// The numbers of `sequence` in make.py.
  private func sequence(_ count: Int) -> [UInt8] {
    var state = 1
    var numbers: [UInt8] = []
    for _ in 0..<count {
      state = (state * 1_103_515_245 + 12345) % (1 << 31)
      numbers.append(
        state % 3 == 0 && numbers.count >= 40 ? numbers[numbers.count - 40] : UInt8((state >> 16) % 251))
    }
    return numbers
  }

  @Test func compressed() throws {
    let archive = try NumPyArchive(reading: Fixture.path("compressed.npz"))
    #expect(archive.names == ["mixed", "zeros", "small", "noise"])
    #expect(archive["mixed"]?.elements == .uint8(sequence(20000)))
    #expect(archive["zeros"]?.elements == .int8(Array(repeating: 0, count: 100_000)))
    #expect(archive["small"]?.elements == .int8([0, 1, 2]))
    #expect(try archive["noise"] == NumPyArray(reading: Fixture.path("noise.npy")))
  }

  @Test func writing() throws {
    try withDirectory { directory in
      let path = "\(directory)/x.npz"
      try Self.archive.write(to: path)
      #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) == Fixture.bytes("stored.npz"))
      try NumPyArchive().write(to: path)
      #expect(try NumPyArchive(reading: path).names.isEmpty)
      var wrong = NumPyArchive()
      wrong["x"] = NumPyArray(shape: [2], elements: .bool([]))
      let error = #expect(throws: NumPyError.self) { try wrong.write(to: path) }
      #expect(error?.array == "x")
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["x.npz"])
    }
  }

  @Test func editing() {
    var archive = Self.archive
    archive["a"] = nil
    archive["none"] = nil
    archive["b"] = archive["größe"]
    archive["c"] = archive["größe"]
    #expect(archive.names == ["b", "größe", "c"])
    #expect(archive["b"]?.shape == [])
  }

  @Test func checksum() {
    #expect(CRC32.checksum(Array("123456789".utf8)) == 0xCBF4_3926)  // The check value of the standard.
    #expect(CRC32.checksum([]) == 0)
  }

  // MARK: Bad files

  /// `old` exchanged for `new` at its n-th place.
  private func change(_ name: String, _ place: (Int, [UInt8])...) throws -> [UInt8] {
    var bytes = try Fixture.bytes(name)
    for (at, new) in place { bytes.replaceSubrange(at..<at + new.count, with: new) }
    return bytes
  }

  /// Positions in `bytes` where `signature` begins.
  private func positions(_ signature: [UInt8], _ bytes: [UInt8]) -> [Int] {
    bytes.indices.filter { bytes[$0...].starts(with: signature) }
  }

  private static let directory: [UInt8] = [0x50, 0x4B, 1, 2]
  private static let end: [UInt8] = [0x50, 0x4B, 5, 6]

  @Test func archivesBeyondFourGigabytes() throws {
    let bytes = try Fixture.bytes("large-form.npz")
    let end = try #require(positions(Self.end, bytes).first)
    let large = try change("large-form.npz", (end + 8, Array(repeating: 0xFF, count: 12)))
    #expect(try refusal(of: large, as: "x.npz") == nil)
    // The number of members, in the record before it.
    let record = try #require(positions([0x50, 0x4B, 6, 6], bytes).first)
    for count: [UInt8] in [[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [5], Array(repeating: 0xFF, count: 8)] {
      var changed = large
      changed.replaceSubrange(record + 32..<record + 32 + count.count, with: count)
      #expect(try refusal(of: changed, as: "x.npz")?.contains("isn't a complete zip archive") == true)
    }
  }

  @Test func damage() throws {
    let stored = try Fixture.bytes("stored.npz")
    let compressed = try Fixture.bytes("compressed.npz")
    let members = positions(Self.directory, stored)
    let deflated = positions(Self.directory, compressed)
    func expect(_ bytes: [UInt8], _ message: String, _ location: SourceLocation = #_sourceLocation) throws {
      let found = try refusal(of: bytes, as: "x.npz")
      #expect(found?.contains(message) == true, "\(found ?? "read")", sourceLocation: location)
    }
    try expect(change("stored.npz", (200, [9])), "array 'b': is damaged: its checksum is wrong; write")
    try expect(change("stored.npz", (members[0] + 8, [1])), "an encrypted member, 'b.npy'")
    try expect(change("stored.npz", (members[0] + 10, [12])), "compressed by method 12")
    try expect(change("stored.npz", (members[1] + 46, [0x62])), "array 'b': is there twice")
    try expect(change("stored.npz", (members[0] + 42, [0xFF, 0xFF, 0xFF, 0x0F])), "array 'b': is damaged or cut off")
    // Sizes that lie: refused before anything is allocated.
    try expect(change("stored.npz", (members[0] + 24, [0xFF, 0xFF, 0xFF, 0x7F])), "array 'b': is damaged")
    try expect(
      change("compressed.npz", (deflated[0] + 24, [0xFF, 0xFF, 0xFF, 0x7F])), "hold 2147483647, which is impossible")
    try expect(
      change("compressed.npz", (deflated[1] + 24, [0, 0, 1, 0])), "more than the 65536 bytes that it declares")
    try expect(change("compressed.npz", (deflated[1] + 24, [0, 0, 2, 0])), "bytes instead of 131072")
    try expect(change("compressed.npz", (deflated[2] + 10, [0])), "array 'small': is damaged or cut off")
  }

  /// A thousand entries for the same bytes would multiply what they stand for.
  @Test func overlaps() throws {
    let bytes = try Fixture.bytes("compressed.npz")
    let members = positions(Self.directory, bytes) + positions(Self.end, bytes)
    let first = bytes[members[0]..<members[1]]
    var bomb = Array(bytes[..<members[0]])
    for _ in 0..<1000 { bomb += first }
    let size = UInt32(bomb.count - members[0])
    bomb += bytes[members[4]...]
    let end = bomb.count - 22
    bomb.replaceSubrange(end + 10..<end + 12, with: [0xE8, 3])
    bomb.replaceSubrange(end + 12..<end + 16, with: (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) })
    #expect(try refusal(of: bomb, as: "x.npz")?.contains("members that overlap") == true)
  }

  @Test func limit() throws {
    let path = try Fixture.path("compressed.npz")
    #expect(try NumPyArchive(reading: path, limit: 200_000).names.count == 4)
    let error = #expect(throws: NumPyError.self) { try NumPyArchive(reading: path, limit: 100_000) }
    #expect(error?.array == "zeros")
    #expect(throws: NumPyError.self) { try NumPyArchive(reading: path, limit: 1000) }
  }

  private func read(_ bytes: [UInt8]) throws -> Int {
    let directory = try ZipDirectory(bytes)
    return try directory.members.reduce(0) { $0 + (try directory.contents($1).count) }
  }

  @Test func truncations() throws {
    let bytes = try Fixture.bytes("stored.npz")
    for length in bytes.indices { #expect(throws: Problem.self) { try read(Array(bytes[..<length])) } }
  }

  /// Whatever bytes are exchanged, of headers or data: the same contents, or an error. The checksum sees the rest.
  @Test func mutations() throws {
    var random = SplitMix64(seed: 3)
    for (name, rounds) in [("stored.npz", 2000), ("large-form.npz", 2000)] {
      let bytes = try Fixture.bytes(name)
      for _ in 0..<rounds {
        var changed = bytes
        for _ in 0..<random.int(1...2) {
          changed[random.int(0...bytes.count - 1)] = random.pick([0, 0xFF, UInt8(truncatingIfNeeded: random.next())])
        }
        _ = try? read(changed)
      }
    }
  }

  /// Data of deflate itself, cut or changed at any place: never more than the size, and no crash.
  @Test func damagedData() throws {
    let directory = try ZipDirectory(Fixture.bytes("compressed.npz"))
    var random = SplitMix64(seed: 4)
    let (mixed, small) = (try data(directory.members[0]), try data(directory.members[2]))
    for length in small.indices { #expect(throws: Problem.self) { try Inflate.inflate(small[..<length], size: 131) } }
    for _ in 0..<300 {
      var changed = Array(mixed.prefix(1500))
      changed[random.int(0...200)] = UInt8(truncatingIfNeeded: random.next())
      #expect(throws: Problem.self) { try Inflate.inflate(changed[...], size: 20128) }
      var noise = (0..<100).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      noise[0] = noise[0] & 0xF8 | UInt8(random.int(0...7))
      _ = try? Inflate.inflate(noise[...], size: random.int(0...1000))
    }
  }

  private func data(_ member: ZipDirectory.Member) throws -> [UInt8] {
    let bytes = try Fixture.bytes("compressed.npz")
    let header = try #require(positions(Array("\(member.name)".utf8), bytes).first)
    // Name, then 20 bytes of sizes.
    let start = header + member.name.utf8.count + 20
    return Array(bytes[start..<start + member.compressed])
  }

  @Test(
    arguments: [
      ([], "ends too early"), ([0x07], "a block of an unknown kind"), ([0x01, 0, 0, 1, 0], "two different lengths"),
      ([0x01, 5, 0, 0xFA, 0xFF, 1], "ends too early"), ([0x03, 0], "0 bytes instead of 8"),
      ([0x05, 0, 0, 0, 0, 0, 0, 0], "too few"),
      // Fixed codes: a copy from before the beginning.
      ([0x03, 0x02], "from before the beginning"),
    ] as [([UInt8], String)])
  func blocks(bytes: [UInt8], message: String) {
    let error = #expect(throws: Problem.self) { try Inflate.inflate(bytes[...], size: bytes.isEmpty ? 0 : 8) }
    #expect(error?.what.contains(message) == true, "\(String(describing: error))")
  }
}
