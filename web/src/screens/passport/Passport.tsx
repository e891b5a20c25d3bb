import { Redirect } from "wouter";
import { refLabel } from "../../api/naming.ts";
import { useShow } from "../../api/queries.ts";
import { Blank, Failure, Loading } from "../../ui/states.tsx";
import { to, useAddress } from "../../url/parameters.ts";
import { ArtifactPage } from "./ArtifactPage.tsx";
import { ColumnPage, JobPage } from "./OtherPages.tsx";
import { VersionPage } from "./VersionPage.tsx";

export default function Passport() {
  const address = useAddress();
  const ref = address.get("ref");
  const at = address.get("at");
  const { data, isPending, isError, error, refetch } = useShow(ref, at);
  if (!ref) return <Blank title="Nothing is asked about" whole />;
  if (isError) return <Failure error={error} retry={refetch} />;
  if (isPending) return <Loading what={`Asking about ${refLabel(ref)}.`} />;
  switch (data.kind) {
    case "run":
      return <Redirect to={to.run(data.root, at)} replace />;
    case "artifact":
      return <ArtifactPage shown={data} at={at} />;
    case "job":
      return <JobPage shown={data} at={at} />;
    case "column":
      return <ColumnPage shown={data} at={at} />;
    default:
      return <VersionPage shown={data} at={at} />;
  }
}
