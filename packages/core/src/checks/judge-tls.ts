import type { CheckFinding } from "../dns/index.ts";

export type TlsFindingKind =
  | "tls-old"
  | "tls-13-missing"
  | "tls-12-missing"
  | "tls-weak-cipher"
  | "tls-compression"
  | "tls-renegotiation"
  | "tls-early-data"
  | "tls-weak-exchange"
  | "tls-master-secret";

type Finding = CheckFinding<TlsFindingKind>;

/** What a port's TLS lets a stranger choose. Null stands for what could not be looked at. */
export interface TlsFacts {
  /** The version before TLS 1.2 that is taken, like "TLS 1.1"; "" when none is. */
  oldVersion: string | null;
  hasTls12: boolean | null;
  hasTls13: boolean | null;
  /** A cipher that nobody ought to use and that is taken; "" when none is. */
  weakCipher: string | null;
  compresses: boolean | null;
  /** Whether a client may begin the handshake anew within a session (TLS 1.2). */
  renegotiates: boolean | null;
  /** Whether renegotiation is bound to its session where it happens (RFC 5746). */
  isRenegotiationSecure: boolean | null;
  hasExtendedMasterSecret: boolean | null;
  /** How much a client may say before the handshake is through; 0 for nothing. */
  earlyDataMaxBytes: number | null;
  /** Length of the prime where keys are exchanged in the old way; 0 where that is not offered. */
  primeBits: number | null;
}

/** RFC 7919 has no shorter group. */
const primeBitsMin = 2048;

/** Judges TLS by what mail servers and programs of today take, and by what attackers use (RFC 9325). */
export function judgeTls(facts: TlsFacts, where: string): Finding[] {
  const found: Finding[] = [];
  const add = (kind: TlsFindingKind, words: Omit<Finding, "kind" | "about" | "fix"> & { fix?: string }) =>
    found.push({ kind, about: where, fix: ownSettings, ...words });
  if (facts.oldVersion !== null && facts.oldVersion !== "")
    add("tls-old", {
      severity: "warning",
      sentence: `${where} still speaks ${facts.oldVersion}.`,
      evidence: [`${where}: offered nothing newer than TLS 1.1, it chose ${facts.oldVersion}`],
      why: "Versions before TLS 1.2 can be broken, and tests such as internet.nl fail the host for them (RFC 8996).",
    });
  if (facts.hasTls12 === false && facts.hasTls13 !== true)
    add("tls-12-missing", {
      severity: "error",
      sentence: `${where} speaks neither TLS 1.2 nor TLS 1.3.`,
      evidence: [`${where}: offered both, it chose none`],
      why: "Large receivers and all mail programs of today refuse older versions.",
    });
  else if (facts.hasTls12 === false)
    add("tls-12-missing", {
      severity: "warning",
      sentence: `${where} does not speak TLS 1.2.`,
      evidence: [`${where}: offered TLS 1.2 with ciphers of today, it refused`],
      why: "Mail servers and programs that do not know TLS 1.3 cannot connect.",
    });
  if (facts.hasTls13 === false)
    add("tls-13-missing", {
      severity: "instruction",
      sentence: `${where} does not speak TLS 1.3.`,
      evidence: [`${where}: offered TLS 1.3, it chose an older version`],
      why: "TLS 1.3 is quicker and leaves less to be chosen wrongly.",
    });
  if (facts.weakCipher !== null && facts.weakCipher !== "")
    add("tls-weak-cipher", {
      severity: "warning",
      sentence: `${where} takes a weak cipher, ${facts.weakCipher}.`,
      evidence: [`${where}: offered weak ciphers alone, it chose ${facts.weakCipher}`],
      why: "Somebody on the way can talk both sides into it and read along, now or once the key is known.",
    });
  if (facts.compresses === true)
    add("tls-compression", {
      severity: "warning",
      sentence: `${where} compresses within TLS.`,
      evidence: [`${where}: offered DEFLATE, it took it`],
      why: "The length of what is sent gives passwords away (CRIME).",
    });
  if (facts.renegotiates === true || facts.isRenegotiationSecure === false)
    add("tls-renegotiation", {
      severity: "warning",
      sentence:
        facts.isRenegotiationSecure === false
          ? `${where} does not protect renegotiation (RFC 5746).`
          : `${where} lets clients begin the handshake anew as often as they like.`,
      evidence: [
        `${where}: ${facts.isRenegotiationSecure === false ? "the answer has no renegotiation_info" : "a second handshake within a TLS 1.2 session was taken"}`,
      ],
      why:
        facts.isRenegotiationSecure === false
          ? "Somebody on the way can put words of their own in front of a session."
          : "One client can keep the server busy with handshakes alone.",
    });
  if ((facts.earlyDataMaxBytes ?? 0) > 0)
    add("tls-early-data", {
      severity: "warning",
      sentence: `${where} takes early data (0-RTT).`,
      evidence: [`${where}: its tickets allow ${facts.earlyDataMaxBytes} bytes of early data`],
      why: "What is sent so can be sent again by somebody else.",
    });
  if (facts.primeBits !== null && facts.primeBits > 0 && facts.primeBits < primeBitsMin)
    add("tls-weak-exchange", {
      severity: "warning",
      sentence: `${where} exchanges keys with a prime of ${facts.primeBits} bits.`,
      evidence: [`${where}: offered DHE alone, its prime has ${facts.primeBits} bits`],
      why: `Below ${primeBitsMin} bits it can be broken with the means of a state (Logjam).`,
    });
  if (facts.hasExtendedMasterSecret === false && facts.hasTls12 === true)
    add("tls-master-secret", {
      severity: "instruction",
      sentence: `${where} does not bind TLS 1.2 sessions to their handshake (extended master secret).`,
      evidence: [`${where}: the answer has no extended_master_secret`],
      why: "Two sessions can be made to share their secret (RFC 7627), and internet.nl tells of it.",
      fix: "Update the server's packages; the library brings it.",
    });
  return found;
}

const ownSettings =
  "The settings that Mailstead writes do not allow it: take overrides of TLS settings back, apply, and update the packages.";
