/// What memories hold at the start (or at the end) of a run: bytes, all else being 0.
public struct MemoryImage: Sendable, Hashable {
  /// By tensor of the schedule: as many bytes as it has, or nil for zeros.
  public var tensors: [[UInt8]?]
  /// By preload of the schedule: the bytes of its region, row by row, without gaps; nil for zeros.
  public var preloads: [[UInt8]?]

  public init(tensors: [[UInt8]?], preloads: [[UInt8]?] = []) {
    self.tensors = tensors
    self.preloads = preloads
  }
}
