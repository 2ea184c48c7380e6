import Schedule

/// A load or a store between a tensor and a buffer.
struct ValueTransfer: Sendable {
  let instruction: Int
  private let isStore: Bool
  private let tensor: Int
  private let tensorBytes: Int
  private let dram: DRAMRegion
  private let region: Region

  /// `nil` if the DRAM region isn't inside the tensor, or the sides hold different numbers of bytes.
  init?(_ instruction: Int, _ transfer: Transfer, isStore: Bool, tensor: Int, in schedule: Schedule) {
    let place = schedule.tensors[tensor]
    guard transfer.dram.address >= place.address, transfer.dram.end <= place.address + place.bytes,
      transfer.dram.bytes == transfer.region.bytes
    else { return nil }
    self.instruction = instruction
    self.isStore = isStore
    self.tensor = tensor
    tensorBytes = place.bytes
    dram = DRAMRegion(
      address: transfer.dram.address - place.address, rows: transfer.dram.rows, rowBytes: transfer.dram.rowBytes,
      stride: transfer.dram.stride)
    region = transfer.region
  }

  func execute(_ state: ValueState) {
    let buffer = state.buffers[region.buffer]
    if isStore {
      if state.tensors[tensor] == nil { state.tensors[tensor] = [UInt8](repeating: 0, count: tensorBytes) }
      state.tensors[tensor]?.withUnsafeMutableBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        pieces { dram, onChip, count in (base + dram).copyMemory(from: buffer + onChip, byteCount: count) }
      }
    } else if let bytes = state.tensors[tensor] {
      bytes.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        pieces { dram, onChip, count in (buffer + onChip).copyMemory(from: base + dram, byteCount: count) }
      }
    } else {
      pieces { _, onChip, count in (buffer + onChip).initializeMemory(as: UInt8.self, repeating: 0, count: count) }
    }
  }

  /// Calls `body` with what is in one piece on both sides: the places in the tensor and in the buffer, and the bytes.
  private func pieces(_ body: (Int, Int, Int) -> Void) {
    var (done, total) = (0, region.bytes)
    while total > 0 {
      let (dramRow, dramColumn) = done.quotientAndRemainder(dividingBy: dram.rowBytes)
      let (row, column) = done.quotientAndRemainder(dividingBy: region.rowBytes)
      var count = min(dram.rowBytes - dramColumn, region.rowBytes - column)
      // Rows that follow one another without gaps on both sides are one piece.
      if dram.rows == 1 || dram.stride == dram.rowBytes, region.rows == 1 || region.pitch == region.rowBytes {
        count = total
      }
      body(dram.address + dramRow * dram.stride + dramColumn, region.offset + row * region.pitch + column, count)
      done += count
      total -= count
    }
  }
}
