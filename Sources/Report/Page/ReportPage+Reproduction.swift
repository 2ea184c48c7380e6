extension ReportPage {
  /// The resolved configurations.
  static func configurationSection(_ page: ReportPage) -> PageSection? {
    PageSection(
      id: "configuration", title: "Configuration", brief: "Configuration",
      note: page.runsAgain
        ? "Everything resolved: defaults, overrides and the model. Saved to a file it is what a run needs."
        : "The accelerator with everything resolved; what runs on it is the schedule.",
      body: page.each { "<pre tabindex=\"0\">\($0.report.configuration)</pre>" })
  }

  /// The command line and the version.
  static func reproductionSection(_ page: ReportPage) -> PageSection? {
    let version = page.reproduction.version
    let name = page.isComparison ? "1.yaml 2.yaml" : "saved.yaml"
    let saved =
      page.runsAgain
      ? "Or save the configuration above and call <code>vitsim report \(name) -o report.html</code>. " : ""
    return PageSection(
      id: "reproduce", title: "How to reproduce", brief: "Reproduce",
      note: """
        Made by vitsim \(version) with the command below, in the directory that its paths are relative to. \
        \(saved)The same version gives the same cycles on every machine.
        """,
      body: "<pre tabindex=\"0\">\(page.reproduction.command.map(Self.quoted).joined(separator: " "))</pre>")
  }

  /// Whether the configurations are all that a run needs.
  private var runsAgain: Bool { designs.allSatisfy(\.namesModel) }

  /// A word as a shell reads it.
  static func quoted(_ word: String) -> String {
    let plain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./=:,+@%".contains($0)) }
    return plain && !word.isEmpty
      ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
