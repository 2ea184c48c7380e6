extension NumPyArray {
  /// Reads an `.npy` file: booleans, integers, and floats of 2, 4 and 8 bytes, of either byte order and either order of
  /// elements.
  ///
  /// Memory is in proportion to the file's size, whatever its header says.
  /// - Throws: `NumPyError` with the file, what is wrong with it and what to do.
  public init(reading path: String) throws(NumPyError) {
    do {
      let file = try InputFile(path)
      var bytes = try file.read(NumPyHeader.limit)
      let header = try NumPyHeader(parsing: bytes[...])
      try Self.check(header, fileSize: file.size)
      bytes += try file.read(file.size - bytes.count)
      self = try Self(header, bytes[...])
    } catch {
      throw error.of(path)
    }
  }

  /// The array that the bytes of an `.npy` file hold.
  init(parsing bytes: ArraySlice<UInt8>) throws(Problem) {
    let header = try NumPyHeader(parsing: bytes.prefix(NumPyHeader.limit))
    try Self.check(header, fileSize: bytes.count)
    self = try Self(header, bytes)
  }

  private static func check(_ header: NumPyHeader, fileSize: Int) throws(Problem) {
    if fileSize - header.size == header.dataSize { return }
    throw Problem(
      "has \(fileSize - header.size) bytes of elements, but the shape \(header.shape) of '\(header.type.rawValue)' "
        + "needs \(header.dataSize)", "it may have been cut off: write it again")
  }

  private init(_ header: NumPyHeader, _ bytes: ArraySlice<UInt8>) throws(Problem) {
    let data = bytes.dropFirst(header.size)
    guard data.count == header.dataSize else { throw Problem("changed while it was read", "try again") }
    let ordered = header.isFortranOrder ? Self.inCOrder(data, header.shape, header.type.size)[...] : data
    self.init(shape: header.shape, elements: header.type.elements(of: ordered, bigEndian: header.isBigEndian))
  }

  /// Elements whose first index runs fastest, put in the order in which the last one does.
  private static func inCOrder(_ bytes: ArraySlice<UInt8>, _ shape: [Int], _ size: Int) -> [UInt8] {
    var strides: [Int] = []
    var stride = size
    for dimension in shape {
      strides.append(stride)
      stride *= max(1, dimension)
    }
    var ordered: [UInt8] = []
    ordered.reserveCapacity(bytes.count)
    var index = Array(repeating: 0, count: shape.count)
    var offset = bytes.startIndex
    while ordered.count < bytes.count {
      ordered += bytes[offset..<offset + size]
      // The next index: the last one first, as an odometer.
      for axis in shape.indices.reversed() {
        index[axis] += 1
        offset += strides[axis]
        if index[axis] < shape[axis] { break }
        offset -= strides[axis] * shape[axis]
        index[axis] = 0
      }
    }
    return ordered
  }

  /// Writes an `.npy` file, the same bytes as `numpy.save`; whole or not at all.
  ///
  /// - Throws: `NumPyError` with the file, what is wrong and what to do.
  public func write(to path: String) throws(NumPyError) {
    do {
      try OutputFile.write(try fileBytes(), to: path)
    } catch {
      throw error.of(path)
    }
  }

  func fileBytes() throws(Problem) -> [UInt8] {
    let count = shape.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    guard shape.allSatisfy({ $0 >= 0 }), shape.count <= 64, count == elements.count else {
      throw Problem("can't be written: \(elements.count) elements for the shape \(shape)", "give it the right shape")
    }
    return NumPyHeader(type: ElementType(elements), shape: shape).bytes + elements.bytes
  }
}
