import { execFileSync } from "node:child_process";
import { createHash, createHmac, createPublicKey, randomBytes, verify, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Looks for a proof as the CA would; null when it stands, else the problem's code and words. */
export type Prove = (challenge: {
  type: "http-01" | "dns-01";
  name: string;
  token: string;
  thumbprint: string;
}) => Promise<{ code: string; detail: string } | null>;

interface Fault {
  path: string;
  status: number;
  code: string;
  detail: string;
  retryAfter?: string;
  /** In place of a problem document. */
  body?: string;
  times: number;
}

interface Authorization {
  name: string;
  isWildcard: boolean;
  token: string;
  status: "pending" | "valid" | "invalid";
  problem: { code: string; detail: string } | null;
}

interface Order {
  names: string[];
  replaces: string | undefined;
  authorizations: string[];
  chain: string | null;
}

const namespace = "urn:ietf:params:acme:error:";

/**
 * A certificate authority on a loopback address, for tests of what follows each kind of answer. It checks every
 * signature, nonce and address, refuses each nonce once in a while, looks for proofs by `prove`, and issues real certificates.
 */
export class TestAcmeServer {
  url = "";
  prove: Prove = async () => null;
  /** Whole days that its certificates live. */
  validDays = 90;
  faults: Fault[] = [];
  /** Every n-th nonce is refused. */
  nonceRejectEvery = 3;
  window: { start: Date; end: Date } | null = null;
  /** Signs for this request in place of what was handed in. */
  otherRequest: string | null = null;
  /** Where its terms stand; null names no place. */
  termsUrl: string | null = "https://ca.example/terms-1";
  /** HMAC keys by key id, when only people who are known may open an account. */
  externalAccounts: Map<string, string> | null = null;
  readonly revoked: { serial: string; reason: number }[] = [];
  /** Of the newest account. */
  contact: readonly string[] = [];
  readonly orders: Order[] = [];
  readonly asked: string[] = [];
  accounts = 0;
  #posts = 0;
  #forgotten = 0;
  readonly #nonces = new Set<string>();
  readonly #jwks = new Map<string, Record<string, string>>();
  readonly #authorizations = new Map<string, Authorization>();
  readonly #folder = mkdtempSync(join(tmpdir(), "acme-server-"));
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error: Error) => {
      response.writeHead(500).end(error.stack);
    });
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    writeFileSync(join(this.#folder, "ext"), "authorityKeyIdentifier=keyid\nbasicConstraints=CA:FALSE\n");
    root ??= makeRoot(this.#folder);
    writeFileSync(join(this.#folder, "ca.key"), root.key);
    writeFileSync(join(this.#folder, "ca.pem"), root.pem);
  }

  get directoryUrl(): string {
    return `${this.url}/directory`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Answers the next requests to this path with a problem. */
  failNext(path: string, fault: Omit<Fault, "path" | "times"> & { times?: number }): void {
    this.faults.push({ times: 1, ...fault, path });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    this.asked.push(`${request.method} ${path}`);
    const nonce = randomBytes(12).toString("base64url");
    this.#nonces.add(nonce);
    const send = (status: number, body: unknown, headers: Record<string, string> = {}) => {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      // A directory may come from a cache, so it brings no nonce (RFC 8555 §7.2).
      const fresh: Record<string, string> = path === "/directory" ? {} : { "replay-nonce": nonce };
      response.writeHead(status, { ...fresh, ...headers }).end(text);
    };
    const problem = (code: string, detail: string) => ({ type: code === "" ? "" : namespace + code, detail });
    const refuse = (status: number, code: string, detail: string) => send(status, problem(code, detail));
    const fault = this.faults.find((one) => path.startsWith(one.path) && one.times > 0);
    if (fault !== undefined) {
      fault.times -= 1;
      const headers = fault.retryAfter === undefined ? {} : { "retry-after": fault.retryAfter };
      const { status, code, detail, body = problem(code, detail) } = fault;
      return send(status, body, headers as Record<string, string>);
    }
    if (path === "/directory") return send(200, this.#directory());
    if (path === "/new-nonce") return send(200, "");
    if (path.startsWith("/renewal-info/")) {
      if (this.window === null) return refuse(404, "malformed", "no such certificate");
      return send(200, { suggestedWindow: this.window }, { "retry-after": "21600" });
    }
    const body = await readBody(request);
    const opened = this.#open(body, path);
    if ("code" in opened) return refuse(400, opened.code, opened.detail);
    await this.#serve(path, opened, { send, refuse });
  }

  #directory() {
    const { url } = this;
    return {
      newNonce: `${url}/new-nonce`,
      newAccount: `${url}/new-account`,
      newOrder: `${url}/new-order`,
      revokeCert: `${url}/revoke-cert`,
      renewalInfo: `${url}/renewal-info`,
      meta: {
        caaIdentities: ["ca.example"],
        ...(this.termsUrl === null ? {} : { termsOfService: this.termsUrl }),
      },
    };
  }

  /** Checks what RFC 8555 §6 says of every request. */
  #open(
    body: string,
    path: string,
  ):
    | { payload: Record<string, unknown>; thumbprint: string; kid: string | null }
    | { code: string; detail: string } {
    const jws = JSON.parse(body) as { protected: string; payload: string; signature: string };
    const head = JSON.parse(Buffer.from(jws.protected, "base64url").toString()) as {
      jwk?: Record<string, string>;
      kid?: string;
      nonce: string;
      url: string;
    };
    if (head.url !== this.url + path) return { code: "unauthorized", detail: `signed for ${head.url}` };
    this.#posts += 1;
    const isKnown = this.#nonces.delete(head.nonce);
    if (!isKnown || this.#posts % this.nonceRejectEvery === 0)
      return { code: "badNonce", detail: "JWS has an invalid anti-replay nonce" };
    const jwk = head.jwk ?? this.#jwks.get(head.kid ?? "");
    if (jwk === undefined) return { code: "accountDoesNotExist", detail: "no such account" };
    const isSigned = verify(
      "sha256",
      Buffer.from(`${jws.protected}.${jws.payload}`),
      { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" },
      Buffer.from(jws.signature, "base64url"),
    );
    if (!isSigned) return { code: "malformed", detail: "JWS verification error" };
    const payload = jws.payload === "" ? {} : JSON.parse(Buffer.from(jws.payload, "base64url").toString());
    if (head.jwk !== undefined) {
      this.accounts += 1;
      this.#jwks.set(`${this.url}/account/${this.accounts}`, head.jwk);
    }
    const thumbprint = createHash("sha256").update(JSON.stringify(jwk)).digest("base64url");
    return { payload, thumbprint, kid: head.kid ?? null };
  }

  /** Forgets every account, as a test CA that was restarted does. */
  forgetAccounts(): void {
    this.#jwks.clear();
  }

  /** Lets go of every order, as a CA does after some days. */
  forgetOrders(): void {
    this.#forgotten = this.orders.length;
  }

  async #serve(
    path: string,
    { payload, thumbprint }: { payload: Record<string, unknown>; thumbprint: string },
    { send, refuse }: { send: Send; refuse: Refuse },
  ): Promise<void> {
    const [, kind, id = ""] = path.split("/");
    switch (kind) {
      case "new-account":
        if (payload["termsOfServiceAgreed"] !== true) return refuse(403, "userActionRequired", "agree first");
        if (this.externalAccounts !== null) {
          if (payload["externalAccountBinding"] === undefined)
            return refuse(403, "externalAccountRequired", "bind an external account");
          if (!this.#isBound(payload["externalAccountBinding"] as Binding, thumbprint))
            return refuse(403, "unauthorized", "the binding does not verify");
        }
        this.contact = (payload["contact"] as string[] | undefined) ?? [];
        return send(201, { status: "valid" }, { location: `${this.url}/account/${this.accounts}` });
      case "account":
        this.contact = payload["contact"] as string[];
        return send(200, { status: "valid" });
      case "revoke-cert": {
        const der = Buffer.from(String(payload["certificate"]), "base64url");
        const serial = new X509Certificate(der).serialNumber.toLowerCase();
        if (this.revoked.some((one) => one.serial === serial))
          return refuse(400, "alreadyRevoked", "it is revoked");
        this.revoked.push({ serial, reason: Number(payload["reason"]) });
        return send(200, "");
      }
      case "new-order": {
        const names = (payload["identifiers"] as { value: string }[]).map(({ value }) => value);
        const authorizations = names.map((name) => {
          const at = String(this.#authorizations.size);
          const isWildcard = name.startsWith("*.");
          const token = randomBytes(16).toString("base64url");
          this.#authorizations.set(at, {
            name: name.replace(/^\*\./, ""),
            isWildcard,
            token,
            status: "pending",
            problem: null,
          });
          return at;
        });
        this.orders.push({ names, authorizations, replaces: payload["replaces"] as string, chain: null });
        const at = this.orders.length - 1;
        return send(201, this.#orderView(at), { location: `${this.url}/order/${at}` });
      }
      case "order":
        return this.orders[Number(id)] === undefined || Number(id) < this.#forgotten
          ? refuse(404, "malformed", "no such order")
          : send(200, this.#orderView(Number(id)));
      case "authorization":
        return send(200, this.#authorizationView(id));
      case "challenge": {
        const one = this.#authorizations.get(id);
        if (one === undefined) return refuse(404, "malformed", "no such challenge");
        const type = path.split("/")[3] as "http-01" | "dns-01";
        one.problem = await this.prove({ type, name: one.name, token: one.token, thumbprint });
        one.status = one.problem === null ? "valid" : "invalid";
        return send(200, {});
      }
      case "finalize": {
        const order = this.orders[Number(id)];
        if (order === undefined || this.#statusOf(Number(id)) !== "ready")
          return refuse(403, "orderNotReady", "the order is not ready");
        const request =
          this.otherRequest ?? Buffer.from(String(payload["csr"]), "base64url").toString("base64");
        order.chain = this.#sign(request);
        return send(200, this.#orderView(Number(id)));
      }
      case "chain":
        return send(200, this.orders[Number(id)]?.chain ?? "");
      default:
        return refuse(404, "malformed", "no such resource");
    }
  }

  /** Checks the binding as RFC 8555 §7.3.4 has it. */
  #isBound({ protected: head, payload, signature }: Binding, thumbprint: string): boolean {
    const { alg, kid, url } = JSON.parse(Buffer.from(head, "base64url").toString()) as Record<string, string>;
    const key = this.externalAccounts?.get(kid ?? "");
    if (key === undefined || alg !== "HS256" || url !== `${this.url}/new-account`) return false;
    const signed = createHmac("sha256", Buffer.from(key, "base64url")).update(`${head}.${payload}`);
    const bound = createHash("sha256").update(Buffer.from(payload, "base64url")).digest("base64url");
    return signed.digest("base64url") === signature && bound === thumbprint;
  }

  #statusOf(at: number): string {
    const order = this.orders[at];
    const states = (order?.authorizations ?? []).map((id) => this.#authorizations.get(id)?.status);
    if (states.includes("invalid")) return "invalid";
    if (states.includes("pending")) return "pending";
    return order?.chain === null ? "ready" : "valid";
  }

  #orderView(at: number) {
    const status = this.#statusOf(at);
    const { url } = this;
    return {
      status,
      authorizations: (this.orders[at]?.authorizations ?? []).map((id) => `${url}/authorization/${id}`),
      finalize: `${url}/finalize/${at}`,
      ...(status === "valid" ? { certificate: `${url}/chain/${at}` } : {}),
    };
  }

  #authorizationView(id: string) {
    const one = this.#authorizations.get(id);
    const types = one?.isWildcard === true ? ["dns-01"] : ["http-01", "dns-01"];
    return {
      status: one?.status,
      identifier: { type: "dns", value: one?.name },
      ...(one?.isWildcard === true ? { wildcard: true } : {}),
      challenges: types.map((type) => ({
        type,
        url: `${this.url}/challenge/${id}/${type}`,
        token: one?.token,
        status: one?.status,
        ...(one?.problem
          ? { error: { type: namespace + one.problem.code, detail: one.problem.detail } }
          : {}),
      })),
    };
  }

  #sign(request: string): string {
    writeFileSync(join(this.#folder, "request.der"), Buffer.from(request, "base64"));
    const ca = ["-CA", "ca.pem", "-CAkey", "ca.key", "-days", String(this.validDays)];
    const own = openssl(
      this.#folder,
      ...["x509", "-req", "-inform", "DER", "-in", "request.der"],
      ...["-copy_extensions", "copyall", "-extfile", "ext", ...ca],
    );
    return own + (root?.pem ?? "");
  }
}

/** The same for every authority of a file: nothing that is tested depends on it being another one. */
let root: { key: string; pem: string } | undefined;

function makeRoot(folder: string): { key: string; pem: string } {
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"];
  const pem = openssl(folder, "req", "-x509", ...kind, "-subj", "/O=Test CA/CN=Test R1", "-keyout", "ca.key");
  return { key: readFileSync(join(folder, "ca.key"), "utf8"), pem };
}

/** What openssl writes out. */
function openssl(folder: string, ...args: string[]): string {
  return execFileSync("openssl", args, { cwd: folder, stdio: "pipe" }).toString();
}

interface Binding {
  protected: string;
  payload: string;
  signature: string;
}

type Send = (status: number, body: unknown, headers?: Record<string, string>) => void;
type Refuse = (status: number, code: string, detail: string) => void;

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}
