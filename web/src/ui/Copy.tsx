/** Copy link, copy as command: on every view. */

import { useState } from "react";
import { Icon } from "./icons.tsx";

const SAID_SECONDS = 2;

function CopyButton({ icon, label, text }: { icon: string; label: string; text: () => string }) {
  const [said, setSaid] = useState<string | null>(null);
  const say = (words: string): void => {
    setSaid(words);
    setTimeout(() => setSaid(null), SAID_SECONDS * 1000);
  };
  const copy = async (): Promise<void> => {
    try {
      await write(text());
      say("Copied");
    } catch {
      say("The browser refused");
    }
  };
  return (
    <button type="button" className="button plain" title={text()} onClick={copy}>
      <Icon name={icon} /> <span aria-live="polite">{said ?? label}</span>
    </button>
  );
}

export function Copies({ command }: { command: string }) {
  return (
    <>
      <CopyButton icon="link" label="Copy link" text={() => window.location.href} />
      <CopyButton icon="command" label="Copy as command" text={() => command} />
    </>
  );
}

/** On plain-http addresses of a network there is no clipboard object; a selection can still be copied. */
async function write(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("not copied");
}
