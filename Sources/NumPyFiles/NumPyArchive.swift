/// The arrays of an `.npz` file, by name.
///
/// ```swift
/// let reference = try NumPyArchive(reading: "reference.npz")
/// reference["logits"]?.floats
/// ```
public struct NumPyArchive: Sendable, Hashable {
  /// Names without `.npy`, in the order of the file.
  public private(set) var names: [String] = []
  private var arrays: [String: NumPyArray] = [:]

  public init() {}

  /// Nil where there is no array of that name. A new one is put behind the others.
  public subscript(name: String) -> NumPyArray? {
    get { arrays[name] }
    set {
      if arrays[name] == nil, newValue != nil { names.append(name) }
      if newValue == nil { names.removeAll { $0 == name } }
      arrays[name] = newValue
    }
  }

  /// Reads every array of an `.npz` file, stored or deflated. Members that aren't `.npy` files are passed over.
  ///
  /// Memory is in proportion to the file's size (a thousand times it at most, the best that deflate can do), and bounded.
  /// - Parameter limit: bytes of all arrays together.
  /// - Throws: `NumPyError` with the file, the array, what is wrong with it and what to do.
  public init(reading path: String, limit: Int = 1 << 32) throws(NumPyError) {
    let directory: ZipDirectory
    do throws(Problem) {
      let file = try InputFile(path)
      guard file.size <= limit else { throw Self.tooLarge(limit) }
      directory = try ZipDirectory(try file.read(file.size))
    } catch {
      throw error.of(path)
    }
    var room = limit
    for member in directory.members where member.name.hasSuffix(".npy") {
      let name = String(member.name.dropLast(4))
      do throws(Problem) {
        guard arrays[name] == nil else { throw Problem("is there twice") }
        guard member.size <= room else { throw Self.tooLarge(limit) }
        room -= member.size
        self[name] = try NumPyArray(parsing: try directory.contents(member)[...])
      } catch {
        throw error.of(path, array: name)
      }
    }
  }

  private static func tooLarge(_ limit: Int) -> Problem {
    Problem("makes more than \(limit) bytes of arrays", "write its arrays to several files")
  }

  /// Writes an `.npz` file, the same bytes as `numpy.savez` (not compressed, no times); whole or not at all.
  ///
  /// - Throws: `NumPyError` with the file, the array, what is wrong and what to do.
  public func write(to path: String) throws(NumPyError) {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for name in names {
      guard let array = arrays[name] else { continue }
      do throws(Problem) {
        let bytes = try array.fileBytes()
        let member = Array("\(name).npy".utf8)
        let header = file.count
        guard header + bytes.count + directory.count < 0xFFFF_0000, names.count < 0xFFFF, member.count < 0xFFFF else {
          throw Problem("doesn't fit an archive of 4 GiB and 65,534 arrays", "write several archives")
        }
        let entry = ZipEntry(name: member, checksum: CRC32.checksum(bytes), size: bytes.count, header: header)
        file += entry.localHeader + bytes
        directory += entry.directoryHeader
      } catch {
        throw error.of(path, array: name)
      }
    }
    let start = file.count
    file += directory + ZipEntry.end(count: names.count, directory: start..<start + directory.count)
    do throws(Problem) {
      try OutputFile.write(file, to: path)
    } catch {
      throw error.of(path)
    }
  }
}

/// What an archive says about one stored member, as Python's zipfile writes it for NumPy: sizes of 64 bits in front of the
/// data, 1980 for the time.
private struct ZipEntry {
  var name: [UInt8]
  var checksum: UInt32
  var size: Int
  var header: Int

  /// Names that aren't ASCII are marked as UTF-8.
  private var flags: Int { name.allSatisfy { $0 < 128 } ? 0 : 0x800 }

  var localHeader: [UInt8] {
    Self.fields([
      (0x0403_4B50, 4), (45, 2), (flags, 2), (0, 2), (0, 2), (33, 2), (Int(checksum), 4), (0xFFFF_FFFF, 4),
      (0xFFFF_FFFF, 4), (name.count, 2), (20, 2),
    ]) + name + Self.fields([(1, 2), (16, 2), (size, 8), (size, 8)])
  }

  var directoryHeader: [UInt8] {
    Self.fields([
      (0x0201_4B50, 4), (45 | 3 << 8, 2), (45, 2), (flags, 2), (0, 2), (0, 2), (33, 2), (Int(checksum), 4), (size, 4),
      (size, 4), (name.count, 2), (0, 2), (0, 2), (0, 2), (0, 2), (0o600 << 16, 4), (header, 4),
    ]) + name
  }

  static func end(count: Int, directory: Range<Int>) -> [UInt8] {
    fields([
      (0x0605_4B50, 4), (0, 2), (0, 2), (count, 2), (count, 2), (directory.count, 4), (directory.lowerBound, 4), (0, 2),
    ])
  }

  private static func fields(_ fields: [(value: Int, bytes: Int)]) -> [UInt8] {
    fields.flatMap { field in (0..<field.bytes).map { UInt8(truncatingIfNeeded: field.value >> (8 * $0)) } }
  }
}
