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
      """)

  @Option(help: ArgumentHelp("Side of the square image.", valueName: "pixels"))
  var image = 224

  func run() throws {
    Console.print(
      try ListText.models(Zoo.models.map { try Zoo.graph($0, image: image) }, of: Zoo.models))
  }
}
