/** Times for people: UTC, as the command line writes them. */

/** `2026-11-26 12:16:33`, or what stands for an unknown time. */
export function when(time: string | null | undefined): string {
  return time ? time.slice(0, 19).replace("T", " ") : "–";
}

export function day(time: string): string {
  return time.slice(0, 10);
}

/** `0.4 s`, `2 min 5 s`, `3 h 20 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function between(started: string | null, ended: string | null): string | null {
  if (!started || !ended) return null;
  return duration(Math.max(0, Date.parse(ended) - Date.parse(started)) / 1000);
}

/** `1,227,222 bytes` as `1.2 MB`. */
export function size(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return unit === 0 ? `${bytes} bytes` : `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}
