import { describe, expect, it } from "vitest";
import type { Change } from "../../src/api/documents.ts";
import { grouped, relative } from "../../src/screens/diff/changes.ts";

const change = (what: string, path: string, a: unknown, b: unknown): Change => ({
  what,
  change: "changed",
  path,
  a,
  b,
});

describe("changes", () => {
  it("stand in the order in which people look for causes", () => {
    const groups = grouped([
      change("facet", "schema.x", 1, 2),
      change("version", "digest", "sha256:a", "sha256:b"),
      change("parameter", "headwater_training.metrics.auc", 0.7, 0.8),
      change("parameter", "headwater_training.hyperparameters.depth", 1, 2),
      change("code", "state", "c1", "c2"),
    ]);
    expect(groups.map(({ title }) => title)).toEqual([
      "Code",
      "Parameters",
      "Metrics",
      "Version",
      "Other facets",
    ]);
  });

  it("are said once where two facets say the same", () => {
    const groups = grouped([
      change("parameter", "executionParameters.parameters[depth].value", "1", "2"),
      change("parameter", "headwater_training.hyperparameters.depth", 1, 2),
      change("version", "digest", "sha256:a", "sha256:b"),
      change("facet", "headwater_digest.value", "a", "b"),
    ]);
    expect(groups.map(({ title, changes }) => [title, changes.length])).toEqual([
      ["Parameters", 1],
      ["Version", 1],
    ]);
  });

  it("of figures say by how much", () => {
    expect(relative(30, 60)).toBe("+100 %");
    expect(relative("0.2", "0.15")).toBe("−25 %");
    expect(relative(0, 1)).toBe(null);
    expect(relative("a", "b")).toBe(null);
    expect(relative(null, 1)).toBe(null);
    expect(relative("", 3)).toBe(null);
  });
});
