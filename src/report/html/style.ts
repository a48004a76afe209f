/** The page's looks. No rule names a font file, an image or anything else to fetch. */
export const style = `
:root{color-scheme:light dark;--bg:#f7f7f5;--card:#fff;--ink:#1b1f24;--muted:#57606a;--line:#d5d9de;--bad:#b3261e;--bad-bg:#fdecea;--warn:#7a5200;--warn-bg:#fff3d6;--ok:#1a6b3c;--ok-bg:#e4f3e9;--link:#1a55b0;--trusted:#b4bcc5;--batch:#1f5fbf;--mark:#fff0b8}
@media(prefers-color-scheme:dark){:root{--bg:#14171a;--card:#1d2125;--ink:#e8eaed;--muted:#a9b1ba;--line:#3a4149;--bad:#ff8f86;--bad-bg:#3a1d1b;--warn:#f2c66d;--warn-bg:#36290f;--ok:#7fd69a;--ok-bg:#16301f;--link:#8ab4f8;--trusted:#59626c;--batch:#8ab4f8;--mark:#4a3d10}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
main,header,footer{max-width:68rem;margin:0 auto;padding:0 1rem}
a{color:var(--link)}
h1{font-size:1.6rem;line-height:1.25;margin:.4rem 0 .6rem}
h2{font-size:1.2rem;margin:2.2rem 0 .5rem;padding-top:.4rem}
h3{font-size:1rem;margin:0 0 .3rem}
p{margin:.3rem 0 .6rem;max-width:46rem}
small,.muted,figcaption,caption{color:var(--muted);font-size:.875rem}
code,.num{font-variant-numeric:tabular-nums}
code{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.85em}
.verdict{margin-top:1rem;padding:1.1rem 1.2rem 1rem;border:1px solid var(--line);border-left:.5rem solid;border-radius:.4rem;background:var(--card)}
.verdict.bad{border-left-color:var(--bad)}.verdict.warn{border-left-color:var(--warn)}.verdict.ok{border-left-color:var(--ok)}
.verdict ol,.verdict ul{margin:.3rem 0 .4rem;padding-left:1.4rem;max-width:46rem}
.verdict li{margin:.2rem 0}.verdict h2{font-size:1rem;margin:.8rem 0 .2rem;padding:0}
.tag{display:inline-block;padding:.05rem .5rem;border-radius:.25rem;font-size:.8rem;font-weight:700;letter-spacing:.02em;white-space:nowrap}
.tag.bad{color:var(--bad);background:var(--bad-bg)}.tag.warn{color:var(--warn);background:var(--warn-bg)}.tag.ok{color:var(--ok);background:var(--ok-bg)}
.cause{margin:.3rem 0}.cause b{font-weight:600}
pre{margin:.3rem 0 .6rem;padding:.6rem .8rem;overflow-x:auto;background:var(--bg);border:1px solid var(--line);border-radius:.3rem;line-height:1.4}
.facts{display:flex;flex-wrap:wrap;gap:.4rem 1.6rem;margin:.8rem 0 0;padding:.7rem 0 0;border-top:1px solid var(--line)}
.facts div{display:flex;flex-direction:column-reverse}
.facts dt{color:var(--muted);font-size:.8rem}.facts dd{margin:0;font-weight:600}
nav{margin:.8rem 0 0;font-size:.9rem}nav a{margin-right:1rem;display:inline-block}
.card{background:var(--card);border:1px solid var(--line);border-radius:.4rem;padding:.9rem 1.1rem;margin:.8rem 0;min-width:0}
.card.bad{border-left:.3rem solid var(--bad)}.card.warn{border-left:.3rem solid var(--warn)}
.finding{border-top:1px solid var(--line);padding:.6rem 0 .1rem;margin-top:.6rem}
.finding h4{margin:0;font-size:1rem}
.finding p{margin:.2rem 0 .3rem}
figure{margin:0;min-width:0}figcaption{margin:.3rem 0 0;max-width:46rem}
@media(min-width:60rem){.scopes tbody th{min-width:11rem}.verdict{display:grid;grid-template-columns:minmax(0,1fr) 13.5rem;gap:0 1.6rem}.verdict .facts{flex-direction:column;flex-wrap:nowrap;gap:.7rem;margin:0;padding:.2rem 0 .2rem 1.4rem;border-top:0;border-left:1px solid var(--line);align-self:start}.beside{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);gap:0 1.6rem;align-items:center}.beside h3{grid-column:1/-1}}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:.8rem;align-items:start}.grid .card{margin:0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem}
caption{text-align:left;padding:.2rem 0 .3rem}
th,td{overflow-wrap:break-word}.scopes tbody th,.compare th,td:last-child{overflow-wrap:anywhere}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line)}
table.plain{width:auto;min-width:min(100%,26rem)}thead th{color:var(--muted);font-weight:600;font-size:.8rem}
td.num,th.num{text-align:right;white-space:nowrap}
td.differs{background:var(--mark);font-weight:600}
th[scope=row]{font-weight:500}
.stacked th,.stacked td{padding-right:1rem}
.compare{table-layout:fixed}.compare th:first-child{width:20%}
.compare td{padding-left:.4rem}.compare thead th{padding-left:.4rem}.compare thead th:first-child{padding-left:0}
.pixels{image-rendering:pixelated;width:9rem;height:9rem;border:1px solid var(--line);background:#000}
.thumbs{display:flex;flex-wrap:wrap;gap:.4rem}.thumbs .pixels{width:4rem;height:4rem}
.pixel-pair{display:flex;flex-wrap:wrap;gap:1rem;margin:.4rem 0}
details{margin:.5rem 0}summary{cursor:pointer;padding:.15rem 0}
details.card{padding:.5rem 1.1rem}details.card>summary{font-weight:600}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin:.2rem 0;padding:0;list-style:none;color:var(--muted);font-size:.875rem}
.legend svg{width:1.4rem;height:.8rem;vertical-align:-.05rem;margin-right:.3rem}
svg{display:block;width:100%;height:auto}.legend svg{display:inline-block}
svg text{fill:var(--muted);font-size:12px;font-family:inherit}
.grid svg text{font-size:10px}.beside svg{max-width:32rem}.beside .legend svg{max-width:1.4rem}svg.strip text{font-size:8.5px}
.axis{stroke:var(--line);stroke-width:1;fill:none}
.held{fill:var(--bad);stroke:var(--bad)}.passed{fill:none;stroke:var(--muted);stroke-width:.6}
.trusted{fill:var(--trusted);stroke:none}.batch{fill:none;stroke:var(--batch);stroke-width:2}
.dots{fill:none;stroke-linecap:round}.dots.of-trusted{stroke:var(--trusted);stroke-width:9}.dots.of-batch{stroke:var(--batch);stroke-width:2.6}.dots.odd{stroke-width:5.5}
.surplus{fill:var(--bad);fill-opacity:.55;stroke:none}.suspect{fill:var(--bad);stroke:var(--card);stroke-width:.6}
footer{margin-top:2.5rem;padding-bottom:2rem;color:var(--muted);font-size:.875rem}
@media(max-width:40rem){h1{font-size:1.3rem}svg.strip text{font-size:15px}.grid svg text{font-size:12px}.scopes,.scopes tbody{display:block}.scopes caption{display:block}.scopes thead{display:none}.scopes tr{display:grid;grid-template-columns:1fr auto 1.4fr 1.4fr;border-bottom:1px solid var(--line);padding:.3rem 0}.scopes th,.scopes td{border:0;padding:.05rem .3rem .05rem 0}.scopes th,.scopes td.why{grid-column:1/-1}.scopes td.num{text-align:left}.scopes td[data-from]::before{content:attr(data-from) " ";color:var(--muted);font-size:.8rem}.compare,.compare tbody{display:block}.compare thead{display:none}.compare tr{display:grid;grid-template-columns:repeat(auto-fit,minmax(6rem,1fr));border-bottom:1px solid var(--line)}.compare th,.compare td{border:0}.compare th[scope=row]{grid-column:1/-1;width:auto;padding-bottom:0;color:var(--muted);font-size:.8rem}.stacked,.stacked tbody,.stacked tr,.stacked td,.stacked th{display:block}.stacked thead{display:none}.stacked tr{border-bottom:1px solid var(--line);padding:.4rem 0}.stacked th,.stacked td{border:0;padding:.05rem 0}.stacked td::before{content:attr(data-from) ": ";color:var(--muted);font-size:.8rem}.compare td::before{content:attr(data-from);display:block;color:var(--muted);font-size:.75rem;font-weight:400}.verdict{padding:.9rem}.card{padding:.7rem .8rem}th,td{padding-right:.4rem}}
@media print{:root{--bg:#fff}body{font-size:11px}nav{display:none}.card,.verdict,figure,tr{break-inside:avoid}details::details-content{content-visibility:visible;height:auto}}
`;
