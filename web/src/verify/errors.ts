/** Something that was to be proven is not. The message says what, for a person. */
export class NotProven extends Error {
  override name = "NotProven";
}
