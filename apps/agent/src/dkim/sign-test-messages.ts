import type { JobArgs, JobResult } from "@mailstead/core/jobs";
import { dkimKeyPath } from "@mailstead/core/mail-flow";
import type { TargetDomain, TargetState } from "@mailstead/core/servers";
import { privateKeyOfDkim } from "../apply/make-dkim-key.ts";
import { JobFailure } from "../jobs/job-failure.ts";
import type { Identity } from "../link/identity.ts";
import { readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { readApplied } from "../reconcile/target-documents.ts";
import { readRspamdSelectors } from "./rspamd-selectors.ts";
import { type SigningKey, signMessage } from "./sign-message.ts";
import { composeTestMessage, messageText } from "./test-message.ts";

type TargetKey = TargetDomain["dkimKeys"][number];

/**
 * Signs a message of its own with each key that is asked for, so that somebody elsewhere can verify it as a receiver
 * would, and says with which keys Rspamd signs. Only keys of the target state that this host was brought to are read.
 * Throws JobFailure when one of the keys is not among them, or not on the host. Changes nothing.
 */
export async function signTestMessages(
  { host, identity }: { host: Host; identity: Identity },
  { domain, selectors }: JobArgs<"test-signature">,
): Promise<JobResult<"test-signature">> {
  const applied = await readApplied(host);
  const target = applied?.serverId === identity.serverId ? applied : null;
  const signatures: JobResult<"test-signature">["signatures"] = [];
  for (const selector of new Set(selectors)) {
    const key = await readKey(host, { domain, ...keyOf(target, domain, selector) });
    const now = new Date(host.nowUnixMs());
    signatures.push({
      selector,
      message: messageText(signMessage(composeTestMessage(domain, now), key, now)),
    });
  }
  return { signatures, signsWith: await readRspamdSelectors(host, domain) };
}

function keyOf(target: TargetState | null, domain: string, selector: string): TargetKey {
  const key = target?.domains
    .find(({ name }) => name === domain)
    ?.dkimKeys.find((candidate) => candidate.selector === selector);
  if (key === undefined)
    throw new JobFailure(
      `The key ${selector} of ${domain} is not in the target state that this host was last brought to; run a converge first.`,
      { retry: "temporary" },
    );
  return key;
}

async function readKey(
  host: Host,
  { domain, selector, signsAs = selector, algorithm }: TargetKey & { domain: string },
): Promise<SigningKey> {
  const path = dkimKeyPath(domain, selector);
  const text = await readTextIfExists(host.path(path));
  if (text === null)
    throw new JobFailure(
      `The key ${selector} of ${domain} is not on this host: ${path} is missing. Run a converge, which makes it.`,
      { retry: "temporary" },
    );
  try {
    return { domain, selector: signsAs, algorithm, privateKey: privateKeyOfDkim(algorithm, text) };
  } catch (cause) {
    throw new JobFailure(
      `${path} holds no ${algorithm} key, so ${selector} of ${domain} cannot sign; give the domain a new key.`,
      { retry: "permanent", cause },
    );
  }
}
