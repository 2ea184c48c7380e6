import Foundation
import Testing

@testable import Validation

/// Trio-ViT's accelerator beside its authors' cycle model, block by block. The model's rules, not its results, are written out here.
@Suite struct TrioViTTests {
  @Test func everyBlockOfB1IsWithinAPercent() throws {
    let authors = AuthorsModel.b1.blocks(resolution: 224)
    #expect(authors.reduce(0) { $0 + $1.cycles } == 4_005_490)

    let result = try TrioViTRow.result(of: .init(model: "efficientvit-b1", resolution: 224), on: .shipped)
    #expect(result.blocks.map(\.name) == authors.map(\.name))
    #expect(result.blocks.reduce(0) { $0 + $1.cycles } == result.cycles)
    for (block, expected) in zip(result.blocks, authors) {
      let difference = Double(block.cycles - expected.cycles) / Double(expected.cycles)
      #expect(abs(difference) < 0.01, "\(block.name): \(block.cycles), not \(expected.cycles)")
    }
    #expect(abs(Double(result.cycles) / 4_005_490 - 1) < 0.005, "\(result.cycles)")
    // Real pipelines fill and drain: never fewer cycles than the model's.
    #expect(result.cycles > 4_005_490)
  }

  @Test(arguments: [
    ("efficientvit-b0", AuthorsModel.b0, 128), ("efficientvit-b1", .b1, 64), ("efficientvit-b2", .b2, 96),
    ("efficientvit-b3", .b3, 64),
  ])
  fileprivate func smallImagesAreWithinHalfAPercent(name: String, model: AuthorsModel, resolution: Int) throws {
    let expected = model.blocks(resolution: resolution).reduce(0) { $0 + $1.cycles }
    let result = try TrioViTRow.result(of: .init(model: name, resolution: resolution), on: .shipped)
    #expect(abs(Double(result.cycles) / Double(expected) - 1) < 0.005, "\(result.cycles), not \(expected)")
  }

  @Test func aTableOfOneRow() throws {
    let right = try validate("model,resolution,cycles_L1\nefficientvit_b1,64,356914\n")
    #expect(right.passed)
    #expect(!(try validate("model,resolution,cycles_L1\nefficientvit_b1,64,366000\n")).passed)
    let odd = try validate("model,resolution,cycles_L1\nefficientvit_b1,65,1\nefficientvit_b1,64,356914\n")
    #expect(odd.reasons == ["resolution 65 isn't a multiple of 32"])
  }
}

/// The rules of arXiv 2405.03882's cycle model for one lane group: ideal memories, no post-processing, no head.
private struct AuthorsModel {
  var widths: [Int]
  var depths: [Int]
  var head: Int

  static let b0 = AuthorsModel(widths: [8, 16, 32, 64, 128], depths: [1, 2, 2, 2, 2], head: 16)
  static let b1 = AuthorsModel(widths: [16, 32, 64, 128, 256], depths: [1, 2, 3, 3, 4], head: 16)
  static let b2 = AuthorsModel(widths: [24, 48, 96, 192, 384], depths: [1, 3, 4, 4, 6], head: 32)
  static let b3 = AuthorsModel(widths: [32, 64, 128, 256, 512], depths: [1, 4, 6, 6, 9], head: 32)

  func blocks(resolution: Int) -> [(name: String, cycles: Int)] {
    var side = resolution / 2
    var blocks = [("stem.in_conv", product(3, widths[0], pixels: side * side, kernel: 9))]
    for index in 0..<depths[0] {
      blocks.append(("stem.res\(index)", fused(channels: widths[0], side: side, kernel: 9, to: widths[0])))
    }
    for stage in 0..<4 {
      let (before, width) = (widths[stage], widths[stage + 1])
      let expansion = product(before, 4 * before, pixels: side * side)
      side /= 2
      let name = "stages.\(stage).blocks"
      blocks.append((name + ".0", expansion + fused(channels: 4 * before, side: side, kernel: 9, to: width)))
      for index in 1..<depths[stage + 1] + (stage < 2 ? 0 : 1) {
        if stage >= 2 { blocks.append(("\(name).\(index).context_module", attention(width, side: side))) }
        let inverted =
          product(width, 4 * width, pixels: side * side) + fused(channels: 4 * width, side: side, kernel: 9, to: width)
        blocks.append(("\(name).\(index)" + (stage < 2 ? "" : ".local_module"), inverted))
      }
    }
    return blocks.map { (name: $0.0, cycles: $0.1) }
  }

  private func ceil(_ a: Int, _ b: Int) -> Int { (a + b - 1) / b }

  /// Convolutions and projections on both engines.
  private func product(_ inputs: Int, _ outputs: Int, pixels: Int, kernel: Int = 1) -> Int {
    ceil(outputs, 16) * ceil(inputs, 8) * pixels * kernel
  }

  /// A depthwise convolution on one engine, and the product of its results that the other begins meanwhile.
  private func fused(channels: Int, side: Int, kernel: Int, depth: Int? = nil, to outputs: Int) -> Int {
    let depthwise = ceil(side, 8) * ceil(channels, 8) * side * kernel
    let (setup, steps) = (ceil(channels, 8) * kernel, ceil(depth ?? channels, 8))
    let group = 16 * side * side
    let (groups, whole) = (ceil(outputs, 16), ceil(outputs, 16) * group)
    let done = min(whole, (depthwise - setup) / steps * 8)
    let begun = (group - done % group) % group
    let end = depthwise + (ceil(begun, 16) + (groups - ceil(done, group)) * side * side) * steps
    return done == whole ? max(depthwise, whole / 16 * steps + setup) : end
  }

  /// Q, K and V, the second scale, both products of all heads and the projection, as the authors count them.
  private func attention(_ width: Int, side: Int) -> Int {
    let d = head
    let (pixels, heads) = (side * side, 2 * width / d)
    return product(width, 3 * width, pixels: pixels)
      + fused(channels: 3 * width, side: side, kernel: 25, depth: d, to: width)
      + heads / 2 * (ceil(d, 8) * ceil(pixels, 8) * d + ceil(d, 8) * ceil(d, 8) * pixels)
      + product(width, 2 * width, pixels: pixels)
  }
}
