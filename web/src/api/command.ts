/** What a view is called on a command line. */

/** Quote for a POSIX shell where it is needed. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** `headwater <words>`; options without a value are left out. */
export function command(
  words: readonly string[],
  options: Record<string, string | number | boolean | null | undefined> = {},
): string {
  const said = Object.entries(options).flatMap(([name, value]) => {
    if (value === null || value === undefined || value === false) return [];
    return value === true ? [`--${name}`] : [`--${name}`, quoted(String(value))];
  });
  return ["headwater", ...words.map(quoted), ...said].join(" ");
}
