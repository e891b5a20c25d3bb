/** Which part of a drawing is seen, and how large. Points on screen = points of the drawing × scale + (x, y). */

export interface Camera {
  x: number;
  y: number;
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

export const SCALE_LEAST = 0.04;
export const SCALE_MOST = 2.5;

/** The whole drawing, as large as it fits, no larger than life. */
export function overview(drawing: Size, screen: Size, margin = 32): Camera {
  const scale = Math.min(
    1,
    (screen.width - 2 * margin) / Math.max(1, drawing.width),
    (screen.height - 2 * margin) / Math.max(1, drawing.height),
  );
  const held = Math.max(SCALE_LEAST, scale);
  return {
    scale: held,
    x: (screen.width - drawing.width * held) / 2,
    y: (screen.height - drawing.height * held) / 2,
  };
}

/** About a point at a scale, with no more empty room at the edges than the drawing leaves. */
export function around(
  point: { x: number; y: number },
  drawing: Size,
  screen: Size,
  scale: number,
  margin = 48,
): Camera {
  const along = (at: number, length: number, room: number): number => {
    const whole = length * scale + 2 * margin;
    if (whole <= room) return (room - length * scale) / 2;
    return Math.min(margin, Math.max(room - length * scale - margin, room / 2 - at * scale));
  };
  return {
    scale,
    x: along(point.x, drawing.width, screen.width),
    y: along(point.y, drawing.height, screen.height),
  };
}

/** Zoom by a factor about a point of the screen, which stays where it is. */
export function zoom(camera: Camera, factor: number, px: number, py: number): Camera {
  const scale = Math.min(SCALE_MOST, Math.max(SCALE_LEAST, camera.scale * factor));
  const by = scale / camera.scale;
  return { scale, x: px - (px - camera.x) * by, y: py - (py - camera.y) * by };
}

/** Nearer to the edge than this, in pixels, a point counts as out of sight. */
const EDGE = 24;
/** As far from the edge a point is brought that was out of sight. */
const INSIDE = 130;

/** Move so that a point of the drawing is well in sight; the same camera if it is in sight. */
export function bringIn(camera: Camera, point: { x: number; y: number }, screen: Size): Camera {
  const [px, py] = [point.x * camera.scale + camera.x, point.y * camera.scale + camera.y];
  const seen = (at: number, most: number): boolean => at >= EDGE && at <= most - EDGE;
  if (seen(px, screen.width) && seen(py, screen.height)) return camera;
  const clamp = (at: number, most: number): number =>
    Math.min(Math.max(at, Math.min(INSIDE, most / 2)), Math.max(most - INSIDE, most / 2));
  return {
    scale: camera.scale,
    x: camera.x + clamp(px, screen.width) - px,
    y: camera.y + clamp(py, screen.height) - py,
  };
}
