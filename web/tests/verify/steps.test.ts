/** Verification step by step: what was changed fails at its own step, and at no other. */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/verify/bytes.ts";
import type { Step } from "../../src/verify/checks.ts";
import { forget, recall } from "../../src/verify/memory.ts";
import { type Request, verdict, verify } from "../../src/verify/steps.ts";
import { Ledger, ORIGIN, Shelf } from "./ledger.ts";

const BODIES = ['{"n":0}', '{"digest":{"value":"ab12"}}', '{"n":2}', '{"n":3}', '{"n":4}'];
const ALL: Request = { whole: true, entries: [1], digest: "sha256:ab12" };

const outcomes = (steps: readonly Step[]) =>
  Object.fromEntries(steps.map(({ id, outcome }) => [id, outcome]));

async function check(ledger: Ledger, shelf = new Shelf(), request = ALL): Promise<Step[]> {
  return verify(ledger, shelf, request, () => undefined);
}

describe("verification", () => {
  it("notes at the first visit that there is nothing to compare with, and holds", async () => {
    const shelf = new Shelf();
    const steps = await check(new Ledger(BODIES), shelf);
    expect(outcomes(steps)).toEqual({
      head: "holds",
      signature: "holds",
      growth: "noted",
      tree: "holds",
      "entry-1": "holds",
      "bytes-1": "holds",
      digest: "holds",
    });
    expect(verdict(steps)).toBe("holds");
    expect(recall(shelf, ORIGIN)?.head.size).toBe(5);
  });

  it("proves at later visits that the ledger begins with what was seen", async () => {
    const [shelf, ledger] = [new Shelf(), new Ledger(BODIES)];
    await check(ledger, shelf);
    ledger.add('{"n":5}');
    ledger.add('{"n":6}');
    const growth = (await check(ledger, shelf)).find(({ id }) => id === "growth");
    expect(growth).toMatchObject({ outcome: "holds" });
    expect(growth?.detail).toContain("2 entries added since size 5");
    expect(recall(shelf, ORIGIN)?.head.size).toBe(7);
  });

  it("finds changed bytes at the entry that commits to them", async () => {
    const ledger = new Ledger(BODIES);
    ledger.parts[1] = { salt: new Uint8Array(16).fill(1), bytes: utf8('{"n":9}') };
    const steps = await check(ledger);
    expect(outcomes(steps)).toMatchObject({
      tree: "holds",
      "entry-1": "holds",
      "bytes-1": "fails",
      digest: "not reached",
    });
    expect(verdict(steps)).toBe("fails");
  });

  it("finds a changed leaf in the tree", async () => {
    const ledger = new Ledger(BODIES);
    ledger.served = ledger.head();
    ledger.leaves[1] = utf8(new TextDecoder().decode(ledger.leaves[1]).replace("16.123", "16.124"));
    expect(outcomes(await check(ledger))).toMatchObject({
      signature: "holds",
      tree: "fails",
      "entry-1": "fails",
      "bytes-1": "not reached",
    });
  });

  it("finds a ledger that was rolled back, and does not forget what it saw", async () => {
    const [shelf, ledger] = [new Shelf(), new Ledger(BODIES)];
    await check(ledger, shelf);
    ledger.served = ledger.head(3);
    const growth = (await check(ledger, shelf)).find(({ id }) => id === "growth");
    expect(growth).toMatchObject({ outcome: "fails" });
    expect(growth?.detail).toContain("rolled back");
    expect(recall(shelf, ORIGIN)?.head.size).toBe(5);
  });

  it("finds a fork: another ledger of the same size, well signed", async () => {
    const shelf = new Shelf();
    await check(new Ledger(BODIES), shelf);
    const fork = new Ledger([...BODIES.slice(0, 4), '{"n":"other"}']);
    expect(outcomes(await check(fork, shelf))).toMatchObject({
      signature: "holds",
      growth: "fails",
      tree: "holds",
    });
  });

  it("takes no other key than the one that it met first, until it is told to forget", async () => {
    const [shelf, ledger] = [new Shelf(), new Ledger(BODIES)];
    await check(ledger, shelf);
    ledger.seed = new Uint8Array(32).fill(8);
    const steps = await check(ledger, shelf);
    expect(outcomes(steps)).toMatchObject({ signature: "fails", growth: "not reached" });
    forget(shelf, ORIGIN);
    expect(outcomes(await check(ledger, shelf))).toMatchObject({ signature: "holds" });
  });

  it("finds a digest that no entry states", async () => {
    const request = { ...ALL, digest: "sha256:cd34" };
    expect(outcomes(await check(new Ledger(BODIES), new Shelf(), request))).toMatchObject({
      "bytes-1": "holds",
      digest: "fails",
    });
  });

  it("says of what it could not fetch that it was not checked, which is not that it fails", async () => {
    const ledger = new Ledger(BODIES);
    ledger.entry = () => Promise.reject(new Error("your token may not read it"));
    const steps = await check(ledger);
    expect(outcomes(steps)).toMatchObject({ "bytes-1": "not checked", digest: "not reached" });
    expect(verdict(steps)).toBe("not checked");
  });

  it("says of erased content that its proof is intact", async () => {
    const ledger = new Ledger(BODIES);
    const leaf = ledger.leaves[1] as Uint8Array;
    ledger.entry = async () => ({ leaf, parts: [null] });
    const steps = await check(ledger, new Shelf(), { whole: false, entries: [1] });
    expect(steps.at(-1)).toMatchObject({ outcome: "noted", detail: "1 part erased, proof intact" });
  });

  it("ends quietly when somebody goes on before it is through", async () => {
    const control = new AbortController();
    control.abort();
    const steps = await verify(
      new Ledger(BODIES),
      new Shelf(),
      ALL,
      () => undefined,
      control.signal,
    );
    expect(new Set(steps.map(({ outcome }) => outcome))).toEqual(new Set(["waiting"]));
  });

  it("reads no memory that somebody wrote over", () => {
    const shelf = new Shelf();
    for (const junk of ["", "null", "{}", '{"key":"k","note":"AA==","at":"now"}', "[1]"]) {
      shelf.setItem(`headwater.seen.${ORIGIN}`, junk);
      expect(recall(shelf, ORIGIN)).toBe(null);
    }
  });
});
