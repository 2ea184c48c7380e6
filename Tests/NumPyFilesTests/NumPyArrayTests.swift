import Foundation
import TestSupport
import Testing

@testable import NumPyFiles

/// `.npy` files against NumPy's own.
struct NumPyArrayTests {
  private static let whole: [Int] = [-2, -1, 0, 1, 2, 3]
  private static let types: [(String, NumPyElements)] = [
    ("b1", .bool([false, true, false, true, false, true])), ("i1", .int8(whole.map { Int8($0) })),
    ("u1", .uint8([0, 1, 2, 3, 4, 5])), ("i2", .int16(whole.map { Int16($0) })), ("u2", .uint16([0, 1, 2, 3, 4, 5])),
    ("i4", .int32(whole.map { Int32($0) })), ("u4", .uint32([0, 1, 2, 3, 4, 5])),
    ("i8", .int64(whole.map { Int64($0) })), ("u8", .uint64([0, 1, 2, 3, 4, 5])),
    ("f2", .float32(whole.map { Float($0) / 2 })), ("f4", .float32(whole.map { Float($0) / 2 })),
    ("f8", .float64(whole.map { Double($0) / 2 })),
  ]

  @Test(arguments: types)
  func type(name: String, elements: NumPyElements) throws {
    let array = NumPyArray(shape: [2, 3], elements: elements)
    #expect(try NumPyArray(reading: Fixture.path("\(name).npy")) == array)
    if !name.hasSuffix("1") { #expect(try NumPyArray(reading: Fixture.path("\(name).big.npy")) == array) }
    if name != "f2" { #expect(try array.fileBytes() == Fixture.bytes("\(name).npy")) }
    let signed = Self.whole.map { $0 + (name.hasPrefix("u") ? 2 : 0) }
    switch name.first {
    case "b": #expect(array.integers == [0, 1, 0, 1, 0, 1] && array.floats == [0, 1, 0, 1, 0, 1])
    case "f": #expect(array.integers == nil && array.floats == Self.whole.map { Float($0) / 2 })
    default: #expect(array.integers == signed && array.floats == signed.map(Float.init))
    }
  }

  @Test func extremes() throws {
    let limits = try NumPyArray(reading: Fixture.path("limits.npy"))
    #expect(limits == NumPyArray(shape: [2], elements: .int64([.min, .max])))
    #expect(limits.integers == [.min, .max])
    #expect(limits.floats == [-0x1p63, 0x1p63])
    #expect(NumPyArray(shape: [1], elements: .uint64([.max])).integers == nil)
    #expect(NumPyArray(shape: [1], elements: .float64([.nan])).integers == nil)
    #expect(NumPyArray(shape: [2], elements: .float64([3, -0x1p53])).integers == [3, -1 << 53])
    let halves = try NumPyArray(reading: Fixture.path("halves.npy")).floats
    #expect(
      halves.map(\.bitPattern) == [65504, 0x1p-24, -0.0, .infinity, -.infinity, 0.33325195].map(\Float.bitPattern))
  }

  /// Fortran's order is turned into C's: the numbers that NumPy counts up are counted up here.
  @Test func orders() throws {
    let cube = try NumPyArray(reading: Fixture.path("fortran.npy"))
    #expect(cube == NumPyArray(shape: [2, 3, 4], elements: .int16((0..<24).map { $0 })))
    let matrix = try NumPyArray(reading: Fixture.path("fortran.big.npy"))
    #expect(matrix == NumPyArray(shape: [3, 2], elements: .float32([0, 1, 2, 3, 4, 5])))
  }

  @Test func shapes() throws {
    let arrays = [
      "scalar": NumPyArray(shape: [], elements: .int32([7])),
      "vector": NumPyArray(shape: [5], elements: .uint8([0, 1, 2, 3, 4])),
      "empty": NumPyArray(shape: [0, 3], elements: .float32([])),
      "version1": NumPyArray(shape: [4], elements: .int32([0, 1, 2, 3])),
    ]
    for (name, array) in arrays {
      #expect(try NumPyArray(reading: Fixture.path("\(name).npy")) == array)
      #expect(try array.fileBytes() == Fixture.bytes("\(name).npy"))
    }
    for version in 2...3 {
      #expect(try NumPyArray(reading: Fixture.path("version\(version).npy")) == arrays["version1"])
    }
  }

  @Test func writing() throws {
    try withDirectory { directory in
      let path = "\(directory)/x.npy"
      let array = NumPyArray(shape: [2, 2], elements: .int32([1, -2, .max, .min]))
      try NumPyArray(shape: [1], elements: .uint8([0])).write(to: path)
      try array.write(to: path)
      #expect(try NumPyArray(reading: path) == array)
      // Nothing is left of the file it was written to first, and a file that can't be written stays what it was.
      #expect(throws: NumPyError.self) { try NumPyArray(shape: [3], elements: .uint8([0])).write(to: path) }
      #expect(throws: NumPyError.self) { try array.write(to: "\(directory)/none/x.npy") }
      #expect(throws: NumPyError.self) { try array.write(to: directory) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["x.npy"])
      #expect(try NumPyArray(reading: path) == array)
    }
  }

  /// A pipe (or a device, such as /dev/null) is written to, and no file takes its place.
  @Test func pipe() throws {
    try withDirectory { directory in
      let path = "\(directory)/pipe"
      try #require(mkfifo(path, 0o600) == 0)
      let reader = open(path, O_RDONLY | O_NONBLOCK)
      defer { close(reader) }
      let array = NumPyArray(shape: [3], elements: .uint8([1, 2, 3]))
      try array.write(to: path)
      var bytes = [UInt8](repeating: 0, count: 1000)
      let count = read(reader, &bytes, bytes.count)
      #expect(Array(bytes.prefix(max(0, count))) == (try array.fileBytes()))
      var status = stat()
      #expect(stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["pipe"])
    }
  }

  // MARK: Bad files

  @Test func notThere() throws {
    for path in ["/none/x.npy", "/dev/null", "/"] {
      let error = #expect(throws: NumPyError.self) { try NumPyArray(reading: path) }
      #expect(error?.file == path)
      #expect(throws: NumPyError.self) { try NumPyArchive(reading: path) }
    }
  }

  @Test(arguments: [
    ("complex", "the type '<c8'; convert it"), ("text", "the type '<U1'"),
    ("fields", "several fields; write one array"),
  ])
  func unknownTypes(name: String, message: String) throws {
    #expect(try refusal(of: Fixture.bytes("\(name).npy"), as: "x.npy")?.contains(message) == true)
  }

  /// A header that asks for more than is there, and whatever else a header may say.
  @Test(arguments: [
    ("(2, 3)", "(2, 4)", "24 bytes of elements, but the shape [2, 4] of 'f4' needs 32"),
    ("(2, 3)", "(2, 2)", "needs 16"),
    ("(2, 3)", "(9223372036854775807, 3)", "an impossible shape"),
    ("(2, 3)", "(0, 9223372036854775807, 9223372036854775807)", "an impossible shape"),
    ("(2, 3)", "(99999999999999999999,)", "can't be understood"), ("(2, 3)", "(-2, 3)", "can't be understood"),
    ("(2, 3)", "(2, 3", "can't be understood"), ("(2, 3)", "6", "can't be understood"),
    ("(2, 3)", "(" + String(repeating: "1,", count: 65) + "2,3)", "an impossible shape"),
    ("False", "Maybe", "can't be understood"), ("'<f4'", "'xf4'", "the type 'xf4'"), ("'<f4'", "''", "the type ''"),
    ("'<f4'", "'<f4", "can't be understood"), ("descr", "order", "without the fields"),
    ("'descr'", "'shape'", "can't be understood"), ("}", "", "can't be understood"),
    ("}", "} 1", "can't be understood"), ("NUMPY", "NUMPI", "isn't an .npy file"),
  ])
  func headers(old: String, new: String, message: String) throws {
    let bytes = try Fixture.bytes("f4.npy")
    let text = String(decoding: bytes[10..<128], as: UTF8.self)
    var header: [UInt8]
    if old == "NUMPY" {
      header = [0x93] + Array("\(new)".utf8) + bytes[6..<128]
    } else {
      let changed = Array(text.replacing(old, with: new).utf8)
      header = bytes[..<8] + [UInt8(changed.count & 255), UInt8(changed.count >> 8)] + changed
    }
    header += bytes[128...]
    let found = try refusal(of: header, as: "x.npy")
    #expect(found?.contains(message) == true, "\(found ?? "read")")
  }

  /// The same headers, written in other ways that Python reads too.
  @Test func freeHeaders() throws {
    let bytes = try Fixture.bytes("f4.npy")
    for header in [
      "{'descr':'<f4','fortran_order':False,'shape':(2,3)}",
      "{\"shape\": (2L, 3L,), \"descr\": \"=f4\", \"fortran_order\": False}\n",
    ] {
      let changed = bytes[..<8] + [UInt8(header.utf8.count), 0] + Array(header.utf8) + bytes[128...]
      #expect(try NumPyArray(parsing: changed[...]) == NumPyArray(parsing: bytes[...]))
    }
  }

  @Test func truncations() throws {
    for name in ["f4", "fortran", "version3", "scalar"] {
      let bytes = try Fixture.bytes("\(name).npy")
      for length in bytes.indices { #expect(throws: Problem.self) { try NumPyArray(parsing: bytes[..<length]) } }
      #expect(throws: Problem.self) { try NumPyArray(parsing: bytes[...] + [0]) }
    }
    #expect(try refusal(of: [], as: "x.npy")?.contains("isn't an .npy file") == true)
  }

  /// Whatever bytes are exchanged: an array, or an error.
  @Test func mutations() throws {
    var random = SplitMix64(seed: 1)
    for name in ["f4", "fortran", "version2", "fields"] {
      let bytes = try Fixture.bytes("\(name).npy")
      for _ in 0..<3000 {
        var changed = bytes
        for _ in 0..<random.int(1...3) {
          changed[random.int(0...bytes.count - 1)] = random.pick(
            Array("0123456789(),'{}<>iuf ".utf8) + [UInt8(truncatingIfNeeded: random.next())])
        }
        guard let array = try? NumPyArray(parsing: changed[...]) else { continue }
        #expect(array.elements.count == array.shape.reduce(1, *))
      }
    }
  }
}
