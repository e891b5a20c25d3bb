import { describe, expect, it } from "vitest";
import { around, bringIn, overview, SCALE_MOST, zoom } from "../../src/graph/camera.ts";

const SCREEN = { width: 1000, height: 500 };

describe("the camera", () => {
  it("shows the whole drawing, no larger than life", () => {
    const camera = overview({ width: 4000, height: 100 }, SCREEN, 0);
    expect(camera).toEqual({ scale: 0.25, x: 0, y: 237.5 });
    expect(overview({ width: 10, height: 10 }, SCREEN).scale).toBe(1);
  });

  it("zooms about a point that stays where it is, within bounds", () => {
    const before = { scale: 1, x: 10, y: 20 };
    const after = zoom(before, 2, 300, 200);
    expect((300 - after.x) / after.scale).toBe((300 - before.x) / before.scale);
    expect(zoom(before, 1000, 0, 0).scale).toBe(SCALE_MOST);
  });

  it("moves only for a point out of sight", () => {
    const camera = { scale: 1, x: 0, y: 0 };
    expect(bringIn(camera, { x: 500, y: 250 }, SCREEN)).toBe(camera);
    const moved = bringIn(camera, { x: 1200, y: 250 }, SCREEN);
    expect(moved.x + 1200).toBeLessThan(SCREEN.width);
    expect(moved.y).toBe(0);
  });

  it("leaves no empty room beside a drawing that is larger than the screen", () => {
    const drawing = { width: 3000, height: 100 };
    const camera = around({ x: 3000, y: 50 }, drawing, SCREEN, 1, 40);
    expect(camera.x + 3000).toBe(SCREEN.width - 40);
    expect(around({ x: 0, y: 50 }, drawing, SCREEN, 1, 40).x).toBe(40);
  });
});
