import Numerics

/// From pixels to a model's input: (pixel / 255 − mean) / deviation for each channel.
public struct Normalization: Sendable, Hashable {
  /// One for all channels, or one for each.
  public var mean: [Float]
  public var deviation: [Float]

  /// What timm gives most Vision Transformers: pixels become −1…1.
  public static let half = Normalization(mean: [0.5], deviation: [0.5])

  public init(mean: [Float], deviation: [Float]) {
    self.mean = mean
    self.deviation = deviation
  }

  func callAsFunction(_ pixel: UInt8, channel: Int) -> Float {
    (Float(pixel) / 255 - mean[channel % mean.count]) / deviation[channel % deviation.count]
  }
}

/// Images as they are read from a file: all of one shape, one after the other.
public struct ImageBatch: Sendable {
  public enum Values: Sendable {
    /// Pixels, to be normalized.
    case pixels([UInt8])
    /// Values of the model's input itself.
    case reals([Float])
  }

  /// Where the channels are.
  public enum Layout: Sendable, Hashable { case channelsFirst, channelsLast }

  public let values: Values
  public let layout: Layout
  public let count: Int
  public let height: Int
  public let width: Int
  public let channels: Int

  /// - Parameter shape: [N, C, H, W], [N, H, W, C], or [N, H, W] for one channel.
  /// - Throws: `InferenceError.images` when it isn't N images of the model's `height`, `width` and `channels`, or holds NaN or infinity.
  public init(_ values: Values, shape: [Int], height: Int, width: Int, channels: Int) throws(InferenceError) {
    let elements =
      switch values {
      case .pixels(let pixels): pixels.count
      case .reals(let reals): reals.count
      }
    let one = Array(shape.dropFirst())
    if one == [channels, height, width] || (channels == 1 && one == [height, width]) {
      layout = .channelsFirst
    } else if one == [height, width, channels] {
      layout = .channelsLast
    } else {
      throw .images(
        "have shape \(shape); the model takes N images [\(channels), \(height), \(width)]"
          + (channels == 1 ? " or [\(height), \(width)]" : " or [\(height), \(width), \(channels)]"))
    }
    guard shape[0] > 0, one.reduce(shape[0], { $0.multipliedReportingOverflow(by: $1).partialValue }) == elements else {
      throw .images("are none: shape \(shape)")
    }
    if case .reals(let reals) = values, let place = reals.firstIndex(where: { !$0.isFinite }) {
      throw .images(
        "hold \(reals[place]) in image \(place / (elements / shape[0])); values must be finite float32 numbers")
    }
    self.values = values
    count = shape[0]
    (self.height, self.width, self.channels) = (height, width, channels)
  }

  /// Image `index` as the model's quantized input: height × width × channels.
  public func quantized(_ index: Int, by numbers: Quantization, _ normalization: Normalization) -> [Int8] {
    let pixels = height * width
    var result = [Int8](repeating: 0, count: pixels * channels)
    func fill(_ value: (_ element: Int, _ channel: Int) -> Int8) {
      for channel in 0..<channels {
        for pixel in 0..<pixels {
          let element = layout == .channelsFirst ? channel * pixels + pixel : pixel * channels + channel
          result[pixel * channels + channel] = value(index * pixels * channels + element, channel)
        }
      }
    }
    switch values {
    case .reals(let reals): fill { element, _ in numbers.quantize(reals[element]) }
    case .pixels(let bytes):
      let codes = (0..<channels).map { channel in
        (0...255).map { numbers.quantize(normalization(UInt8($0), channel: channel)) }
      }
      fill { element, channel in codes[channel][Int(bytes[element])] }
    }
    return result
  }

  /// Image `index` as real values, height × width × channels: what calibration runs on.
  public func reals(_ index: Int, _ normalization: Normalization) -> [Float] {
    let pixels = height * width
    var result = [Float](repeating: 0, count: pixels * channels)
    for channel in 0..<channels {
      for pixel in 0..<pixels {
        let place = layout == .channelsFirst ? channel * pixels + pixel : pixel * channels + channel
        let element = index * pixels * channels + place
        result[pixel * channels + channel] =
          switch values {
          case .reals(let reals): reals[element]
          case .pixels(let bytes): normalization(bytes[element], channel: channel)
          }
      }
    }
    return result
  }
}
