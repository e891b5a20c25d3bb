import { describe, expect, it } from "vitest";
import { readToggles, toggle } from "../../src/url/toggles.ts";

describe("what was opened by hand", () => {
  it("is in the address, and comes back from it", () => {
    const text = toggle(toggle(null, "up", "version:a"), "down", "version:b");
    expect(readToggles(text, ["version:a", "version:b", "version:c"])).toEqual(
      new Set(["up:version:a", "down:version:b"]),
    );
  });

  it("is gone when it is turned round again", () => {
    expect(toggle(toggle(null, "up", "version:a"), "up", "version:a")).toBe(null);
  });

  it("says nothing of nodes that are there no more", () => {
    expect(readToggles(toggle(null, "up", "version:a"), ["version:b"])).toEqual(new Set());
  });
});
