import Foundation
import NumPyFiles
import Testing

/// `vitsim infer` as a user meets it: trained models, real images, bad input.
@Suite struct CLIInferTests {
  static let images = "examples/mnist-images.npy"
  static let labels = "examples/mnist-labels.npy"
  static let accelerator = "configs/accelerators/zcu102-32x32.yaml"

  static func infer(_ model: String, _ options: [String]) throws -> CLIProgram.Result {
    try CLIProgram.run(["infer", model, "--accelerator", accelerator, "--images", images] + options)
  }

  static func report(_ model: String, _ options: [String]) throws -> [String: Any] {
    let result = try infer(model, options + ["--format", "json"])
    try #require(result.status == 0, "\(result.errors)")
    return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
  }

  /// The logits are those of an exact interpretation of the file's integers; ONNX Runtime's INT8 accuracy on all 1000 test
  /// images is 97.9 % (vit) and 98.9 % (effvit).
  @Test(arguments: ["vit", "effvit"])
  func floatModeAgreesWithTheReference(_ name: String) throws {
    let report = try Self.report(
      "examples/\(name).int8.onnx",
      [
        "--limit", "100", "--labels", Self.labels, "--compare-with", "examples/\(name).logits.npy",
        "--set", "vector.algorithm=float",
      ])
    let accuracy = try #require(report["accuracy"] as? [String: Any])
    let agreement = try #require(report["agreement"] as? [String: Any])
    #expect(try #require(accuracy["top1"] as? Double) >= 0.97)
    #expect(agreement["identical"] as? Int == 100)
    #expect(try #require(report["cycles"] as? Int) > 0)
  }

  @Test(arguments: ["vit", "effvit"])
  func theAcceleratorsIntegersKeepTheAccuracy(_ name: String) throws {
    let report = try Self.report("examples/\(name).int8.onnx", ["--limit", "100", "--labels", Self.labels])
    let accuracy = try #require(report["accuracy"] as? [String: Any])
    #expect(try #require(accuracy["top1"] as? Double) >= 0.97)
  }

  @Test func threadsAndEnginesGiveTheSameLogits() throws {
    let scratch = try Scratch()
    var files: [Data] = []
    for (index, options) in [["--threads", "1"], ["--threads", "3"], ["--engine", "literal"]].enumerated() {
      let file = scratch.file("logits\(index).npy")
      let result = try Self.infer("examples/vit.int8.onnx", options + ["--limit", "2", "--logits", file.path])
      #expect(result.status == 0, "\(result.errors)")
      files.append(try Data(contentsOf: file))
    }
    #expect(files[0] == files[1])
    #expect(files[0] == files[2])
  }

  @Test func tensorsAreDumped() throws {
    let scratch = try Scratch()
    let folder = scratch.file("tensors").path
    let result = try Self.infer("examples/vit.int8.onnx", ["--limit", "1", "--dump-tensors", folder])
    #expect(result.status == 0, "\(result.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(names.contains("tensors.csv"))
    #expect(names.filter { $0.hasSuffix(".npy") }.count > 20)
  }

  /// Values that aren't numbers, and rows that can't be paired with images, give an error instead of a figure.
  @Test func imagesAndRowsAreChecked() throws {
    let scratch = try Scratch()
    func header(_ type: String, _ shape: String) -> Data {
      let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }\n"
      return Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8))
    }
    var reals = [Float](repeating: 0, count: 2 * 28 * 28)
    reals[28 * 28 + 5] = .nan
    let images = scratch.file("nan.npy")
    try (header("<f4", "(2, 28, 28)") + reals.withUnsafeBytes { Data($0) }).write(to: images)
    let labels = scratch.file("labels.npy")
    try (header("|u1", "(300,)") + Data(repeating: 1, count: 300)).write(to: labels)
    for (options, words) in [
      (["--images", images.path], ["nan.npy: hold nan in image 1"]),
      (["--labels", labels.path], ["labels.npy: holds 300 rows for 250 images"]),
      (["--mean", "3e38", "--std", "1e-30"], ["--mean and --std"]),
    ] {
      let result = try Self.infer("examples/vit.int8.onnx", options)
      #expect(result.status == 2, "\(options)")
      for word in words { #expect(result.errors.contains(word), "\(result.errors)") }
    }
  }

  @Test func badInputIsNamed() throws {
    let scratch = try Scratch()
    let text = try scratch.write("not a model", to: "text.onnx")
    for (arguments, words) in [
      (["infer", text], ["text.onnx"]), (["infer", "absent.onnx"], ["absent.onnx"]),
      (["infer", "examples/vit.int8.onnx", "--labels", Self.images], [Self.images, "labels"]),
      (["infer", "examples/vit.int8.onnx", "--compare-with", Self.labels], [Self.labels, "logits"]),
      (["infer", "examples/vit.int8.onnx", "--dump-tensors", "/dev/null"], ["/dev/null"]),
      (["infer", "examples/vit.int8.onnx", "--calibrate", Self.images], ["quantized already"]),
    ] {
      let result = try CLIProgram.run(arguments + ["--accelerator", Self.accelerator, "--images", Self.images])
      #expect(result.status == 2, "\(arguments): \(result.errors)")
      for word in words { #expect(result.errors.contains(word), "\(arguments): \(result.errors)") }
    }
    let labels = try Self.infer("examples/vit.int8.onnx", ["--images", Self.labels])
    #expect(labels.status == 2)
    #expect(labels.errors.contains(Self.labels))
  }

  /// A model that takes integers takes an image's bytes as they are.
  @Test(arguments: ["uint8-input", "uint8-cast"])
  func integersAreNotNormalized(_ name: String) throws {
    let fixture = "Tests/SystemTests/Fixtures/\(name)"
    let arguments = [
      "infer", fixture + ".onnx", "--accelerator", Self.accelerator, "--images", fixture + ".x.npy", "--compare-with",
      fixture + ".logits.npy", "--set", "vector.algorithm=float", "--format", "csv",
    ]
    let result = try CLIProgram.run(arguments)
    #expect(result.status == 0, "\(result.errors)")
    // Model, accelerator, engine, images, top-1, class agreement, largest difference.
    let cells = result.output.split(whereSeparator: \.isNewline).last?.split(
      separator: ",", omittingEmptySubsequences: false)
    #expect(cells?.count == 10 && cells?[6] == "0.0", "\(result.output)")
    let refused = try CLIProgram.run(arguments + ["--mean", "0"])
    #expect(refused.status == 2 && refused.errors.contains("bytes are taken as they are"))
  }

  @Test func archives() throws {
    let scratch = try Scratch()
    var archive = NumPyArchive()
    archive["x"] = try NumPyArray(reading: CLIProgram.package.appendingPathComponent(Self.images).path)
    archive["y"] = try NumPyArray(reading: CLIProgram.package.appendingPathComponent(Self.labels).path)
    try archive.write(to: scratch.file("both.npz").path)
    let path = scratch.file("both.npz").path
    func run(_ images: String, _ labels: String) throws -> CLIProgram.Result {
      try CLIProgram.run([
        "infer", "examples/effvit.int8.onnx", "--accelerator", Self.accelerator, "--images", images, "--labels", labels,
        "--limit", "3", "--format", "csv",
      ])
    }
    let named = try run(path + ":x", path + ":y")
    #expect(named.status == 0, "\(named.errors)")
    #expect(try named.output == run(Self.images, Self.labels).output)
    let unclear = try run(path, Self.labels)
    #expect(unclear.status == 2 && unclear.errors.contains("has the arrays 'x', 'y'; say which one"))
    let unknown = try run(path + ":z", Self.labels)
    #expect(unknown.status == 2 && unknown.errors.contains("has no array 'z'; it has 'x', 'y'"))
  }

  @Test func bothEnginesAgreeOnEveryByte() throws {
    let result = try Self.infer("examples/effvit.int8.onnx", ["--limit", "1", "--engine", "both", "--format", "csv"])
    #expect(result.status == 0, "\(result.errors)")
  }

  @Test func optionsWithoutEffectAreRefused() throws {
    let model = "examples/effvit.int8.onnx"
    for (options, words) in [
      (["--dump-image", "1"], "--dump-image goes with --dump-tensors"),
      (["--asymmetric"], "is quantized already: leave --asymmetric out"),
      (["--logits", "nowhere/at/all.npy"], "nowhere/at/all.npy"),
    ] {
      let result = try Self.infer(model, ["--limit", "1"] + options)
      #expect(result.status == 2 && result.errors.contains(words), "\(result.errors)")
    }
  }
}
