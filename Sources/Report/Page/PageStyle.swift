/// The style of a page: one type size, few rules, colours by way of variables for a light and a dark scheme.
enum PageStyle {
  static var text: Markup {
    Markup(
      source:
        """

        :root{color-scheme:light;\(light)}
        @media(prefers-color-scheme:dark){:root{color-scheme:dark;\(dark)}}
        :root[data-scheme=light]{color-scheme:light;\(light)}
        :root[data-scheme=dark]{color-scheme:dark;\(dark)}
        \(ChartPalette.classes)
        \(rules)

        """)
  }

  private static let light =
    "--page:#fff;--ink:#1c2126;--soft:#5c6670;--rule:#dfe3e7;--shade:#f5f6f8;--link:#245a97;"
    + ChartPalette.variables(dark: false)
  private static let dark =
    "--page:#14171b;--ink:#dfe3e8;--soft:#98a2ad;--rule:#2d3339;--shade:#1b1f24;--link:#8ab4ea;"
    + ChartPalette.variables(dark: true)

  private static let rules = """
    *{box-sizing:border-box}
    html{scroll-padding-top:2.6rem}
    body{margin:0 auto;padding:0 1.25rem 3rem;max-width:70rem;background:var(--page);color:var(--ink);\
    font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;\
    font-variant-numeric:tabular-nums}
    header{position:relative;padding:1.6rem 0 .6rem}
    h1{font-size:1.5rem;line-height:1.25;font-weight:600;margin:0 6rem 0 0;overflow-wrap:anywhere}
    header p{margin:.2rem 0 0;color:var(--soft);overflow-wrap:anywhere}
    nav{position:sticky;top:0;z-index:1;background:var(--page);border-bottom:1px solid var(--rule);padding:.45rem 0;\
    display:flex;gap:.1rem 1.1rem;overflow-x:auto;white-space:nowrap}
    a{color:var(--link);text-decoration:none}
    a:hover{text-decoration:underline}
    section{padding-top:1.6rem}
    h2{font-size:1.1rem;font-weight:600;margin:0 0 .3rem}
    h3{font-size:1rem;font-weight:600;margin:1.2rem 0 .3rem;overflow-wrap:anywhere}
    .note{color:var(--soft);max-width:62rem;margin:.1rem 0 .7rem}
    footer{margin-top:2.5rem;padding-top:.6rem;border-top:1px solid var(--rule);color:var(--soft)}
    button,select{font:inherit;color:var(--ink);background:var(--shade);border:1px solid var(--rule);border-radius:3px;\
    padding:.1rem .5rem;cursor:pointer;max-width:100%}
    #scheme{position:absolute;right:0;top:1.6rem}
    button:focus-visible,select:focus-visible,a:focus-visible,summary:focus-visible,.wide:focus-visible\
    {outline:2px solid var(--link);outline-offset:1px}
    dl.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:.9rem 1rem;margin:.6rem 0 1.2rem}
    dl.figures div{border-top:1px solid var(--rule);padding-top:.25rem}
    dt{color:var(--soft);font-size:12.5px}
    dd{margin:0;font-size:1.3rem;line-height:1.3}
    dd small{font-size:12.5px;color:var(--soft)}
    .wide{overflow-x:auto;position:relative}
    table{border-collapse:collapse;font-size:13px;width:100%}
    th{font-weight:500;color:var(--soft);text-align:left;vertical-align:bottom;white-space:nowrap}
    th,td{padding:.14rem .9rem .14rem 0;border-bottom:1px solid var(--rule)}
    td{vertical-align:top}
    tr>:last-child{padding-right:0}
    .n{text-align:right;white-space:nowrap}
    td.b{width:100%;min-width:11rem;padding-top:.36rem}
    td.name{white-space:nowrap}
    td.why{min-width:23rem;font-size:12px}
    wbr{display:none}
    .plain{width:auto}
    .plain th,.plain td{padding-right:1.6rem}
    tbody th{padding-top:.8rem;color:var(--ink);font-weight:600}
    tfoot td{border-top:1px solid var(--soft);border-bottom:0;font-weight:600}
    .sorts td{white-space:nowrap}
    .sorts thead th{position:sticky;top:0;background:var(--page)}
    .sorts tfoot td{position:sticky;bottom:0;background:var(--page)}
    .sorts tfoot td:first-child{z-index:1}
    .sorts td:first-child,.sorts th:first-child{position:sticky;left:0;background:var(--page)}
    .sorts thead th:first-child{z-index:1}
    .sorts th button{all:unset;cursor:pointer}
    .sorts th button:focus-visible{outline:2px solid var(--link)}
    .sorts th[aria-sort=ascending] button::after{content:" ▲";font-size:9px}
    .sorts th[aria-sort=descending] button::after{content:" ▼";font-size:9px}
    .tall{max-height:34rem;overflow:auto}
    svg{display:block;width:100%}
    svg text{font-size:12px;fill:var(--soft)}
    svg text.name{fill:var(--ink);paint-order:stroke;stroke:var(--page);stroke-width:3px;stroke-linejoin:round}
    .bar{height:13px}
    .bar rect,.track rect,.track path{stroke:none}
    .plot{min-width:44rem}
    .plot circle{fill-opacity:.65;stroke-width:1}
    path.line{fill:none;stroke-width:1.6}
    path.dashed{stroke-dasharray:5 4}
    .soft{stroke:var(--soft)}
    .grid{stroke:var(--rule)}
    .other{fill:var(--soft);fill-opacity:.35!important;stroke:none}
    .leader{stroke:var(--soft);stroke-width:.7}
    .key{display:inline-block;width:.75em;height:.75em;border-radius:1px;margin-right:.35em}
    ul.keys{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;margin:.3rem 0 .8rem;padding:0;font-size:13px}
    details{margin-top:.8rem}
    summary{cursor:pointer;color:var(--link);margin-bottom:.4rem}
    pre{background:var(--shade);border:1px solid var(--rule);border-radius:3px;padding:.7rem .9rem;margin:.4rem 0;\
    overflow:auto;max-height:34rem;font:12.5px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
    .zoom{display:flex;flex-wrap:wrap;gap:.35rem;align-items:center;margin:.3rem 0 .6rem}
    .zoom[hidden]{display:none}
    .zoom output{color:var(--soft);overflow-wrap:anywhere}
    .tracks{display:grid;grid-template-columns:13.5rem minmax(0,1fr);gap:.25rem .8rem;align-items:center;\
    font-size:13px}
    td.t{min-width:7rem}
    .tracks b{font-weight:500;color:var(--soft);margin-left:.5em}
    .tracks .l{display:flex;justify-content:space-between;flex-wrap:wrap}
    .track{height:34px;background:var(--p-idle)}
    .track.strip{height:12px}
    .window{fill:var(--soft);fill-opacity:.5}
    .window.odd{fill-opacity:.25}
    .ground{fill:var(--rule)}
    .over{fill:transparent}
    .cap{stroke:var(--soft);stroke-width:1;vector-effect:non-scaling-stroke}
    .axis{height:20px;overflow:visible}
    .light{opacity:.35}
    @media(max-width:40rem){.tracks{grid-template-columns:minmax(0,1fr)}.tracks .l{justify-content:flex-start}\
    td.b{min-width:8rem}td.name{white-space:normal;overflow-wrap:anywhere;min-width:8rem}wbr{display:inline}h1{margin-right:0}#scheme{position:static;margin-top:.5rem}}
    @media print{nav,.zoom,#scheme{display:none}.tall,pre{max-height:none}body{max-width:none}}
    """
}
