/**
 * Paints a scene: lines on a canvas, boxes as pooled elements, so that a thousand of them pan smoothly.
 *
 * Only boxes on screen have elements, and elements are used again. Far out, where no text could be
 * read, boxes are painted on the canvas too.
 */

import { BoxPool } from "./boxes.ts";
import type { Camera, Size } from "./camera.ts";
import type { Scene, SceneEdge, SceneNode } from "./scene.ts";

/** Below this scale boxes are painted, not elements. */
export const ELEMENTS_SCALE = 0.42;
/** So few boxes are elements at any scale. */
const ELEMENTS_FEW = 120;
/** Below this scale an element shows its name alone, larger. */
const FAR_SCALE = 0.62;
/** Boxes this far off screen, in pixels, are ready. */
const READY = 120;

export interface Highlight {
  /** The selected node, and everything on its ways; null when nothing is selected. */
  selected: string | null;
  ways: ReadonlySet<string> | null;
}

interface Extent {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export class Painter {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #world: HTMLElement;
  readonly #boxes: BoxPool;
  #scene: Scene | null = null;
  /** The scene that the elements on screen are of. */
  #drawn: Scene | null = null;
  #extents: Extent[] = [];
  #highlight: Highlight = { selected: null, ways: null };
  #camera: Camera = { x: 0, y: 0, scale: 1 };
  #size: Size = { width: 0, height: 0 };
  #colours: Record<string, string> = {};
  #frame = 0;

  constructor(host: HTMLElement) {
    this.#canvas = document.createElement("canvas");
    this.#canvas.className = "graph-lines";
    this.#canvas.setAttribute("aria-hidden", "true");
    this.#world = document.createElement("div");
    this.#world.className = "graph-world";
    host.append(this.#canvas, this.#world);
    this.#context = this.#canvas.getContext("2d") as CanvasRenderingContext2D;
    this.#boxes = new BoxPool(this.#world);
    this.readColours();
  }

  /** Take the colours of the page: again when its theme changes. */
  readColours(): void {
    const style = getComputedStyle(this.#canvas);
    for (const name of ["line", "line-strong", "ink-3", "accent", "panel", "paper"])
      this.#colours[name] = style.getPropertyValue(`--${name}`).trim();
    this.request();
  }

  resize(size: Size): void {
    this.#size = size;
    const ratio = window.devicePixelRatio || 1;
    this.#canvas.width = Math.round(size.width * ratio);
    this.#canvas.height = Math.round(size.height * ratio);
    this.#canvas.style.width = `${size.width}px`;
    this.#canvas.style.height = `${size.height}px`;
    this.request();
  }

  show(scene: Scene, highlight: Highlight): void {
    if (scene !== this.#scene) {
      this.#scene = scene;
      this.#extents = scene.edges.map(extentOf);
    }
    this.#highlight = highlight;
    this.#boxes.highlight(highlight);
    this.request();
  }

  look(camera: Camera): void {
    this.#camera = camera;
    this.request();
  }

  /** Paint in the next frame, once. */
  request(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  end(): void {
    cancelAnimationFrame(this.#frame);
    this.#canvas.remove();
    this.#world.remove();
  }

  #paint(): void {
    const { x, y, scale } = this.#camera;
    const ratio = window.devicePixelRatio || 1;
    const context = this.#context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#world.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    if (!this.#scene) return;
    context.setTransform(ratio * scale, 0, 0, ratio * scale, ratio * x, ratio * y);
    const seen = this.#seen();
    this.#paintLines(seen);
    const near = this.#scene.nodes.filter((node) => meets(boxExtent(node), seen));
    const asElements = scale >= ELEMENTS_SCALE || near.length <= ELEMENTS_FEW;
    this.#world.classList.toggle("far", scale < FAR_SCALE);
    // Only now, so that no element is gone between two frames.
    if (this.#drawn !== this.#scene) this.#boxes.forget();
    this.#drawn = this.#scene;
    this.#boxes.show(asElements ? near : []);
    if (!asElements) this.#paintBoxes(near);
  }

  #seen(): Extent {
    const { x, y, scale } = this.#camera;
    return {
      left: (-x - READY) / scale,
      right: (this.#size.width - x + READY) / scale,
      top: (-y - READY) / scale,
      bottom: (this.#size.height - y + READY) / scale,
    };
  }

  /** Lines of one look share a stroke: changing the pen is what costs. */
  #paintLines(seen: Extent): void {
    const scene = this.#scene as Scene;
    const { ways } = this.#highlight;
    const width = Math.min(1.5, Math.max(0.6, 1.2 * this.#camera.scale)) / this.#camera.scale;
    const looks = new Map<string, SceneEdge[]>();
    scene.edges.forEach((edge, at) => {
      if (!meets(this.#extents[at] as Extent, seen)) return;
      const lit = ways ? ways.has(edge.from) && ways.has(edge.to) : false;
      const dim = ways !== null && !lit;
      const look = `${dim ? 0 : lit ? 2 : 1} ${edge.stroke}`;
      const same = looks.get(look);
      if (same) same.push(edge);
      else looks.set(look, [edge]);
    });
    // The dim ones first, so that what is lit lies on top.
    for (const look of [...looks.keys()].sort()) {
      const [level, stroke] = look.split(" ");
      this.#pen(
        Number(level),
        stroke === "exact" ? [] : stroke === "stated" ? [2, 4] : [7, 4],
        width,
      );
      this.#context.beginPath();
      for (const edge of looks.get(look) ?? []) this.#trace(edge.points);
      this.#context.stroke();
      if (this.#camera.scale >= ELEMENTS_SCALE) this.#paintHeads(looks.get(look) ?? []);
    }
  }

  #pen(level: number, dash: number[], width: number): void {
    const context = this.#context;
    const colour = this.#colours[["line", "ink-3", "accent"][level] as string] ?? "gray";
    context.strokeStyle = context.fillStyle = colour;
    context.lineWidth = level === 2 ? width * 1.6 : width;
    context.setLineDash(dash.map((length) => length / Math.max(0.5, this.#camera.scale)));
  }

  /** From box edge to box edge through the points between, each piece an S. */
  #trace(points: Float32Array): void {
    const context = this.#context;
    let [px, py] = [points[0] as number, points[1] as number];
    context.moveTo(px, py);
    for (let at = 2; at < points.length; at += 2) {
      const [qx, qy] = [points[at] as number, points[at + 1] as number];
      if (Math.abs(qy - py) < 0.5) context.lineTo(qx, qy);
      else {
        const middle = (px + qx) / 2;
        context.bezierCurveTo(middle, py, middle, qy, qx, qy);
      }
      [px, py] = [qx, qy];
    }
  }

  #paintHeads(edges: readonly SceneEdge[]): void {
    const context = this.#context;
    context.beginPath();
    for (const { to, points } of edges) {
      const box = this.#scene?.byRef.get(to);
      if (!box) continue;
      const y = points.at(-1) as number;
      const tip = points.at(-2) as number;
      const side = tip < box.x ? -1 : 1;
      context.moveTo(tip, y);
      context.lineTo(tip + side * 6, y - 3.2);
      context.lineTo(tip + side * 6, y + 3.2);
      context.closePath();
    }
    context.fill();
  }

  #paintBoxes(nodes: readonly SceneNode[]): void {
    const context = this.#context;
    const { selected, ways } = this.#highlight;
    context.setLineDash([]);
    for (const node of nodes) {
      const { left, top } = boxExtent(node);
      const dim = ways !== null && !ways.has(node.ref);
      const strong = node.ref === selected || (ways?.has(node.ref) ?? false);
      const name = strong
        ? "accent"
        : dim
          ? "line"
          : node.shape === "run"
            ? "ink-3"
            : "line-strong";
      context.fillStyle = this.#colours[name] as string;
      context.fillRect(left, top, node.width, node.height);
    }
  }
}

function extentOf({ points }: SceneEdge): Extent {
  const extent = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (let at = 0; at < points.length; at += 2) {
    extent.left = Math.min(extent.left, points[at] as number);
    extent.right = Math.max(extent.right, points[at] as number);
    extent.top = Math.min(extent.top, points[at + 1] as number);
    extent.bottom = Math.max(extent.bottom, points[at + 1] as number);
  }
  return extent;
}

function boxExtent({ x, y, width, height }: SceneNode): Extent {
  return {
    left: x - width / 2,
    right: x + width / 2,
    top: y - height / 2,
    bottom: y + height / 2,
  };
}

function meets(a: Extent, b: Extent): boolean {
  return a.left <= b.right && a.right >= b.left && a.top <= b.bottom && a.bottom >= b.top;
}
