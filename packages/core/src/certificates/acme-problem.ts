/** What went wrong between us and a CA, as far as it decides what comes next. */
export type OrderFailure =
  /** Nobody answered, or what answered is no ACME server. */
  | {
      kind: "ca-unreachable";
      detail: string;
      /** From the Retry-After header of whatever answered in its place. */
      retryAt: Date | null;
    }
  /** The CA answered with a problem document (RFC 8555 §6.7), or marked a challenge with one. */
  | {
      kind: "ca-problem";
      type: string;
      detail: string;
      /** The name that it is about, when it is about one. */
      name?: string;
      /** From its Retry-After header. */
      retryAt: Date | null;
    }
  /** Something on our side keeps us from asking: a name leads elsewhere, or no record could be published. */
  | { kind: "not-ready"; detail: string; isPermanent: boolean }
  /** The CA gave something that must not be installed. */
  | { kind: "bad-chain"; detail: string };

const namespace = "urn:ietf:params:acme:error:";

/** The last part of a problem's type, "" when it is none of ACME's. */
export function acmeProblemCode(type: string): string {
  return type.startsWith(namespace) ? type.slice(namespace.length) : "";
}

const plainWords: Readonly<Record<string, string>> = {
  accountDoesNotExist: "does not know our account any more",
  alreadyRevoked: "has revoked it already",
  badCSR: "does not accept the request that the host made",
  badNonce:
    "refused several fresh requests in a row as outdated, as a CA with a wrong clock or a broken cluster does",
  badRevocationReason: "does not accept the reason of the revocation",
  badSignatureAlgorithm: "does not accept how we sign",
  caa: "may not issue it: a CAA record of the domain names other authorities only",
  compound: "found several things wrong",
  connection: "could not connect to the host to check the name",
  dns: "could not look the name up in the DNS",
  externalAccountRequired:
    "wants an account that it knows already (external account binding); enter its key under Settings, Certificate authority",
  incorrectResponse: "found another answer at the name than the one it had asked for",
  invalidContact: "does not accept the contact address of the account",
  malformed: "did not understand us",
  orderNotReady: "was asked to finish an order that was not proven yet",
  rateLimited: "has issued or refused too much lately and asks us to wait",
  rejectedIdentifier: "does not issue certificates for this name",
  serverInternal: "has trouble of its own",
  tls: "found something wrong with TLS on the host",
  unauthorized: "found no proof that the name is ours",
  unsupportedContact: "does not accept this kind of contact address",
  unsupportedIdentifier: "does not issue certificates for this kind of name",
  userActionRequired:
    "wants its terms to be accepted anew; its own words say where, and the owner accepts them under Settings, Certificate authority",
};

/** A failure in one sentence that a person can act on. */
export function failureSentence(failure: OrderFailure): string {
  switch (failure.kind) {
    case "ca-unreachable":
      return sentence(`The certificate authority cannot be reached: ${failure.detail}`);
    case "not-ready":
      return sentence(failure.detail);
    case "bad-chain":
      return sentence(
        `The certificate authority gave a certificate that is not installed: ${failure.detail}`,
      );
    case "ca-problem": {
      const about = failure.name === undefined ? "" : `${failure.name}: `;
      const code = acmeProblemCode(failure.type);
      const words = plainWords[code] ?? "refused";
      const detail = failure.detail.trim();
      return sentence(
        `${about}the certificate authority ${words}${detail === "" ? "" : `. It says: ${detail}`}${dateHint(failure)}`,
      );
    }
  }
}

/** A CA whose clock is off finds our certificates, its own or our DNSSEC signatures not yet valid, or not any more. */
function dateHint({ detail }: { detail: string }): string {
  return /not yet valid|has expired|in the future|clock|signature (?:expired|not yet)/i.test(detail)
    ? ". This is about time: compare the clocks of this machine and of the authority"
    : "";
}

function sentence(text: string): string {
  const begun =
    text.charAt(0) === text.charAt(0).toLowerCase() && !/^\S+(?::|\.\S+) /.test(text)
      ? upperFirst(text)
      : text;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
