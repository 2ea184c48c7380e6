import ArgumentParser
import Inference
import NumPyFiles

/// Which images, and how their pixels become the model's input.
struct ImageOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Images, .npy, .npz or .npz:name: [N, C, H, W], [N, H, W, C] or [N, H, W].", valueName: "file"),
    completion: .file(extensions: ["npy", "npz"]))
  var images: String

  @Option(
    help: ArgumentHelp(
      "Of pixels / 255: one for all channels, or one for each; 0.5 if left out. A model that takes integers takes bytes as they are.",
      valueName: "m,…"))
  var mean: String?

  @Option(help: ArgumentHelp("Standard deviation that goes with --mean; 0.5 if left out.", valueName: "s,…"))
  var std: String?

  @Option(help: ArgumentHelp("Only the first so many images.", valueName: "number"))
  var limit: Int?

  mutating func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1 on") }
    guard numbers(mean ?? "0.5") != nil else { throw ValidationError("--mean takes numbers such as 0.485,0.456,0.406") }
    guard let deviation = numbers(std ?? "0.5"), deviation.allSatisfy({ $0 > 0 }) else {
      throw ValidationError("--std takes positive numbers such as 0.229,0.224,0.225")
    }
    let largest = ((numbers(mean ?? "0.5") ?? []).map(abs).max() ?? 0) + 1
    guard (largest / (deviation.min() ?? 1)).isFinite else {
      throw ValidationError("--mean and --std make pixels infinite: pixels / 255 are 0 to 1")
    }
  }

  var normalization: Normalization {
    Normalization(mean: numbers(mean ?? "0.5") ?? [0.5], deviation: numbers(std ?? "0.5") ?? [0.5])
  }

  /// What makes of pixels the input of a model: as asked for, or, where the model takes integers, those.
  func normalization(for model: ImportedModel) throws -> Normalization {
    guard let integers = try model.integerInput() else { return normalization }
    guard mean == nil, std == nil else {
      throw CommandFailure(
        .badInput,
        "the model's input '\(model.file.inputName)' is integers: bytes are taken as they are, so leave --mean and --std out"
      )
    }
    return integers
  }

  private func numbers(_ text: String) -> [Float]? {
    let values = text.split(separator: ",", omittingEmptySubsequences: false).map { Float($0) }
    let numbers = values.compactMap { $0 }.filter(\.isFinite)
    return numbers.count == values.count ? numbers : nil
  }

  /// The images for a model that takes `shape`: height, width, channels.
  func load(for shape: [Int]) throws -> ImageBatch {
    try Self.load(images, for: shape, normalization: normalization)
  }

  static func load(_ path: String, for shape: [Int], normalization: Normalization) throws -> ImageBatch {
    let channels = shape[2]
    for (name, count) in [("--mean", normalization.mean.count), ("--std", normalization.deviation.count)]
    where count != 1 && count != channels {
      throw CommandFailure(.badInput, "\(name) has \(count) numbers; the model's images have \(channels) channels")
    }
    let array = try NumPyArray(readingFrom: path)
    let values: ImageBatch.Values
    switch array.elements {
    case .uint8(let pixels): values = .pixels(pixels)
    case .float32(let reals): values = .reals(reals)
    case .float64: values = .reals(array.floats)
    default:
      throw CommandFailure(
        .badInput,
        "\(path): has elements of type \(array.typeName); images are uint8 (pixels) or floats (the model's input)")
    }
    return try blaming(path) {
      try ImageBatch(values, shape: array.shape, height: shape[0], width: shape[1], channels: channels)
    }
  }
}

/// Puts a file's name before what `body` finds wrong with it.
func blaming<Value>(_ file: String, _ body: () throws -> Value) throws -> Value {
  do {
    return try body()
  } catch let error as InferenceError {
    throw CommandFailure(.badInput, "\(file): \(error.problem)")
  }
}
