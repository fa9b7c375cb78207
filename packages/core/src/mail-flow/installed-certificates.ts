import { isServedBy } from "../certificates/index.ts";
import type { RenderedCertificate, RenderedTlsKey } from "../converge/index.ts";
import type { TargetState } from "../servers/index.ts";
import { certificatePaths, stackPaths, tlsKeyPaths } from "./stack-paths.ts";

/** A certificate and its key as a service names them. */
export interface CertificateFiles {
  certificatePath: string;
  keyPath: string;
}

/** What every service of the host presents, and to whom. */
export interface ServedCertificates {
  /** For the host's own name and for clients that name none. Self-signed until a CA has issued one. */
  host: CertificateFiles;
  /** For clients that ask for a name by SNI (RFC 6066 §3), by name; the host's own certificate is not among them. */
  byName: readonly ({ name: string } & CertificateFiles)[];
  /** Every certificate that a CA has issued. */
  issued: readonly { id: string; names: readonly string[] }[];
}

/** Reads from a target state which certificate is presented for which name. */
export function servedCertificates(target: TargetState): ServedCertificates {
  const issued = target.certificates.filter((certificate) => certificate.issued !== null);
  const own = issued.find(({ names }) => isServedBy(target.hostname, names));
  const byName = new Map<string, CertificateFiles>();
  for (const certificate of issued)
    for (const name of certificate.names)
      if (certificate !== own && !byName.has(name)) byName.set(name, filesOf(certificate));
  return {
    host:
      own === undefined
        ? { certificatePath: stackPaths.certificate, keyPath: stackPaths.certificateKey }
        : filesOf(own),
    byName: [...byName].map(([name, files]) => ({ name, ...files })),
    issued: issued.map(({ id, names }) => ({ id, names })),
  };
}

/** Every key that the host is to have made, for what is installed and for what is to follow. */
export function renderTlsKeys({ certificates }: TargetState): RenderedTlsKey[] {
  const keys = certificates.flatMap(({ keyId, names, next }) => [
    { keyId, names },
    ...(next === null ? [] : [next]),
  ]);
  const byId = new Map(keys.map((key) => [key.keyId, key]));
  return [...byId.values()].map(({ keyId, names }) => ({ keyId, names, ...tlsKeyPaths(keyId) }));
}

/** Every chain that the host is to keep beside its key. */
export function renderCertificates({ certificates }: TargetState): RenderedCertificate[] {
  return certificates.flatMap((certificate) => {
    const { id, issued, keyId, names } = certificate;
    if (issued === null) return [];
    return [
      {
        certificateId: id,
        names,
        link: linkOf(id),
        folder: `${stackPaths.certificateVersions}/${id}.${issued.version}`,
        chain: issued.chain,
        storedKeyPath: tlsKeyPaths(keyId).keyPath,
      },
    ];
  });
}

function filesOf({ id }: TargetState["certificates"][number]): CertificateFiles {
  const { certificate, key } = certificatePaths(id);
  return { certificatePath: certificate, keyPath: key };
}

/** The name by which services know a certificate; it stays at each renewal, so that no configuration changes. */
function linkOf(certificateId: string): string {
  return `${stackPaths.tls}/${certificateId}`;
}
