/** Line icons on a grid of 16, drawn for this. The sprite is put into the page once. */

const PATHS: Record<string, string> = {
  table: "M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.5h11M6.5 6.5v6",
  view: "M1.5 8s2.5-4 6.5-4 6.5 4 6.5 4-2.5 4-6.5 4-6.5-4-6.5-4zM8 6.3a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4z",
  file: "M4 1.8h5l3 3v9.4H4zM9 1.8v3h3",
  topic: "M2 4h8M2 8h12M2 12h6M13 2.5v3M12 12h2",
  stream: "M1.5 5c2 -2 4.3 -2 6.5 0s4.5 2 6.5 0M1.5 11c2 -2 4.3 -2 6.5 0s4.5 2 6.5 0",
  model: "M8 1.8l5.5 3.1v6.2L8 14.2l-5.5-3.1V4.9zM8 8l5.5-3.1M8 8v6.2M8 8L2.5 4.9",
  feature_view: "M2.5 2.5h4.5v4.5h-4.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5h-4.5zM11.2 9v4.5M9 11.2h4.5",
  deployment: "M8 1.8v8M5 4.6l3-2.8 3 2.8M2.5 10v3.7h11V10",
  report: "M3 13.5h10.5M4.5 11V8M8 11V4M11.5 11V6",
  dataset:
    "M2.5 4c0-1 2.5-1.8 5.5-1.8s5.5.8 5.5 1.8-2.5 1.8-5.5 1.8S2.5 5 2.5 4zM2.5 4v8c0 1 2.5 1.8 5.5 1.8s5.5-.8 5.5-1.8V4M2.5 8c0 1 2.5 1.8 5.5 1.8s5.5-.8 5.5-1.8",
  run: "M4.5 3l8 5-8 5z",
  job: "M2.5 5h11v8.5h-11zM6 5V3h4v2M2.5 9h11",
  column: "M5.5 2.5h5v11h-5zM2 2.5v11M14 2.5v11",
  yes: "M3 8.5l3.2 3.2L13 4.8",
  no: "M4 4l8 8M12 4l-8 8",
  note: "M8 4v.1M8 7v5M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z",
  warn: "M8 2l6.5 11.5h-13zM8 6.5v3M8 11.4v.1",
  unknown:
    "M5.8 6a2.2 2.2 0 1 1 3.3 1.9c-.8.5-1.1.900-1.1 1.6M8 12v.1M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z",
  wait: "M8 4.5V8l2.3 1.5M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3l3.7 3.7",
  link: "M6.5 9.5l3-3M7 4.5l1.5-1.5a2.8 2.8 0 0 1 4 4L11 8.5M9 11.5L7.5 13a2.8 2.8 0 0 1-4-4L5 7.5",
  command: "M2 3.5h12v9H2zM4.5 6.5l2 1.7-2 1.7M8.5 10.2h3",
  compare: "M5 2.5v11M2.5 5L5 2.5 7.5 5M11 13.5v-11M8.5 11l2.5 2.5 2.5-2.5",
  lineage: "M2 4.5h3v3H2zM2 9.5h3v3H2zM11 7h3v3h-3zM5 6h3c1 0 1 2.5 3 2.5M5 11h3c1 0 1-2.5 3-2.5",
  seal: "M8 1.8l5.5 2v4c0 3.2-2.3 5.3-5.5 6.4-3.2-1.1-5.5-3.2-5.5-6.4v-4zM5.5 8l1.8 1.8 3.2-3.5",
  print: "M4.5 6V2.5h7V6M4.5 11.5h-2V6h11v5.5h-2M4.5 9.5h7v4h-7z",
  save: "M8 2.5v7M5 7l3 3 3-3M2.5 12.5v1h11v-1",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9",
  moon: "M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z",
  clock: "M8 4.5V8l2.3 1.5M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z",
  path: "M3 11.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM13 1.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM4.5 13h5a2.5 2.5 0 0 0 0-5h-3a2.5 2.5 0 0 1 0-5h5",
};

export function Icon({ name, className = "" }: { name: string; className?: string }) {
  return (
    <svg className={`icon ${className}`} aria-hidden="true">
      <use href={`#icon-${name in PATHS ? name : "dataset"}`} />
    </svg>
  );
}

export function IconSprite() {
  return (
    <svg width="0" height="0" style={{ position: "absolute" }} aria-hidden="true">
      {Object.entries(PATHS).map(([name, path]) => (
        <symbol key={name} id={`icon-${name}`} viewBox="0 0 16 16">
          <path d={path} />
        </symbol>
      ))}
    </svg>
  );
}

const SWATCHES: Record<string, string> = {
  table: "data",
  view: "data",
  topic: "data",
  stream: "data",
  dataset: "data",
  file: "file",
  model: "model",
  deployment: "deployment",
  report: "report",
  feature_view: "feature",
  run: "run",
  job: "run",
};

/** The class that colours a kind. */
export function swatch(kind: string): string {
  return `swatch-${SWATCHES[kind] ?? "data"}`;
}
