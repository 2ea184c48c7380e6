import Hardware
import Schedule

extension Instruction {
  /// What a slice is called: `matmul 197x768x64`, `load weights 64x768`, `requantize+gelu 197x64`.
  func title(_ accelerator: Accelerator) -> String {
    switch operation {
    case .load(let transfer): "load \(transfer.region.title(accelerator))"
    case .store(let transfer): "store \(transfer.region.title(accelerator))"
    case .matmul(let matmul):
      "\(matmul.isDepthwise ? "depthwise" : "matmul") \(matmul.m)x\(matmul.k)x\(matmul.n)"
    case .vector(let vector):
      vector.stages.map(\.operation.rawValue).joined(separator: "+") + " \(vector.rows)x\(vector.columns)"
    }
  }
}

extension Region {
  fileprivate func title(_ accelerator: Accelerator) -> String {
    "\(accelerator.buffers[buffer].name) \(rows)x\(rowBytes)"
  }
}
