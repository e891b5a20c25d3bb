/**
 * Holds `documents.ts` to the types that are generated from the service's own description. Nothing
 * runs here: a document that the service no longer writes so does not compile.
 */

import type * as documents from "./documents.ts";
import type { components } from "./types.gen.ts";

type Schemas = components["schemas"];

/** Fails to compile unless what the service sends can be taken for what the screens read. */
type Takes<Sent extends Read, Read> = [Sent, Read];

export type Contract = [
  Takes<Schemas["TraceAnswer"], documents.Walk>,
  Takes<Schemas["ImpactAnswer"], documents.Walk>,
  Takes<Schemas["PathsAnswer"], documents.Paths>,
  Takes<Schemas["VersionShown"], documents.ShownVersion>,
  Takes<Schemas["ArtifactShown"], documents.ShownArtifact>,
  Takes<Schemas["RunShown"], documents.ShownRun>,
  Takes<Schemas["JobShown"], documents.ShownJob>,
  Takes<Schemas["ColumnShown"], documents.ShownColumn>,
  Takes<Schemas["DiffAnswer"], documents.Diff>,
  Takes<Schemas["SearchAnswer"], documents.Search>,
  Takes<Schemas["WhyAnswer"], documents.Why>,
  Takes<Schemas["OverviewAnswer"], documents.Overview>,
  Takes<Schemas["EntryShown"], documents.EntryShown>,
  Takes<Schemas["Problem"], documents.Problem>,
];
