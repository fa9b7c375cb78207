import type { DkimAlgorithm } from "../servers/index.ts";

/** The services that Mailstead operates on a host; each is checked, reloaded and reverted as a whole. */
export const stackServices = [
  "postfix",
  "dovecot",
  "rspamd",
  "redis",
  "fail2ban",
  "postsrsd",
  "clamav",
  "nginx",
  "knot",
  "resolver",
  "tls-policies",
  "system",
] as const;
export type StackService = (typeof stackServices)[number];

export interface RenderedFile {
  path: string;
  owner: string;
  group: string;
  /** Permission bits, like 0o644. */
  mode: number;
  content: string;
  /** Which service reads it, and so is checked and reloaded when it changes. */
  service: StackService;
  /** True when a diff of it must not be shown or sent: it holds a credential. */
  isSecret: boolean;
}

/** A folder that must exist before files and services need it. */
export interface RenderedFolder {
  path: string;
  owner: string;
  group: string;
  mode: number;
}

export interface RenderedDkimKey {
  domain: string;
  selector: string;
  algorithm: DkimAlgorithm;
  /** Private key file in the form that Rspamd reads. */
  path: string;
}

/** A TLS key that is made on the host, with the request that a CA is asked by. */
export interface RenderedTlsKey {
  keyId: string;
  names: readonly string[];
  keyPath: string;
  requestPath: string;
}

/** A chain that is put beside its key in a folder of its own, which never changes; services know it by a link. */
export interface RenderedCertificate {
  certificateId: string;
  names: readonly string[];
  link: string;
  folder: string;
  chain: string;
  storedKeyPath: string;
}

/** Everything a target state means on one host; a pure function of target state, suite and opened secrets. */
export interface RenderedStack {
  packages: readonly string[];
  systemUsers: readonly { name: string; uid: number; gid: number; home: string }[];
  folders: readonly RenderedFolder[];
  files: readonly RenderedFile[];
  dkimKeys: readonly RenderedDkimKey[];
  /** Private keys that have ended and must not be on the host any more. */
  destroyedDkimKeys: readonly Omit<RenderedDkimKey, "algorithm">[];
  /** The file that says which keys sign. */
  signingKeyMap: string;
  tlsKeys: readonly RenderedTlsKey[];
  certificates: readonly RenderedCertificate[];
  /** Zones that the host signs, whose keys it made itself. */
  signedZones: readonly string[];
  /** Self-signed; it serves until a CA has issued one for the host's name. */
  certificate: { hostname: string; certificatePath: string; keyPath: string };
  /** Where the SQLite directory lives and who reads it. */
  directoryDatabase: { path: string; owner: string; group: string; mode: number };
  /** systemd units that must be enabled and running, with the service each belongs to, in starting order. */
  units: readonly { unit: string; service: StackService }[];
  /** Units that must neither run nor start, because nothing of this target state wants them. */
  maskedUnits: readonly string[];
  /** The same, but only where Mailstead has configured the service: else it is the owner's own and stays. */
  retiredUnits: readonly { unit: string; service: StackService }[];
  /** Units that a package brings and nobody wants. They are masked before it comes; where it was already, they stay. */
  unwantedUnits: readonly { unit: string; broughtBy: string }[];
}
