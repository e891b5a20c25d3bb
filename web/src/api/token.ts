/** The token of a service that wants one: kept for the tab, never in an address or on disk. */

const NAME = "headwater.token";

export const token = {
  get: (): string | null => sessionStorage.getItem(NAME),
  set: (value: string): void => sessionStorage.setItem(NAME, value),
};
