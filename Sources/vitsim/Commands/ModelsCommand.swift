import ArgumentParser
import Model
import Report

struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "List the built-in models with their multiply-accumulates and parameters.",
    discussion: """
      EXAMPLES:
        vitsim models
        vitsim models --image 384
        vitsim models --format json
      """)

  @Option(help: ArgumentHelp("Side of the square image.", valueName: "pixels"))
  var image = 224

  @Option(help: "text for people, json for programs.")
  var format: TextOrJSON = .text

  @OptionGroup var output: OutputOptions

  func run() throws {
    let list = Zoo.models.map { model in (model: model, graph: try? Zoo.graph(model, image: image)) }
    // A side that no model takes is a mistake.
    if let model = list.first?.model, list.allSatisfy({ $0.graph == nil }) { _ = try Zoo.graph(model, image: image) }
    try output.deliver(
      format == .text ? ListText.models(list, image: image) : ListJSON.models(list, image: image))
  }
}
