import Foundation
import Testing

/// Reports in a real browser.
@Suite(.enabled(if: Browser.executable != nil, Browser.missing), .serialized)
struct ReportBrowserTests {
  private static let sections = [
    "summary", "units", "layers", "path", "roofline", "timeline", "buffers", "traffic", "resources", "table",
    "configuration",
    "reproduce",
  ]

  /// Writes a report, and beside it the same page with `script` behind its own.
  private func page(_ arguments: [String], script: String? = nil, in scratch: Scratch) throws -> URL {
    let file = scratch.file("report.html")
    let result = try CLIProgram.run(["report"] + arguments + ["--no-sensitivity", "-o", file.path])
    #expect(result.status == 0, "\(result.errors)")
    guard let script else { return file }
    let html = try String(contentsOf: file, encoding: .utf8)
    // The page's policy lets no other script run.
    let open = html.replacing(#/<meta http-equiv="Content-Security-Policy"[^>]*>/#, with: "")
    let copy = try scratch.write(open.replacing("</body>", with: "<script>\(script)</script></body>"), to: "copy.html")
    return URL(fileURLWithPath: copy)
  }

  /// What the script has left in the body's attribute `data-said`.
  private func said(_ script: String, on arguments: [String], width: Int = 1200) throws -> String {
    let scratch = try Scratch()
    let said = "(() => { \(script) })()"
    let result = try Browser.open(
      try page(arguments, script: "document.body.dataset.said = JSON.stringify(\(said));", in: scratch), width: width,
      in: scratch)
    #expect(result.console.isEmpty, "\(result.console)")
    let text = try #require(result.document.firstMatch(of: /<body data-said="([^"]*)"/)).output.1
    return String(text).replacing("&quot;", with: "\"")
  }

  private static let one = ["configs/deit-tiny-zcu102.yaml", "--image", "32"]
  private static let two = ["configs/deit-tiny-zcu102.yaml", "configs/deit-tiny-edge.yaml", "--image", "32"]

  /// As it is shipped, with its policy: every section, no word on the console, and nothing asked for elsewhere.
  @Test(arguments: [one, two]) func thePageIsQuiet(arguments: [String]) throws {
    let scratch = try Scratch()
    let result = try Browser.open(try page(arguments, in: scratch), in: scratch)
    #expect(result.console.isEmpty, "\(result.console)")
    #expect(result.requests.isEmpty, "\(result.requests)")
    for section in Self.sections { #expect(result.document.contains("<section id=\"\(section)\">"), "\(section)") }
    // Its own script has run.
    #expect(result.document.contains("<th class=\"n\"><button type=\"button\">cycles</button></th>"))
    #expect(!result.document.contains("id=\"scheme\" type=\"button\" hidden"))
  }

  @Test func aClickOnAHeadSorts() throws {
    let text = try said(
      """
      const head = [...document.querySelectorAll(".sorts th")].find(one => one.textContent === "cycles");
      const column = () => [...document.querySelectorAll(".sorts tbody tr")].map(row => Number(row.cells[2].dataset.v));
      const before = column();
      head.querySelector("button").click();
      const [down, first] = [column(), head.getAttribute("aria-sort")];
      head.querySelector("button").click();
      return { before, down, up: column(), order: [first, head.getAttribute("aria-sort")] };
      """, on: Self.one)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let before = try #require(object["before"] as? [Int])
    #expect(before.count > 80 && before != before.sorted())
    #expect(object["down"] as? [Int] == before.sorted(by: >) && object["up"] as? [Int] == before.sorted())
    #expect(object["order"] as? [String] == ["descending", "ascending"])
  }

  /// Layers without a value stay behind all others, whichever way.
  @Test func cellsWithoutAValueStayAtTheEnd() throws {
    let text = try said(
      """
      const head = [...document.querySelectorAll(".sorts th")].find(one => one.textContent === "op/B");
      const column = () => [...document.querySelectorAll(".sorts tbody tr")].map(row => row.cells[head.cellIndex].dataset.v);
      const counts = [];
      for (let click = 0; click < 2; click++) {
        head.querySelector("button").click();
        const values = column();
        const first = values.indexOf("");
        counts.push(first > 0 && values.slice(first).every(value => value === ""));
      }
      return counts;
      """, on: Self.one)
    #expect(text == "[true,true]")
  }

  /// A layer is chosen: timeline and buffers show its window, and the axis has its cycles.
  @Test func theTimelineZoomsToALayer() throws {
    let text = try said(
      """
      const zoom = document.querySelector(".zoom");
      const select = zoom.querySelector("select");
      const boxes = () => [...new Set([...document.querySelectorAll("svg.track")].map(one => one.viewBox.baseVal).map(
        box => `${box.x} ${box.width}`))];
      const whole = boxes();
      select.selectedIndex = 20;
      select.dispatchEvent(new Event("change"));
      const option = select.selectedOptions[0].dataset;
      const box = document.querySelector("svg.track").viewBox.baseVal;
      const length = Number(zoom.dataset.length);
      const ticks = [...document.querySelector("svg.axis").children].map(one => Number(one.textContent.replaceAll(",", "")));
      const inside = ticks.every(tick => tick >= box.x * length - 1 && tick <= (box.x + box.width) * length + 1);
      const layer = [box.x * length <= Number(option.from), (box.x + box.width) * length >= Number(option.to)];
      const near = boxes();
      zoom.querySelector("[data-move=all]").click();
      return { hidden: zoom.hidden, one: whole.length === 1 && near.length === 1, changed: near[0] !== whole[0], inside,
        ticks: ticks.length > 2, layer, back: boxes()[0] === whole[0] };
      """, on: Self.one)
    #expect(
      text
        == #"{"hidden":false,"one":true,"changed":true,"inside":true,"ticks":true,"layer":[true,true],"back":true}"#)
  }

  /// The button sets the other scheme than that of the system, and colours follow.
  @Test func theSchemeSwitches() throws {
    let text = try said(
      """
      const colour = () => getComputedStyle(document.body).backgroundColor;
      const button = document.getElementById("scheme");
      const colours = [colour()];
      for (let click = 0; click < 2; click++) { button.click(); colours.push(colour()); }
      return colours;
      """, on: Self.one)
    let colours = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String])
    #expect(Set(colours) == ["rgb(255, 255, 255)", "rgb(20, 23, 27)"] && colours[0] == colours[2])
  }

  /// What the other tests look for would be found.
  @Test func theBrowserTells() throws {
    let scratch = try Scratch()
    let page = try scratch.write(
      "<img src='http://127.0.0.1:9/picture.png'><script>console.error('broken')</script>", to: "page.html")
    let result = try Browser.open(URL(fileURLWithPath: page), in: scratch)
    #expect(result.console.contains { $0.contains("broken") })
    #expect(result.requests.contains("http://127.0.0.1:9/picture.png"))
  }

  /// A file name that holds markup is text to the browser too.
  @Test func namesAreText() throws {
    let scratch = try Scratch()
    let evil = "<img src=x onerror=document.title='broken'>.yaml"
    let accelerator = CLIProgram.package.appendingPathComponent("configs/accelerators/edge-16x16.yaml")
    let path = try scratch.write(try String(contentsOf: accelerator, encoding: .utf8), to: evil)
    let options = ["--model", "deit-tiny", "--image", "32"]
    for files in [[path], [path, "configs/accelerators/edge-16x16.yaml"]] {
      let result = try Browser.open(try page(files + options, in: scratch), in: scratch)
      #expect(result.console.isEmpty, "\(result.console)")
      #expect(!result.document.contains("<title>broken") && !result.document.contains("<img"))
      #expect(result.document.contains("&lt;img src=x"))
    }
  }

  /// Wide and narrow the page has the window's width: what is wider scrolls by itself.
  @Test(arguments: [500, 1400]) func thePageFitsTheWindow(width: Int) throws {
    let text = try said(
      "return [innerWidth, document.documentElement.scrollWidth <= innerWidth];", on: Self.two, width: width)
    #expect(text == "[\(width),true]")
    let scratch = try Scratch()
    let picture = try Browser.picture(of: try page(Self.two, in: scratch), width: width, height: 2000, in: scratch)
    // A blank page of this size has about 10 kB.
    #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]) && picture.count > 40_000)
  }
}
