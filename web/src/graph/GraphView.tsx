/** The drawing: pans, zooms, and walks by keys. The tree beside it is its accessible form. */

import {
  type KeyboardEvent,
  type PointerEvent,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
} from "react";
import { elementId } from "./boxes.ts";
import { around, bringIn, type Camera, overview, type Size, zoom } from "./camera.ts";
import { Draughtsman } from "./layout/drawing.ts";
import type { Side } from "./lineage.ts";
import { Painter } from "./paint.ts";
import { compose, GAPS, type Scene, type SceneNode, type Sketch } from "./scene.ts";
import { type Arrow, neighbour } from "./walk.ts";

export interface GraphControls {
  overview(): void;
  zoom(factor: number): void;
  focus(): void;
}

interface Props {
  sketch: Sketch;
  /** The node that stays where it is on screen when the drawing changes. */
  anchor: string;
  selected: string | null;
  /** What is lit while the rest fades; null fades nothing. */
  ways: ReadonlySet<string> | null;
  label: string;
  controls: Ref<GraphControls>;
  onSelect(ref: string | null): void;
  onOpen(ref: string): void;
  onToggle(ref: string, side: Side): void;
  onDrawn(scene: Scene, milliseconds: number): void;
}

/** A graph opens no smaller than this: names can be read. */
const READABLE_SCALE = 0.55;
const DRAG_PIXELS = 4;
const STEP_PIXELS = 60;

export function GraphView(props: Props) {
  const { sketch, anchor, selected, ways, label, controls } = props;
  const host = useRef<HTMLDivElement>(null);
  const painter = useRef<Painter | null>(null);
  const draughtsman = useRef<Draughtsman | null>(null);
  const camera = useRef<Camera>({ x: 0, y: 0, scale: 1 });
  const size = useRef<Size>({ width: 0, height: 0 });
  const [scene, setScene] = useState<Scene | null>(null);
  const latest = useRef({ props, scene });
  latest.current = { props, scene };

  const look = useCallback((next: Camera): void => {
    camera.current = next;
    painter.current?.look(next);
  }, []);

  useEffect(() => {
    const element = host.current as HTMLDivElement;
    const paint = new Painter(element);
    painter.current = paint;
    draughtsman.current = new Draughtsman();
    const measure = (): void => {
      size.current = { width: element.clientWidth, height: element.clientHeight };
      paint.resize(size.current);
    };
    const resized = new ResizeObserver(measure);
    resized.observe(element);
    measure();
    const themed = new MutationObserver(() => paint.readColours());
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const recolour = (): void => paint.readColours();
    scheme.addEventListener("change", recolour);
    // React listens to wheels passively, and the page would scroll.
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      const { left, top } = element.getBoundingClientRect();
      const factor = Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016));
      look(zoom(camera.current, factor, event.clientX - left, event.clientY - top));
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => {
      element.removeEventListener("wheel", wheel);
      scheme.removeEventListener("change", recolour);
      themed.disconnect();
      resized.disconnect();
      draughtsman.current?.end();
      paint.end();
      painter.current = null;
    };
  }, [look]);

  useEffect(() => {
    let current = true;
    draughtsman.current?.draw(sketch.boxes, sketch.arcs, GAPS).then((timed) => {
      if (!timed || !current) return;
      const { scene: before, props: now } = latest.current;
      const next = compose(sketch, timed.drawing);
      look(cameraFor(next, before, now.anchor, camera.current, size.current));
      setScene(next);
      now.onDrawn(next, timed.milliseconds);
    });
    return () => {
      current = false;
    };
  }, [sketch, look]);

  useEffect(() => {
    if (scene) painter.current?.show(scene, { selected, ways });
  }, [scene, selected, ways]);

  useEffect(() => {
    const node = selected ? scene?.byRef.get(selected) : undefined;
    if (node) look(bringIn(camera.current, node, size.current));
  }, [scene, selected, look]);

  useImperativeHandle(controls, () => ({
    overview: () => {
      if (scene) look(overview(scene, size.current));
    },
    zoom: (factor) =>
      look(zoom(camera.current, factor, size.current.width / 2, size.current.height / 2)),
    focus: () => host.current?.focus(),
  }));

  const press = (event: KeyboardEvent): void => {
    if (!scene || event.altKey || event.ctrlKey || event.metaKey) return;
    const here = selected ?? anchor;
    if (event.key.startsWith("Arrow")) {
      if (event.shiftKey) look(pushed(camera.current, event.key as Arrow));
      else {
        const next = selected ? neighbour(scene, here, event.key as Arrow) : here;
        if (next) props.onSelect(next);
      }
    } else if (event.key === "Enter") props.onOpen(here);
    else if (event.key === " ") {
      const side = sideToToggle(scene, here);
      if (side) props.onToggle(here, side);
    } else if (event.key === "Escape" && selected) props.onSelect(null);
    else if (event.key === "+" || event.key === "=")
      look(zoomed(camera.current, 1.25, size.current));
    else if (event.key === "-") look(zoomed(camera.current, 0.8, size.current));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const drag = useDrag(camera, look, (target, point) => {
    const element = target.closest<HTMLElement>("[data-ref]");
    const ref = element?.dataset.ref ?? (scene ? refAt(scene, camera.current, point) : null);
    const side = target.closest<HTMLElement>("[data-side]")?.dataset.side as Side | undefined;
    if (ref && side) props.onToggle(ref, side);
    else props.onSelect(ref);
  });

  const active = selected ? scene?.byRef.get(selected) : undefined;
  return (
    <div
      ref={host}
      className="graph"
      role="application"
      aria-label={label}
      aria-activedescendant={active ? elementId(active) : undefined}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: an application is interactive
      tabIndex={0}
      onKeyDown={press}
      onDoubleClick={({ target }) => {
        const ref = (target as Element).closest<HTMLElement>("[data-ref]")?.dataset.ref;
        if (ref && !(target as Element).closest("[data-side]")) props.onOpen(ref);
      }}
      {...drag}
    />
  );
}

/** The drawing moves only where all that is new would be out of sight, and then just so far. */
function bringNewIn(
  camera: Camera,
  next: Scene,
  before: Scene,
  anchor: SceneNode,
  size: Size,
): Camera {
  const added = next.nodes.filter(({ ref }) => !before.byRef.has(ref));
  if (added.length === 0 || added.some((node) => bringIn(camera, node, size) === camera))
    return camera;
  const far = ({ x, y }: SceneNode): number => Math.hypot(x - anchor.x, y - anchor.y);
  const nearest = added.reduce((best, node) => (far(node) < far(best) ? node : best));
  return bringIn(camera, nearest, size);
}

/** The anchor stays where it was on screen; a first drawing is fitted, or centred where it is large. */
function cameraFor(
  next: Scene,
  before: Scene | null,
  anchor: string,
  camera: Camera,
  size: Size,
): Camera {
  const [was, is] = [before?.byRef.get(anchor), next.byRef.get(anchor)];
  if (before && was && is) {
    const { scale } = camera;
    const held = {
      scale,
      x: camera.x + (was.x - is.x) * scale,
      y: camera.y + (was.y - is.y) * scale,
    };
    return bringNewIn(held, next, before, is, size);
  }
  const whole = overview(next, size);
  if (whole.scale >= READABLE_SCALE || !is) return whole;
  return around(is, next, size, 0.8);
}

function zoomed(camera: Camera, factor: number, { width, height }: Size): Camera {
  return zoom(camera, factor, width / 2, height / 2);
}

function pushed(camera: Camera, arrow: Arrow): Camera {
  const by = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[arrow];
  const [x = 0, y = 0] = by;
  return { ...camera, x: camera.x + x * STEP_PIXELS, y: camera.y + y * STEP_PIXELS };
}

/** Space opens what is hidden, upstream first, and closes when nothing is. */
function sideToToggle(scene: Scene, ref: string): Side | null {
  const node = scene.byRef.get(ref);
  if (node?.hidden.up) return "up";
  if (node?.hidden.down) return "down";
  return node?.open.values().next().value ?? null;
}

/** What stands at a point of the screen when boxes are painted and have no elements. */
function refAt(scene: Scene, camera: Camera, point: { x: number; y: number }): string | null {
  const x = (point.x - camera.x) / camera.scale;
  const y = (point.y - camera.y) / camera.scale;
  const hit = scene.nodes.find(
    (node) => Math.abs(node.x - x) <= node.width / 2 && Math.abs(node.y - y) <= node.height / 2,
  );
  return hit?.ref ?? null;
}

/** Dragging moves the camera; a press without a drag is a click. */
function useDrag(
  camera: { current: Camera },
  look: (camera: Camera) => void,
  click: (target: Element, point: { x: number; y: number }) => void,
) {
  const start = useRef<{
    x: number;
    y: number;
    from: Camera;
    target: Element;
    moved: boolean;
  } | null>(null);
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return;
      const { clientX: x, clientY: y } = event;
      const target = event.target as Element;
      start.current = { x, y, from: camera.current, target, moved: false };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const held = start.current;
      if (!held) return;
      const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
      held.moved ||= Math.hypot(dx, dy) > DRAG_PIXELS;
      if (held.moved) look({ ...held.from, x: held.from.x + dx, y: held.from.y + dy });
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => {
      const held = start.current;
      start.current = null;
      if (!held || held.moved) return;
      const { left, top } = event.currentTarget.getBoundingClientRect();
      click(held.target, { x: event.clientX - left, y: event.clientY - top });
    },
    onPointerCancel: () => {
      start.current = null;
    },
  };
}
