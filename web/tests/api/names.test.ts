/** References and names, with whatever people put into them. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { command, quoted } from "../../src/api/command.ts";
import {
  namesIn,
  nodeLabel,
  placeOf,
  printable,
  refLabel,
  shortName,
} from "../../src/api/naming.ts";
import { artifactRef, columnRef, jobRef, parseRef } from "../../src/api/refs.ts";
import { between, duration, size, when } from "../../src/api/time.ts";
import { version } from "../graph/answers.ts";

const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });

describe("references", () => {
  it("survive being written and read, whatever is in a name", () => {
    fc.assert(
      fc.property(name, name, (namespace, own) => {
        const artifact = { namespace, name: own };
        expect(parseRef(artifactRef(artifact))).toEqual({ kind: "artifact", artifact });
        expect(parseRef(jobRef(artifact))).toEqual({ kind: "job", job: artifact });
      }),
    );
  });

  it("are taken apart", () => {
    const ref = "version:s3%3A%2F%2Fm/a%2Fb.onnx@run/02d1/shop/train";
    expect(parseRef(ref)).toMatchObject({
      kind: "version",
      artifact: { namespace: "s3://m", name: "a/b.onnx" },
      run: { id: "02d1", job: { namespace: "shop", name: "train" } },
    });
    expect(parseRef("version:n/t@outside/=47%2F11")).toMatchObject({ declared: "47/11" });
    expect(parseRef("version:n/t@outside/sha256:ab")).toMatchObject({ digest: "sha256:ab" });
    expect(parseRef(columnRef(ref, "a#b"))).toEqual({ kind: "column", version: ref, path: "a#b" });
    expect(parseRef("orders@v2")).toBe(null);
    expect(parseRef("version:%E0%A4%A/x@outside")).toBe(null);
  });
});

describe("names", () => {
  it("show what is not seen, and cannot reorder what is around them", () => {
    expect(printable("a\u202eb\u0000c\u200bd")).toBe("a⟨U+202E⟩b⟨U+0000⟩c⟨U+200B⟩d");
    expect(printable("\ud800x\udc00")).toBe("⟨U+D800⟩x⟨U+DC00⟩");
    expect(printable("日本 😀 <b>&")).toBe("日本 😀 <b>&");
  });

  it("are the last part of a path, with the folder as their place", () => {
    const file = { namespace: "file://vm", name: "/data/models/delay.joblib" };
    expect([shortName(file), placeOf(file)]).toEqual(["delay.joblib", "/data/models"]);
    const table = { namespace: "postgres://shop", name: "sales.public.orders" };
    expect([shortName(table), placeOf(table)]).toEqual(["sales.public.orders", "postgres://shop"]);
    expect(shortName({ namespace: "n", name: "/" })).toBe("/");
  });

  it("get the folder in front where two would be called the same", () => {
    const [a, b, c] = ["x/data.csv", "y/data.csv", "z/other.csv"].map((path) => {
      const node = version(path);
      if (node.kind === "version") node.artifact.namespace = "file://vm";
      return node;
    });
    if (!a || !b || !c) throw new Error();
    const called = namesIn([a, b, c]);
    expect([a, b, c].map(called)).toEqual(["x/data.csv", "y/data.csv", "other.csv"]);
    expect(nodeLabel(a)).toBe("data.csv v1");
  });

  it("of references that nothing else is known of are read from them", () => {
    expect(refLabel("run:0193aaaa-1/ns/train")).toBe("train 0193aaaa");
    expect(refLabel("run:01a21834-b8bb-77e3-b9d0-428e5b48ad57/ns/train")).toBe(
      "train 01a21834-b8bb",
    );
    expect(refLabel("version:n/t@outside")).toBe("t outside");
    expect(refLabel("orders@v2")).toBe("orders@v2");
  });
});

describe("commands", () => {
  it("are quoted for a shell where that is needed", () => {
    expect(quoted("version:n/t@outside")).toBe("version:n/t@outside");
    expect(quoted("it's $HOME")).toBe("'it'\\''s $HOME'");
    expect(command(["trace", "a b"], { depth: 2, at: null, columns: true })).toBe(
      "headwater trace 'a b' --depth 2 --columns",
    );
  });
});

describe("times and sizes", () => {
  it("are written for people", () => {
    expect(when("2026-11-26T12:16:33.920682Z")).toBe("2026-11-26 12:16:33");
    expect(when(null)).toBe("–");
    expect([0.42, 42, 125, 12_000].map(duration)).toEqual([
      "0.4 s",
      "42 s",
      "2 min 5 s",
      "3 h 20 min",
    ]);
    expect(between("2026-11-26T12:00:00Z", null)).toBe(null);
    expect([999, 1_227_222, 12_000_000_000].map(size)).toEqual(["999 bytes", "1.2 MB", "12 GB"]);
  });
});
