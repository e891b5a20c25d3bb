import { describe, expect, it } from "vitest";
import type { Node } from "../../src/api/documents.ts";
import { layout } from "../../src/graph/layout/index.ts";
import { Lineage, reveal } from "../../src/graph/lineage.ts";
import { compose, sketch } from "../../src/graph/scene.ts";
import { shownAsCsv, shownAsJson, shownAsSvg } from "../../src/screens/explorer/export.ts";
import * as told from "../graph/answers.ts";

const lineage = new Lineage(told.model.ref, { up: told.upstream, down: told.downstream });
const shown = reveal(lineage, { direction: "up", depth: 1, toggled: new Set() });
const COLOURS = { ink: "#000", quiet: "#555", line: "#999", panel: "#fff", paper: "#eee" };

describe("an export", () => {
  it("holds exactly what is shown", () => {
    const { nodes, edges, focus } = JSON.parse(
      shownAsJson(lineage, shown, { head: { size: 9, root: "" }, completeness: {} }),
    );
    expect(nodes.map(({ ref }: Node) => ref).sort()).toEqual([...shown.refs].sort());
    expect(edges).toHaveLength(2);
    expect(focus).toBe(told.model.ref);
  });

  it("is one line a link as CSV, quoted where that is needed", () => {
    const lines = shownAsCsv(lineage, shown).split("\r\n");
    expect(lines).toHaveLength(4);
    expect(lines[0]).toBe("from,to,kind,exactness,evidence,binding,entries");
    const alone = new Lineage('version:n/a,"b"@outside', {
      up: told.walk(
        "trace",
        { ...told.version("x"), ref: 'version:n/a,"b"@outside' },
        [{ ...told.version("x"), ref: 'version:n/a,"b"@outside' }],
        [],
      ),
    });
    const only = reveal(alone, { direction: "up", depth: 1, toggled: new Set() });
    expect(shownAsCsv(alone, only)).toContain('"version:n/a,""b""@outside",,,');
  });

  it("is well-formed as SVG whatever a name has in it", () => {
    const evil = told.version('<script>alert("1")\u0001&');
    const one = new Lineage(evil.ref, { up: told.walk("trace", evil, [evil], []) });
    const all = reveal(one, { direction: "up", depth: 1, toggled: new Set() });
    const drawn = sketch(one, all, { marks: new Map(), columns: new Map() });
    const scene = compose(drawn, layout(drawn.boxes, drawn.arcs, { rank: 40, node: 10 }));
    const svg = shownAsSvg(scene, COLOURS, "a < b");
    expect(svg).not.toContain("<script");
    expect(svg).toContain("&#60;script&#62;");
    expect(svg).not.toContain("\u0001");
    expect(svg).toContain("<title>a &#60; b</title>");
  });
});
