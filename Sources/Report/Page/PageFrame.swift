/// What is around the sections: head, contents, style and script, all in one file.
struct PageFrame {
  let title: String
  let subtitle: String
  let sections: [PageSection]
  let footer: String

  /// Nothing may be fetched, and no script runs but the page's own.
  private static let policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src '\(PageScript.digest)'; img-src data:; base-uri 'none'; form-action 'none'"

  var html: Markup {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="generator" content="\(footer)">
    <link rel="icon" href="data:,">
    <title>\(title)</title>
    <style>\(PageStyle.text)</style>
    </head>
    <body>
    <header>
    <h1>\(title)</h1>
    <p>\(subtitle)</p>
    <button id="scheme" type="button" hidden>light or dark</button>
    </header>
    <nav aria-label="Contents">
    \(sections.map { "<a href=\"#\(source($0.id))\">\(source($0.brief))</a>" })
    </nav>
    <main>
    \(sections.map(frame))
    </main>
    <footer>\(footer)</footer>
    <script>\(Markup(source: PageScript.text))</script>
    </body>
    </html>

    """
  }

  private func frame(_ section: PageSection) -> Markup {
    let note: Markup = section.note.text.isEmpty ? "" : "<p class=\"note\">\(section.note)</p>\n"
    return """
      <section id="\(source(section.id))">
      <h2>\(source(section.title))</h2>
      \(note)\(section.body)
      </section>
      """
  }

  private func source(_ text: StaticString) -> Markup { Markup(source: "\(text)") }
}
