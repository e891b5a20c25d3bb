/** The way from a leaf to the root, as the inclusion proof walks it. */

import type { Step } from "../verify/checks.ts";

const ROW = 34;
const BOX = { width: 132, height: 20 };
const MIDDLE = 240;
const RISE_MAX = 24;

export function Merkle({ path }: { path: NonNullable<Step["path"]> }) {
  const { index, size, hashes, leaf, root } = path;
  if (hashes.length > RISE_MAX) return null;
  const sides = sidesOf(index, size, hashes.length);
  const height = (hashes.length + 1) * ROW;
  const middle = MIDDLE;
  const y = (level: number): number => height - ROW * (level + 1) + 8;
  return (
    <svg
      className="merkle"
      width={2 * middle}
      height={height}
      viewBox={`0 0 ${2 * middle} ${height}`}
      role="img"
      aria-label={`Entry ${index}: ${hashes.length} hashes lead to the root of ${size} entries`}
    >
      {hashes.map((hash, level) => {
        const left = sides[level] === "left";
        const x = left ? 6 : 2 * middle - BOX.width - 6;
        return (
          <g key={level}>
            <path d={`M${middle} ${y(level)}V${y(level + 1) + BOX.height / 2}`} />
            <path
              d={`M${x + BOX.width / 2} ${y(level)}L${middle} ${y(level + 1) + BOX.height / 2}`}
            />
            <Hash x={x} y={y(level)} name="given" text={hash} />
          </g>
        );
      })}
      <Hash
        x={middle - BOX.width / 2}
        y={y(0)}
        name="computed"
        text={leaf}
        label={`leaf ${index}`}
      />
      {hashes.slice(0, -1).map((_, level) => (
        <circle
          key={level}
          className="computed"
          cx={middle}
          cy={y(level + 1) + BOX.height / 2}
          r="6"
        />
      ))}
      {hashes.length > 0 && (
        <Hash
          x={middle - BOX.width / 2}
          y={y(hashes.length)}
          name="computed"
          text={root}
          label="root"
        />
      )}
    </svg>
  );
}

interface HashProps {
  x: number;
  y: number;
  name: "given" | "computed";
  text: string;
  label?: string;
}

function Hash({ x, y, name, text, label }: HashProps) {
  return (
    <>
      <rect className={name} x={x} y={y} width={BOX.width} height={BOX.height} rx="3" />
      <text x={x + 6} y={y + 14}>
        {label ? `${label} ` : ""}
        {text.slice(0, label ? 8 : 14)}
      </text>
    </>
  );
}

/** On which side each hash of the proof stands (RFC 9162 §2.1.3.2). */
function sidesOf(index: number, size: number, count: number): ("left" | "right")[] {
  const sides: ("left" | "right")[] = [];
  let [position, last] = [index, size - 1];
  for (let level = 0; level < count; level++) {
    const left = position % 2 === 1 || position === last;
    sides.push(left ? "left" : "right");
    if (left)
      while (position % 2 === 0 && position > 0)
        [position, last] = [position / 2, Math.floor(last / 2)];
    [position, last] = [Math.floor(position / 2), Math.floor(last / 2)];
  }
  return sides;
}
