/** Elements for the boxes on screen, used again and again. Names are text, never markup. */

import type { Highlight } from "./paint.ts";
import type { SceneNode } from "./scene.ts";

const SVG = "http://www.w3.org/2000/svg";
const NUMBER = new Intl.NumberFormat("en");

/** The id of a node's element, for `aria-activedescendant`. */
export function elementId(node: SceneNode): string {
  return `node-${node.place}`;
}

export class BoxPool {
  #held = new Map<string, HTMLElement>();
  #free: HTMLElement[] = [];
  #highlight: Highlight = { selected: null, ways: null };

  readonly #world: HTMLElement;

  constructor(world: HTMLElement) {
    this.#world = world;
  }

  /** A new scene: every element has to be written anew. */
  forget(): void {
    for (const element of this.#held.values()) this.#release(element);
    this.#held.clear();
  }

  show(nodes: readonly SceneNode[]): void {
    const wanted = new Set(nodes.map(({ ref }) => ref));
    for (const [ref, element] of this.#held)
      if (!wanted.has(ref)) {
        this.#release(element);
        this.#held.delete(ref);
      }
    for (const node of nodes) {
      if (this.#held.has(node.ref)) continue;
      const element = this.#free.pop() ?? this.#make();
      write(element, node);
      element.id = elementId(node);
      element.hidden = false;
      this.#held.set(node.ref, element);
      this.#mark(element, node.ref);
    }
  }

  highlight(highlight: Highlight): void {
    this.#highlight = highlight;
    for (const [ref, element] of this.#held) this.#mark(element, ref);
  }

  #make(): HTMLElement {
    const element = document.createElement("div");
    element.setAttribute("role", "img");
    this.#world.append(element);
    return element;
  }

  #release(element: HTMLElement): void {
    element.hidden = true;
    element.removeAttribute("id");
    this.#free.push(element);
  }

  #mark(element: HTMLElement, ref: string): void {
    const { selected, ways } = this.#highlight;
    element.classList.toggle("selected", ref === selected);
    element.classList.toggle("dim", ways !== null && !ways.has(ref));
  }
}

function write(element: HTMLElement, node: SceneNode): void {
  element.className = `box ${node.shape}${node.focus ? " focus" : ""}`;
  element.dataset.ref = node.ref;
  element.dataset.kind = node.kind;
  element.setAttribute("aria-label", node.label);
  element.title = node.full;
  element.style.left = `${node.x - node.width / 2}px`;
  element.style.top = `${node.y - node.height / 2}px`;
  element.style.width = `${node.width}px`;
  element.style.height = `${node.height}px`;
  const head = part("span", "box-head", [
    icon(node.kind),
    part("bdi", "box-title", node.title),
    ...node.marks.map(({ word, tone }) => part("span", `mark ${tone}`, word)),
  ]);
  const lines = [head];
  if (node.shape === "run") head.append(part("span", "box-note mono", node.note));
  else if (node.columns) lines.push(part("bdi", "box-note box-column mono", node.columns));
  else lines.push(part("span", "box-note", [part("span", "box-kind", node.kind), ` ${node.note}`]));
  element.replaceChildren(...lines, ...handles(node));
}

/** `+37` at the side where more is hidden, `−` where it can be hidden again. */
function handles(node: SceneNode): HTMLElement[] {
  return (["up", "down"] as const).flatMap((side) => {
    const count = node.hidden[side];
    if (!count && !node.open.has(side)) return [];
    const handle = part(
      "span",
      `handle ${side}${count ? "" : " open"}`,
      count ? `+${NUMBER.format(count)}` : "−",
    );
    handle.dataset.side = side;
    const where = side === "up" ? "upstream" : "downstream";
    handle.title = count ? `${NUMBER.format(count)} more ${where}: show the next` : `Hide ${where}`;
    return [handle];
  });
}

function part(tag: string, name: string, content: string | (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  element.className = name;
  element.append(...(typeof content === "string" ? [content] : content));
  return element;
}

const ICONS = new Set(
  "table view file topic stream model feature_view deployment report dataset run job".split(" "),
);

function icon(kind: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${ICONS.has(kind) ? kind : "dataset"}`);
  svg.append(use);
  return svg;
}
