import { dkimVerify } from "mailauth";

export interface SignedTest {
  domain: string;
  /** The keys that must each have signed a message, and the selectors that their signatures carry. */
  keys: readonly { selector: string; signsAs: string }[];
  signatures: readonly { selector: string; message: string }[];
  /** Every text that some authoritative server shows under a name. */
  shown: (name: string) => readonly string[];
  now: Date;
}

// A host's clock may be ahead of ours, which says nothing of its key.
const clockSkewMaxMs = 10 * 60_000;

/**
 * Verifies test messages as a receiver would, against each text that the name servers show. Null when every key has
 * proven itself, else what is wrong in a sentence.
 */
export async function verifySignatures(test: SignedTest): Promise<string | null> {
  for (const { selector, signsAs } of test.keys) {
    const signed = test.signatures.find((one) => one.selector === selector);
    if (signed === undefined) return `The server sent no test message signed with ${selector}.`;
    const texts = new Set(test.shown(`${signsAs}._domainkey.${test.domain}`));
    if (texts.size === 0) return `No name server shows the key ${selector}.`;
    for (const text of texts) {
      const problem = await verifyOne({ message: signed.message, selector: signsAs }, { ...test, text });
      if (problem !== null) return problem;
    }
  }
  return null;
}

async function verifyOne(
  { selector, message }: { selector: string; message: string },
  { domain, text, now }: { domain: string; text: string; now: Date },
): Promise<string | null> {
  const name = `${selector}._domainkey.${domain}`;
  const { results } = await dkimVerify(message, {
    curTime: new Date(now.getTime() + clockSkewMaxMs),
    resolver: async (asked: string) => {
      if (asked.toLowerCase() === name) return [[text]];
      throw Object.assign(new Error(`${asked} was not looked up`), { code: "ENOTFOUND" });
    },
  });
  const own = results.find((result) => result.selector === selector && result.signingDomain === domain);
  if (own === undefined) return `The test message is not signed with ${selector} for ${domain}.`;
  if (own.status.result === "pass") return null;
  return `The test signature with ${selector} does not verify: ${own.status.comment ?? own.status.result}.`;
}
