import CKernels
import Numerics
import Schedule

/// What memories hold while a program is under way, and what it works with.
final class ValueState {
  let buffers: [UnsafeMutableRawPointer]
  /// Tensors that nothing is stored to share their bytes with the image.
  var tensors: [[UInt8]?]
  let pool: ThreadPool
  let path: KernelPath

  init(_ schedule: Schedule, _ image: MemoryImage, threads: Int, path: KernelPath) throws(MachineError) {
    guard let pool = ThreadPool(threads: threads) else { throw Self.noMemory(nil) }
    var buffers: [UnsafeMutableRawPointer] = []
    for buffer in schedule.accelerator.buffers {
      guard let memory = ck_zeros(buffer.bytes) else {
        for memory in buffers { ck_release(memory) }
        throw Self.noMemory(nil)
      }
      buffers.append(memory)
    }
    self.buffers = buffers
    self.pool = pool
    self.path = path
    tensors = image.tensors
    for (region, bytes) in zip(schedule.preloads, image.preloads) {
      bytes?.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        for row in 0..<region.rows {
          (buffers[region.buffer] + region.offset + row * region.pitch).copyMemory(
            from: base + row * region.rowBytes, byteCount: region.rowBytes)
        }
      }
    }
  }

  deinit {
    for memory in buffers { ck_release(memory) }
  }

  /// Memory for one instruction, undefined at first.
  func scratch(_ bytes: Int, for instruction: Int) throws(MachineError) -> UnsafeMutableRawPointer {
    guard let memory = pool.scratch(worker: -2, bytes: max(1, bytes)) else { throw Self.noMemory(instruction) }
    return memory
  }

  static func noMemory(_ instruction: Int?) -> MachineError {
    .noValues(instruction: instruction, what: "the system gives no memory for it")
  }
}
