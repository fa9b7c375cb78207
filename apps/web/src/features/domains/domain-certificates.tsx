"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { CertificatesPanel } from "../certificates/certificates-panel.tsx";

/** The certificates for a domain's names, on the server that they lead to. */
export function DomainCertificates({ domainId }: { domainId: string }) {
  const { data } = useQuery(useTRPC().domains.get.queryOptions({ domainId }));
  const home = data?.servers.find(({ role }) => role === "home");
  if (home === undefined) return null;
  return <CertificatesPanel serverId={home.id} domainId={domainId} />;
}
