import Analysis
import ArgumentParser
import Hardware
import Model
import Report

struct RooflineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "roofline",
    abstract: "Count FLOPs, memory operations and arithmetic intensity of models, operator by operator.",
    discussion: """
      MODEL is a built-in one ('vitsim models') or an ONNX file. Memory operations are \
      elements, each operand read once and each result written once (docs/roofline.md). \
      With an accelerator, or --peak and --bandwidth of any other machine, it says what \
      each operator could reach at most and whether arithmetic or memory bounds it.

      EXAMPLES:
        vitsim roofline vit-base --image 224,384,512,1024
        vitsim roofline deit-tiny deit-small --format csv \\
          --accelerator configs/accelerators/zcu102-32x32.yaml
        vitsim roofline efficientvit-b1 --per-operator --plot roofline.svg
        vitsim roofline vit-base --peak 330TFLOP/s --bandwidth 1008GB/s --element-bytes 2
      """)

  @Argument(
    help: ArgumentHelp("Built-in models and ONNX files.", valueName: "model"),
    completion: .list(Zoo.models.map(\.name)))
  var models: [String]

  @Option(
    help: ArgumentHelp("Sides of the square image, as 224,384 (default: 224).", valueName: "pixels"),
    transform: Self.sizes)
  var image: [Int] = []

  @Option(help: ArgumentHelp("Images at once (default: 1, or the file's).", valueName: "number"))
  var batch: Int?

  @Option(
    help: ArgumentHelp("Only these kinds of operator, as qkv,mlp.", valueName: "kinds"), transform: Self.kindList)
  var kinds: Set<OperatorRole> = Set(OperatorRole.allCases)

  @Flag(help: "Every operator instead of each kind of them.")
  var perOperator = false

  @OptionGroup var roofs: RoofOptions

  @Option(
    help: ArgumentHelp("Write a picture too.", valueName: "file.svg"), completion: .file(extensions: ["svg"]))
  var plot: String?

  @Option(help: "text for people, json or csv for programs.")
  var format: ReportOptions.Format = .text

  @OptionGroup var output: OutputOptions

  func run() throws {
    try File.check(
      outputs: [("--plot", plot)] + output.files,
      inputs: models.filter { $0.hasSuffix(".onnx") }.map { ("a model", $0) } + [("--accelerator", roofs.accelerator)])
    let roofs = try roofs.roofs()
    let rooflines = try models.flatMap { name in
      let sizes: [Int?] = image.isEmpty ? [nil] : image
      return try sizes.map { Roofline(try graph(name, image: $0), kinds: kinds) }
    }
    let report = RooflineReport(rooflines, roofs: roofs, perOperator: perOperator)
    if let plot { try File.write(report.svg, to: plot) }
    switch format {
    case .text: try output.deliver(report.text)
    case .json: try output.deliver(report.json)
    case .csv: try output.deliver(report.csv)
    }
  }

  private func graph(_ name: String, image: Int?) throws -> Graph {
    func mark(_ option: String) -> SourceMark { SourceMark(file: option) }
    return try Loading.model(
      ModelRequest(
        name: name, image: image, batch: batch, nameMark: mark(name),
        imageMark: mark("--image \(image ?? 0)"), batchMark: mark("--batch \(batch ?? 0)"))
    ).graph
  }

  private static func sizes(_ text: String) throws -> [Int] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
      guard let size = Int(word) else {
        throw ValidationError("\(quoted(String(word))) is no side of an image; expected numbers such as 224,384")
      }
      return size
    }
  }

  private static func kindList(_ text: String) throws -> Set<OperatorRole> {
    let names = OperatorRole.allCases.map(\.rawValue)
    return Set(
      try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
        guard let kind = OperatorRole(rawValue: String(word)) else {
          let meant = didYouMean(String(word), among: names).map { "; did you mean '\($0)'?" } ?? ""
          throw ValidationError(
            "unknown kind \(quoted(String(word)))\(meant) (kinds: \(names.joined(separator: ", ")))")
        }
        return kind
      })
  }
}
