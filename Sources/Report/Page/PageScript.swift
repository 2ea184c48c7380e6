import Exploration

/// The page's script: it sorts tables, zooms the timelines and switches the scheme. Without it all is there that can be read.
enum PageScript {
  /// Of `text`, for the page's policy.
  static let digest = "sha256-" + base64(SHA256.digest(text.utf8))

  static let text = #"""

    "use strict";
    (() => {
      const all = (selector, root = document) => [...root.querySelectorAll(selector)];

      // Scheme: what the system says, until the button says otherwise.
      const root = document.documentElement;
      const scheme = document.getElementById("scheme");
      const isDark = () => root.dataset.scheme ? root.dataset.scheme === "dark"
        : matchMedia("(prefers-color-scheme: dark)").matches;
      scheme.hidden = false;
      scheme.addEventListener("click", () => { root.dataset.scheme = isDark() ? "light" : "dark"; });

      // Tables: a click on a head sorts by its column, another one the other way round.
      const key = cell => {
        const text = cell.dataset.v ?? cell.textContent;
        const number = Number(text);
        return text === "" ? null : Number.isNaN(number) ? text : number;
      };
      const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b
        : String(a).localeCompare(String(b), "en", { numeric: true });
      for (const table of all("table.sorts")) {
        const heads = all("thead th", table);
        heads.forEach((head, column) => {
          const button = document.createElement("button");
          button.type = "button";
          button.append(...head.childNodes);
          head.append(button);
          button.addEventListener("click", () => {
            const first = head.classList.contains("n") ? "descending" : "ascending";
            const other = first === "ascending" ? "descending" : "ascending";
            const order = head.getAttribute("aria-sort") === first ? other : first;
            const sign = order === "ascending" ? 1 : -1;
            heads.forEach(one => one.removeAttribute("aria-sort"));
            head.setAttribute("aria-sort", order);
            const body = table.tBodies[0];
            const rows = [...body.rows].map(row => ({ row, value: key(row.cells[column]) }));
            // What has no value stays at the end.
            rows.sort((a, b) => a.value === null || b.value === null
              ? (a.value === null) - (b.value === null) : sign * compare(a.value, b.value));
            body.append(...rows.map(one => one.row));
          });
        });
      }

      // Timelines: all tracks of one run show the same stretch of it.
      const group = value => Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ",");
      const step = least => {
        const unit = 10 ** Math.floor(Math.log10(least));
        return [1, 2, 5, 10].map(factor => factor * unit).find(size => size >= least);
      };
      for (const zoom of all(".zoom")) {
        const run = zoom.dataset.run;
        const cycles = Number(zoom.dataset.cycles);
        const length = Number(zoom.dataset.length);
        const tracks = all(`svg.track[data-run="${run}"]`);
        const axes = all(`svg.axis[data-run="${run}"]`);
        const output = zoom.querySelector("output");
        const layers = zoom.querySelector("select");
        let [from, to] = [0, cycles];
        const label = at => {
          const layer = all("option", layers).find(one => at >= Number(one.dataset.from) && at < Number(one.dataset.to));
          return layer && layer.value !== "" ? ` · ${layer.textContent}` : "";
        };
        const show = (start, end) => {
          const width = Math.min(cycles, Math.max(end - start, 8 * length, 1));
          from = Math.min(Math.max(0, start), cycles - width);
          to = from + width;
          for (const track of tracks) {
            const height = track.dataset.height;
            track.setAttribute("viewBox", `${from / length} 0 ${width / length} ${height}`);
          }
          const size = step(width / Math.max(2, Math.floor(axes[0].clientWidth / 110)));
          const ticks = [];
          for (let tick = Math.ceil(from / size) * size; tick <= to; tick += size) ticks.push(tick);
          for (const axis of axes) {
            axis.replaceChildren(...ticks.map(tick => {
              const text = document.createElementNS("http://www.w3.org/2000/svg", "text");
              const place = (tick - from) / width;
              text.setAttribute("x", `${100 * place}%`);
              text.setAttribute("y", "14");
              text.setAttribute("text-anchor", place < .02 ? "start" : place > .96 ? "end" : "middle");
              text.textContent = group(tick);
              return text;
            }));
          }
          output.textContent = width < cycles ? `${group(from)} to ${group(to)}` : "";
        };
        const by = (factor, at = (from + to) / 2) => show(at - (at - from) * factor, at + (to - at) * factor);
        const moves = {
          in: () => by(.5), out: () => by(2), left: () => show(from - (to - from) / 2, to - (to - from) / 2),
          right: () => show(from + (to - from) / 2, to + (to - from) / 2),
          all: () => { layers.value = ""; show(0, cycles); },
        };
        for (const button of all("button", zoom)) button.addEventListener("click", moves[button.dataset.move]);
        layers.addEventListener("change", () => {
          const layer = layers.selectedOptions[0];
          const [start, end] = [Number(layer.dataset.from), Number(layer.dataset.to)];
          const margin = layer.value === "" ? 0 : (end - start) * .1;
          show(start - margin, end + margin);
        });
        for (const track of tracks) {
          let grip = null;
          const at = event => {
            const box = track.getBoundingClientRect();
            return from + (event.clientX - box.left) / box.width * (to - from);
          };
          track.addEventListener("wheel", event => {
            if (!event.ctrlKey && !event.metaKey) return;
            event.preventDefault();
            by(event.deltaY < 0 ? .8 : 1.25, at(event));
          }, { passive: false });
          track.addEventListener("pointerdown", event => { grip = { at: at(event) }; });
          track.addEventListener("pointermove", event => {
            if (grip && event.buttons === 1) show(from + grip.at - at(event), to + grip.at - at(event));
            output.textContent = `cycle ${group(at(event))}${label(at(event))}`;
          });
          track.addEventListener("pointerup", () => { grip = null; });
          track.addEventListener("pointerleave", () => { grip = null; });
          track.addEventListener("dblclick", event => by(.4, at(event)));
        }
        addEventListener("resize", () => show(from, to));
        zoom.hidden = false;
        show(0, cycles);
      }
    })();

    """#

  /// RFC 4648.
  private static func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    return stride(from: 0, to: bytes.count, by: 3).map { start in
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      let text = [18, 12, 6, 0].prefix(group.count + 1).map { digits[bits >> $0 & 63] }
      return String(text) + String(repeating: "=", count: 3 - group.count)
    }.joined()
  }
}
