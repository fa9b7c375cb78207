/** What the agent found on the host, read only, of everything that a rendered stack speaks of. */
export interface ObservedState {
  /** Installed version by package name; absent when not installed. */
  packages: Readonly<Record<string, string>>;
  systemUsers: readonly string[];
  folders: Readonly<Record<string, { owner: string; group: string; mode: number }>>;
  files: Readonly<Record<string, ObservedFile>>;
  /** Paths of private keys that exist. */
  dkimKeyPaths: readonly string[];
  /** Paths of the private keys that the host has sign by now, whether they exist or not. */
  signingKeyPaths: readonly string[];
  /** Paths of certification requests that exist; each stands for its key too. */
  tlsRequestPaths: readonly string[];
  /** Where the link of each certificate leads; absent when it leads to no pair of chain and key. */
  certificateLinks: Readonly<Record<string, string>>;
  hasCertificate: boolean;
  /** The host name that the self-signed certificate was made for. */
  certificateHostname: string | null;
  hasDirectoryDatabase: boolean;
  hostname: string;
  units: Readonly<Record<string, { isActive: boolean; isEnabled: boolean; isMasked: boolean }>>;
}

export interface ObservedFile {
  owner: string;
  group: string;
  mode: number;
  content: string;
  /** SHA-256, hex, of the content that Mailstead last wrote to this path; null when it never did. */
  lastAppliedDigest: string | null;
  digest: string;
}
