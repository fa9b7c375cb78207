import { Resolver } from "node:dns/promises";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import type { SignatureVerdict, Verifier } from "./verdict.ts";

/** How a receiving post verifies: in its own process by mailauth, or by asking a host's Rspamd. */
export type VerifierConfig =
  | { readonly kind: "mailauth"; readonly resolver: string }
  | { readonly kind: "rspamd"; readonly url: string };

export function openVerifier(config: VerifierConfig): Verifier {
  return config.kind === "mailauth" ? mailauthVerifier(config.resolver) : rspamdVerifier(config.url);
}

/** mailauth itself remembers no answer, so what it knows is what the resolver says. */
function mailauthVerifier(address: string): Verifier {
  const resolver = new Resolver({ timeout: 5_000, tries: 3 });
  resolver.setServers([address]);
  return async (raw) => {
    const { results } = await dkimVerify(raw, {
      resolver: (name: string, type: string) => resolver.resolve(name, type as "TXT"),
    });
    return results
      .filter(({ status }) => status.result !== "none")
      .map(({ selector, status }) => ({ selector: selector ?? "", result: status.result }));
  };
}

/** Rspamd's symbols for the ways in which the check of a signature ends. */
const resultOfSymbol = {
  R_DKIM_ALLOW: "pass",
  R_DKIM_REJECT: "fail",
  R_DKIM_TEMPFAIL: "temperror",
  R_DKIM_PERMFAIL: "permerror",
} as const;

interface RspamdScan {
  readonly symbols: Readonly<Record<string, { readonly options?: readonly string[] }>>;
}

function rspamdVerifier(url: string): Verifier {
  return async (raw, clientAddress) => {
    const answer = await fetch(`${url}/checkv2`, {
      method: "POST",
      body: new Uint8Array(raw),
      // Without the client's address Rspamd would not know that this is a stranger's mail.
      headers: { ip: clientAddress },
      signal: AbortSignal.timeout(30_000),
    });
    if (!answer.ok) throw new Error(`Rspamd answered ${answer.status}: ${await answer.text()}`);
    return signaturesOf((await answer.json()) as RspamdScan);
  };
}

/** Each symbol names its signatures as "alpha.example:s=ms202611a". */
function signaturesOf({ symbols }: RspamdScan): SignatureVerdict[] {
  return Object.entries(resultOfSymbol).flatMap(([symbol, result]) =>
    (symbols[symbol]?.options ?? []).map((option) => ({
      selector: /:s=([^:]+)/.exec(option)?.[1] ?? option,
      result,
    })),
  );
}
