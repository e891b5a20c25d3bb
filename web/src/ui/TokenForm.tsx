/** Asks for the token of a service that wants one. */

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { token } from "../api/token.ts";

export function TokenForm({ why }: { why: string }) {
  const client = useQueryClient();
  const [value, setValue] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    token.set(value.trim());
    client.resetQueries();
  };
  return (
    <form className="blank" onSubmit={submit}>
      <h1>This service wants a token</h1>
      <p>{why}</p>
      <label htmlFor="token">Token</label>{" "}
      <input
        id="token"
        className="field mono"
        type="password"
        autoComplete="off"
        value={value}
        onChange={({ target }) => setValue(target.value)}
      />{" "}
      <button type="submit" className="button primary" disabled={!value.trim()}>
        Use it
      </button>
      <p className="quiet small">It is kept for this tab and sent to this service alone.</p>
    </form>
  );
}
