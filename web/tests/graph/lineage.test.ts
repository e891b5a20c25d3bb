/** What is shown of a lineage, and the exact count of what is not. */

import { describe, expect, it } from "vitest";
import type { Node, Walk } from "../../src/api/documents.ts";
import { layout } from "../../src/graph/layout/index.ts";
import { type Direction, Lineage, reveal, toggleKey } from "../../src/graph/lineage.ts";
import { rowNote, rowsOf } from "../../src/graph/rows.ts";
import { compose, drawnEdges, sketch } from "../../src/graph/scene.ts";
import { neighbour } from "../../src/graph/walk.ts";
import * as told from "./answers.ts";

const lineage = new Lineage(told.model.ref, { up: told.upstream, down: told.downstream });
const show = (depth: number, direction: Direction = "both", ...toggled: string[]) =>
  reveal(lineage, { direction, depth, toggled: new Set(toggled) });
const refs = (...nodes: Node[]) => new Set(nodes.map(({ ref }) => ref));
const NOTHING = { marks: new Map(), columns: new Map() };

describe("a lineage", () => {
  it("opens one hop to each side: past the run, to what it read or wrote", () => {
    expect(show(1).refs).toEqual(
      refs(told.model, told.clean, told.training, told.predictions, told.predicting),
    );
  });

  it("counts exactly what is hidden beyond a node, runs included", () => {
    expect(show(1).hidden).toEqual(
      new Map([
        [told.clean.ref, { up: 2 }],
        [told.predictions.ref, { down: 2 }],
      ]),
    );
    expect(show(99).hidden.size).toBe(0);
    expect(show(0).hidden).toEqual(new Map([[told.model.ref, { up: 4, down: 4 }]]));
  });

  it("opens one more hop at a node, and closes it at the same place", () => {
    const key = toggleKey("up", told.clean.ref);
    const opened = show(1, "both", key);
    expect(opened.refs.has(told.raw.ref)).toBe(true);
    expect(opened.open.get(told.clean.ref)).toEqual(new Set(["up"]));
    expect(show(2, "both", key).refs.has(told.raw.ref)).toBe(false);
  });

  it("shows one direction alone when it is told to", () => {
    expect(show(99, "up").refs.has(told.predictions.ref)).toBe(false);
    expect(show(99, "down").refs.has(told.clean.ref)).toBe(false);
  });

  it("goes from a version only to what that version derives from, not to all that its run read", () => {
    const [a, b, x, y, work] = [..."abxy"].map((name) => told.version(name));
    const by = told.run("work");
    void work;
    const edges = [
      ...told.edgesOf(by, [a as Node], [x as Node]),
      ...told.edgesOf(by, [b as Node], [y as Node]),
    ];
    const walk = told.walk("trace", x as Node, [a, b, x, y, by] as Node[], edges);
    const shown = reveal(new Lineage((x as Node).ref, { up: walk }), {
      direction: "up",
      depth: 1,
      toggled: new Set(),
    });
    expect(shown.refs).toEqual(refs(x as Node, a as Node, by));
  });

  it("shows a run that read something and made nothing of it", () => {
    const [input, idle] = [told.version("input"), told.run("idle")];
    const walk = told.walk("impact", input, [input, idle], told.edgesOf(idle, [input], []));
    const one = new Lineage(input.ref, { down: walk });
    expect(one.hops(input.ref, "down")).toEqual([{ to: idle.ref, via: null }]);
  });

  it("starts at a run as well: what it read, what it wrote", () => {
    const up = { ...told.upstream, root: told.training.ref } as Walk;
    const down = told.walk(
      "impact",
      told.training,
      [told.training, told.model],
      told.edgesOf(told.training, [], [told.model]),
    );
    const one = new Lineage(told.training.ref, { up, down });
    expect(one.hops(told.training.ref, "up").map(({ to }) => to)).toEqual([told.clean.ref]);
    expect(one.hops(told.training.ref, "down").map(({ to }) => to)).toEqual([told.model.ref]);
  });
});

describe("a scene", () => {
  const scene = (shown = show(99)) => {
    const drawn = sketch(lineage, shown, NOTHING);
    return compose(drawn, layout(drawn.boxes, drawn.arcs, { rank: 40, node: 10 }));
  };

  it("draws no derivation beside the run that it goes through", () => {
    const kinds = drawnEdges(lineage, show(99).refs).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(["used", "generated"]));
    const withoutRun = new Set([told.model.ref, told.clean.ref]);
    expect(drawnEdges(lineage, withoutRun).map(({ kind }) => kind)).toEqual(["derived"]);
  });

  it("flows from what was read to what was made", () => {
    const x = (node: Node) => scene().byRef.get(node.ref)?.x as number;
    expect(x(told.raw)).toBeLessThan(x(told.cleaning));
    expect(x(told.cleaning)).toBeLessThan(x(told.clean));
    expect(x(told.clean)).toBeLessThan(x(told.model));
    expect(x(told.model)).toBeLessThan(x(told.report));
  });

  it("begins and ends its lines at the sides of the boxes", () => {
    const drawn = scene();
    for (const { from, to, points } of drawn.edges) {
      const [a, b] = [drawn.byRef.get(from), drawn.byRef.get(to)];
      expect(points[0]).toBeCloseTo((a?.x ?? 0) + (a?.width ?? 0) / 2, 3);
      expect(points.at(-2)).toBeCloseTo((b?.x ?? 0) - (b?.width ?? 0) / 2, 3);
    }
  });

  it("says in words what a node is and what is hidden beyond it", () => {
    const drawn = scene(show(1));
    expect(drawn.byRef.get(told.clean.ref)?.label).toBe(
      "table clean, v1 · 2026-11-01 00:00:00, 2 more upstream",
    );
  });

  it("is walked by arrows, along lines and within a rank", () => {
    const drawn = scene();
    const go = (from: Node, arrow: Parameters<typeof neighbour>[2]) =>
      neighbour(drawn, from.ref, arrow);
    expect(go(told.model, "ArrowLeft")).toBe(told.training.ref);
    expect(go(told.model, "ArrowRight")).toBe(told.predicting.ref);
    expect(go(told.raw, "ArrowLeft")).toBe(null);
    expect(go(told.raw, "ArrowDown")).toBe(null);
  });
});

describe("the tree", () => {
  const names = (depth: number) =>
    rowsOf(lineage, show(depth)).map(
      ({ node, level, hidden }) =>
        `${"  ".repeat(level - 1)}${node.kind === "version" ? node.artifact.name : "run"}${hidden ? ` +${hidden}` : ""}`,
    );

  it("says the same as the drawing", () => {
    expect(names(1)).toEqual(["model", "  clean +2", "  predictions +2"]);
    expect(names(99)).toEqual(["model", "  clean", "    raw", "  predictions", "    report"]);
  });

  it("names the run between two lines", () => {
    const [, clean] = rowsOf(lineage, show(1));
    expect(clean && rowNote(clean)).toBe("2026-11-01 00:00:00 · by training training");
  });

  it("shows a thing once with all under it, and says where it is again", () => {
    const [a, b, c, top] = [..."abc"]
      .map((name) => told.version(name))
      .concat(told.version("top")) as [Node, Node, Node, Node];
    const [one, two, three] = [told.run("one"), told.run("two"), told.run("three")] as Node[];
    const edges = [
      ...told.edgesOf(one as Node, [a, b], [top]),
      ...told.edgesOf(two as Node, [b], [a]),
      ...told.edgesOf(three as Node, [c], [b]),
    ];
    const nodes = [a, b, c, top, one, two, three] as Node[];
    const diamond = new Lineage(top.ref, { up: told.walk("trace", top, nodes, edges) });
    const shown = reveal(diamond, { direction: "up", depth: 99, toggled: new Set() });
    const rows = rowsOf(diamond, shown);
    expect(rows.filter(({ ref }) => ref === c.ref)).toHaveLength(1);
    expect(rows.filter(({ ref, above }) => ref === b.ref && above)).toHaveLength(1);
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
  });
});
