import { X509Certificate } from "node:crypto";
import { acmeProblemCode, isDirectoryUrl } from "@mailstead/core/certificates";
import { cutText, toldText } from "@mailstead/core/text";
import { z } from "zod";
import { type AccountKey, type ExternalAccount, signBinding, signRequest } from "./account-key.ts";
import { AcmeError } from "./acme-error.ts";
import { askCa, type HttpAnswer } from "./https-request.ts";

/** What a CA says is kept and shown to people, whatever it sends. */
const words = z
  .string()
  .transform((text) => cutText(text, 1000))
  .pipe(toldText(1000));

const directorySchema = z.object({
  newNonce: z.url(),
  newAccount: z.url(),
  newOrder: z.url(),
  revokeCert: z.url().optional(),
  renewalInfo: z.url().optional(),
  meta: z
    .object({
      // It becomes a link on the screen.
      termsOfService: z
        .url({ protocol: /^https?$/ })
        .max(2000)
        .regex(/^[!-~]+$/)
        .optional()
        .catch(undefined),
      caaIdentities: z
        .array(z.string().regex(/^[a-z0-9.-]{1,253}$/i))
        .optional()
        .catch(undefined),
    })
    .loose()
    .optional(),
});

const problemSchema = z.object({
  type: words.default(""),
  detail: words.default(""),
  identifier: z.object({ value: words }).optional(),
  subproblems: z
    .array(
      z.object({
        type: words.default(""),
        detail: words.default(""),
        identifier: z.object({ value: words }).optional(),
      }),
    )
    .optional(),
});

const orderSchema = z.object({
  status: z.enum(["pending", "ready", "processing", "valid", "invalid"]),
  authorizations: z.array(z.url()),
  finalize: z.url(),
  certificate: z.url().optional(),
  error: problemSchema.optional(),
});
export type AcmeOrder = z.infer<typeof orderSchema>;

const authorizationSchema = z.object({
  status: z.enum(["pending", "valid", "invalid", "deactivated", "expired", "revoked"]),
  identifier: z.object({ value: z.string() }),
  wildcard: z.boolean().optional(),
  challenges: z.array(
    z.object({
      type: z.string(),
      url: z.url(),
      token: z.string().default(""),
      status: z.string(),
      error: problemSchema.optional(),
    }),
  ),
});
export type AcmeAuthorization = z.infer<typeof authorizationSchema>;

const renewalInfoSchema = z.object({
  suggestedWindow: z.object({
    start: z.iso.datetime({ offset: true }),
    end: z.iso.datetime({ offset: true }),
  }),
});

export interface Answered<T> {
  value: T;
  /** From Retry-After; null when the CA names no time. */
  retryAt: Date | null;
}

export interface AcmeClientOptions {
  directoryUrl: string;
  /** Certificates in PEM by which a private CA's own server is trusted. */
  trusted: readonly string[];
  now: () => Date;
}

// RFC 8555 §6.5: a server may refuse any nonce once; several in a row mean that something is wrong.
const nonceAttemptsMax = 10;

/**
 * Speaks ACME (RFC 8555) and asks for renewal information (RFC 9773) with one account key. Every refusal is thrown as
 * AcmeError with the CA's own problem document. Holds no state but the directory and fresh nonces, so that any worker
 * goes on where another ended.
 */
export class AcmeClient {
  readonly #options: AcmeClientOptions;
  readonly #key: AccountKey;
  #directory: z.infer<typeof directorySchema> | null = null;
  #nonce: string | null = null;
  #accountUrl: string | null;

  constructor(options: AcmeClientOptions, account: { key: AccountKey; url: string | null }) {
    this.#options = options;
    this.#key = account.key;
    this.#accountUrl = account.url;
  }

  get key(): AccountKey {
    return this.#key;
  }

  /** Opens the account of the key, or finds it again (RFC 8555 §7.3); gives its URL. */
  async openAccount({
    contact,
    externalAccount = null,
  }: {
    contact: string;
    /** For a CA that takes only people whom it knows (§7.3.4). */
    externalAccount?: ExternalAccount | null;
  }): Promise<string> {
    const { newAccount } = await this.#readDirectory();
    const answer = await this.#post(newAccount, {
      termsOfServiceAgreed: true,
      ...(contact === "" ? {} : { contact: contactOf(contact) }),
      ...(externalAccount === null
        ? {}
        : { externalAccountBinding: signBinding(this.#key, { url: newAccount, externalAccount }) }),
    });
    this.#accountUrl = locationOf(answer, "account");
    return this.#accountUrl;
  }

  /** Where the CA's terms are read (§7.1.1); null when it has none or does not say. */
  async readTermsUrl(): Promise<string | null> {
    return (await this.#readDirectory()).meta?.termsOfService ?? null;
  }

  /** As the CA wants to be named in CAA records (§9.7.6, RFC 8657 §3); no issuer when it does not say. */
  async readCaaIdentity(): Promise<{ issuer: string | null; accountUrl: string | null }> {
    const { meta } = await this.#readDirectory();
    return { issuer: meta?.caaIdentities?.[0]?.toLowerCase() ?? null, accountUrl: this.#accountUrl };
  }

  /** Asks for a certificate for these names (§7.4). `replaces` names the one that it follows (RFC 9773 §5). */
  async newOrder(
    names: readonly string[],
    replaces: string | null,
  ): Promise<{ url: string; order: AcmeOrder }> {
    const { newOrder, renewalInfo } = await this.#readDirectory();
    const identifiers = names.map((value) => ({ type: "dns", value }));
    const isLinked = replaces !== null && renewalInfo !== undefined;
    const answer = await this.#post(newOrder, { identifiers, ...(isLinked ? { replaces } : {}) });
    return { url: locationOf(answer, "order"), order: this.#parse(orderSchema, answer) };
  }

  async readOrder(url: string): Promise<Answered<AcmeOrder>> {
    return this.#answered(orderSchema, await this.#post(url, null));
  }

  async readAuthorization(url: string): Promise<Answered<AcmeAuthorization>> {
    return this.#answered(authorizationSchema, await this.#post(url, null));
  }

  /** Says that a challenge can be looked at now (§7.5.1). */
  async respond(challengeUrl: string): Promise<void> {
    await this.#post(challengeUrl, {});
  }

  /** Hands in the request of the key (§7.4); `request` is DER in base64. */
  async finalize(url: string, request: string): Promise<Answered<AcmeOrder>> {
    const csr = Buffer.from(request, "base64").toString("base64url");
    return this.#answered(orderSchema, await this.#post(url, { csr }));
  }

  /** The chain in PEM, the certificate itself first (§7.4.2). */
  async downloadChain(url: string): Promise<string> {
    return (await this.#post(url, null)).body;
  }

  /** Has the CA write to another address, or to none (§7.3.2). */
  async changeContact(contact: string): Promise<void> {
    await this.#post(this.#accountUrl ?? "", { contact: contactOf(contact) });
  }

  /** Revokes a certificate of this account (§7.6); `pem` holds it alone, `reason` is RFC 5280's number. */
  async revoke(pem: string, reason: number): Promise<void> {
    const { revokeCert } = await this.#readDirectory();
    if (revokeCert === undefined) throw this.#noAcme("it offers no revocation");
    const certificate = new X509Certificate(pem).raw.toString("base64url");
    await this.#post(revokeCert, { certificate, reason });
  }

  /** When the CA wishes a certificate to be renewed (RFC 9773 §4); null when this CA does not say. */
  async readRenewalWindow(certificateId: string): Promise<Answered<{ start: Date; end: Date }> | null> {
    const { renewalInfo } = await this.#readDirectory();
    if (renewalInfo === undefined) return null;
    const url = `${renewalInfo.replace(/\/$/, "")}/${certificateId}`;
    const answer = await this.#ask({ method: "GET", url });
    if (answer.status >= 400) throw this.#problemOf(answer);
    const { value, retryAt } = this.#answered(renewalInfoSchema, answer);
    const { start, end } = value.suggestedWindow;
    return { value: { start: new Date(start), end: new Date(end) }, retryAt };
  }

  async #readDirectory(): Promise<z.infer<typeof directorySchema>> {
    if (this.#directory === null) {
      const answer = await this.#ask({ method: "GET", url: this.#options.directoryUrl });
      if (answer.status >= 400) throw this.#problemOf(answer);
      this.#directory = this.#parse(directorySchema, answer);
    }
    return this.#directory;
  }

  async #post(url: string, payload: unknown): Promise<HttpAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const nonce = this.#nonce ?? (await this.#freshNonce());
      this.#nonce = null;
      const body = signRequest(this.#key, { url, nonce, accountUrl: this.#accountUrl, payload });
      const answer = await this.#ask({ method: "POST", url, body });
      if (answer.status < 400) return answer;
      const problem = this.#problemOf(answer);
      const { failure } = problem;
      const isBadNonce = failure.kind === "ca-problem" && acmeProblemCode(failure.type) === "badNonce";
      if (!isBadNonce || attempt === nonceAttemptsMax) throw problem;
    }
  }

  async #freshNonce(): Promise<string> {
    const { newNonce } = await this.#readDirectory();
    const answer = await this.#ask({ method: "HEAD", url: newNonce });
    if (answer.status >= 400) throw this.#problemOf(answer);
    const nonce = answer.headers["replay-nonce"];
    if (nonce === undefined) throw this.#noAcme("it gives no nonce");
    this.#nonce = null;
    return nonce;
  }

  async #ask(question: { method: "GET" | "HEAD" | "POST"; url: string; body?: string }): Promise<HttpAnswer> {
    if (!this.#mayAsk(question.url))
      throw this.#noAcme(
        `it sends us to ${question.url.slice(0, 200)}, which is no https:// address (RFC 8555 §6.1)`,
      );
    const answer = await askCa({ ...question, trusted: this.#options.trusted });
    // §6.5: each answer brings the nonce of the next request, refusals too.
    this.#nonce = answer.headers["replay-nonce"] ?? this.#nonce;
    return answer;
  }

  #answered<S extends z.ZodType>(schema: S, answer: HttpAnswer): Answered<z.infer<S>> {
    return { value: this.#parse(schema, answer), retryAt: this.#retryAt(answer) };
  }

  /** A directory may name any address, also one that only this machine reaches; no CA has a reason to. */
  #mayAsk(url: string): boolean {
    const isSecure = this.#options.directoryUrl.startsWith("https:");
    return URL.canParse(url) && (isSecure ? new URL(url).protocol === "https:" : isDirectoryUrl(url));
  }

  #parse<S extends z.ZodType>(schema: S, answer: HttpAnswer): z.infer<S> {
    const parsed = schema.safeParse(jsonOf(answer.body));
    if (!parsed.success) throw this.#noAcme(`it answered what ACME does not know (status ${answer.status})`);
    return parsed.data;
  }

  #problemOf(answer: HttpAnswer): AcmeError {
    const parsed = problemSchema.safeParse(jsonOf(answer.body));
    const retryAt = this.#retryAt(answer);
    // A proxy before a CA that is down answers in its place.
    if (!parsed.success || (parsed.data.type === "" && parsed.data.detail === ""))
      return this.#noAcme(`it answered with status ${answer.status}`, retryAt);
    return new AcmeError(caProblem(parsed.data, { retryAt }));
  }

  #retryAt({ headers }: HttpAnswer): Date | null {
    const text = headers["retry-after"];
    if (text === undefined) return null;
    if (/^\d+$/.test(text)) return new Date(this.#options.now().getTime() + Number(text) * 1000);
    const at = Date.parse(text);
    return Number.isNaN(at) ? null : new Date(at);
  }

  #noAcme(detail: string, retryAt: Date | null = null): AcmeError {
    const { host } = new URL(this.#options.directoryUrl);
    return new AcmeError({ kind: "ca-unreachable", detail: `${host}: ${detail}`, retryAt });
  }
}

export type ProblemDocument = z.infer<typeof problemSchema>;

/** A problem document as the failure that core decides about; of a compound one the first part (RFC 8555 §6.7.1). */
export function caProblem(
  document: ProblemDocument,
  { retryAt = null, name }: { retryAt?: Date | null; name?: string } = {},
): Extract<AcmeError["failure"], { kind: "ca-problem" }> {
  const [first] = document.subproblems ?? [];
  const told = first ?? document;
  const about = told.identifier?.value ?? document.identifier?.value ?? name;
  return {
    kind: "ca-problem",
    type: told.type,
    detail: told.detail || document.detail,
    retryAt,
    ...(about === undefined ? {} : { name: about }),
  };
}

function contactOf(address: string): string[] {
  return address === "" ? [] : [`mailto:${address}`];
}

function locationOf(answer: HttpAnswer, what: string): string {
  const url = answer.headers["location"];
  if (url === undefined)
    throw new AcmeError({
      kind: "ca-unreachable",
      detail: `it names no address of the new ${what}`,
      retryAt: null,
    });
  return url;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON fits no schema either, and is said so there.
    return null;
  }
}
