import CArray

/// One array of an `ArrayLibrary`, clocked from here.
public final class RTLArray {
  public let shape: ArrayShape
  /// The groups that the array shows, in its order.
  public let groups: [ArrayGroup]
  /// All registers of these groups as they are after the last clock edge.
  public private(set) var registers: [Int32]
  /// Keeps the code loaded as long as the array lives.
  private let library: ArrayLibrary
  private let array: UnsafeMutableRawPointer

  /// Takes `array` over, which is destroyed with it.
  init(library: ArrayLibrary, array: UnsafeMutableRawPointer, shape: ArrayShape, groups: [ArrayGroup]) {
    (self.library, self.array, self.shape, self.groups) = (library, array, shape, groups)
    registers = Array(repeating: 0, count: groups.last?.range.upperBound ?? 0)
    library.functions.registers(array, &registers)
  }

  deinit { library.functions.destroy(array) }

  /// One clock cycle, after which `registers` holds what they hold then.
  ///
  /// - Throws: `wrongCount` if an edge doesn't get an element for each row or column.
  public func clock(_ edges: ArrayEdges) throws(ArrayLibraryError) {
    try check("left", edges.step?.left.count, shape.rows)
    try check("bias", edges.step?.bias?.count, shape.columns)
    try check("top", edges.load?.count, shape.columns)
    (edges.step?.left ?? []).withUnsafeBufferPointer { left in
      (edges.step?.bias ?? []).withUnsafeBufferPointer { bias in
        (edges.load ?? []).withUnsafeBufferPointer { top in
          var entering = vitsim_array_edges(
            step: edges.step == nil ? 0 : 1, first: edges.step?.isFirst == true ? 1 : 0, left: left.baseAddress,
            bias: edges.step?.bias == nil ? nil : bias.baseAddress, load: edges.load == nil ? 0 : 1,
            top: top.baseAddress)
          library.functions.clock(array, &entering)
        }
      }
    }
    library.functions.registers(array, &registers)
  }

  /// The registers of group `name`; `nil` if the array doesn't show it.
  public func registers(of name: String) -> ArraySlice<Int32>? {
    groups.first { $0.name == name }.map { registers[$0.range] }
  }

  /// Writes the waveform to the VCD file `path` from now on, or stops (`nil`).
  ///
  /// - Throws: `cannotTrace`.
  public func trace(to path: String?) throws(ArrayLibraryError) {
    guard library.functions.waveform(array, path) == 0, let path else { return }
    throw .cannotTrace(path: library.path, waveform: path)
  }

  private func check(_ edge: String, _ found: Int?, _ expected: Int) throws(ArrayLibraryError) {
    guard let found, found != expected else { return }
    throw .wrongCount(edge: edge, found: found, expected: expected)
  }
}
