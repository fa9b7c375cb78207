import { createHash, createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { type AgentReleases, agentReleasesIn } from "./agent-releases.ts";
import { type OutsideSources, outsideSourcesFrom } from "./outside-sources.ts";
import { webhookNetworksFrom } from "./webhook-networks.ts";

/** What is true of this whole installation, whoever asks. */
export interface Installation {
  /** Where people and agents reach it, without a final slash. */
  readonly publicUrl: string;
  /** Where agents open their WebSocket. */
  readonly gatewayUrl: string;
  /** Raw Ed25519 key that signs jobs, base64; its private half is the worker's alone. */
  readonly signingPublicKey: string;
  /** Seals secrets at rest; null in processes that never open one. */
  readonly masterKey: Buffer | null;
  /** `address` or `address#port` of the resolver for DNS checks; undefined takes the machine's own. */
  readonly dnsResolver: string | undefined;
  /** Whether people get mail of what changed: known by the address that it comes from. */
  readonly sendsMail: boolean;
  /** Registers that checks ask; left out, none is. */
  readonly outsideSources?: OutsideSources;
  /** Networks of one's own that webhooks may lead to; left out, none. */
  readonly webhookNetworks?: readonly string[];
  /** The agents that hosts are handed out; left out in processes and installations that hand out none. */
  readonly agentReleases?: AgentReleases;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads PUBLIC_URL, GATEWAY_URL (left out: PUBLIC_URL by WebSocket), MAILSTEAD_SIGNING_PUBLIC_KEY_FILE, MAILSTEAD_MASTER_KEY, DNS_RESOLVER, MAIL_FROM, WEBHOOK_NETWORKS, RELEASES_DIR and the outside sources; throws a sentence that names the variable that is wrong. */
export function installationFromEnvironment(environment: Environment): Installation {
  const publicUrl = required(environment, "PUBLIC_URL").replace(/\/+$/, "");
  const releasesDir = environment["RELEASES_DIR"] ?? "";
  return {
    publicUrl,
    gatewayUrl: environment["GATEWAY_URL"] || `${publicUrl.replace(/^http/, "ws")}/agent/link`,
    signingPublicKey: readSigningKey(required(environment, "MAILSTEAD_SIGNING_PUBLIC_KEY_FILE")),
    masterKey: readMasterKey(environment["MAILSTEAD_MASTER_KEY"]),
    dnsResolver: environment["DNS_RESOLVER"],
    sendsMail: (environment["MAIL_FROM"] ?? "") !== "",
    outsideSources: outsideSourcesFrom(environment),
    webhookNetworks: webhookNetworksFrom(environment["WEBHOOK_NETWORKS"]),
    ...(releasesDir === "" ? {} : { agentReleases: agentReleasesIn(releasesDir) }),
  };
}

/** SHA-256 of the raw key, base64url: the fingerprint that an enrolment token pins. */
export function signingKeyFingerprint(installation: Pick<Installation, "signingPublicKey">): string {
  return createHash("sha256")
    .update(Buffer.from(installation.signingPublicKey, "base64"))
    .digest("base64url");
}

function readSigningKey(path: string): string {
  const key = createPublicKey(readFileSync(path));
  if (key.asymmetricKeyType !== "ed25519")
    throw new Error(`MAILSTEAD_SIGNING_PUBLIC_KEY_FILE (${path}) holds no Ed25519 key.`);
  return Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url").toString("base64");
}

function readMasterKey(text: string | undefined): Buffer | null {
  if (text === undefined || text === "") return null;
  const key = Buffer.from(text, "base64");
  if (key.length !== 32)
    throw new Error(
      `MAILSTEAD_MASTER_KEY must be 32 bytes in base64; it holds ${key.length}. Make one with: openssl rand -base64 32`,
    );
  return key;
}

function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set; set it and start again.`);
  return value;
}
