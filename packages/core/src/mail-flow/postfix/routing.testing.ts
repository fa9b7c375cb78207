import type { RenderedFile } from "../../converge/index.ts";
import { DirectoryOn, type SqlDatabase } from "../../mailboxes/directory.testing.ts";

/** A message on its way to one recipient. */
export interface Mail {
  readonly sender: string;
  readonly recipient: string;
}

const passesMax = 6;

/**
 * Follows mail through rendered files as Postfix does: trivial-rewrite(8) asks sender_dependent_default_transport_maps
 * and lets transport_maps win over it; at a door on loopback the last FILTER of access(5) wins over content_filter.
 */
export class Routing {
  readonly #files: ReadonlyMap<string, string>;
  readonly #mainCf: ReadonlyMap<string, string>;
  readonly #services: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly #directory: DirectoryOn<SqlDatabase>;

  constructor(
    files: readonly RenderedFile[],
    {
      database,
      entries,
      seen,
    }: { database: SqlDatabase; entries: readonly unknown[]; seen: Readonly<Record<string, string>> },
  ) {
    this.#files = new Map(files.map(({ path, content }) => [path, content]));
    this.#mainCf = new Map(
      this.#textOf("main.cf")
        .split("\n")
        .flatMap((line) => {
          const [, name, value] = /^(\S+) = ?(.*)$/.exec(line) ?? [];
          return name === undefined ? [] : [[name, value ?? ""] as const];
        }),
    );
    this.#services = readServices(this.#textOf("master.cf"));
    this.#directory = new DirectoryOn(database, entries);
    for (const [name, provider] of Object.entries(seen))
      this.#directory.run([
        { sql: "INSERT INTO provider_domains VALUES (?, ?, '2026-11-29')", parameters: [name, provider] },
      ]);
  }

  /** The services that carry it, the last of them out of this host or to a mailbox. Throws where it would go round. */
  routeOf(mail: Mail): readonly string[] {
    const way: string[] = [];
    let sender = mail.sender;
    let next = this.#resolve({ ...mail, sender });
    for (let pass = 0; pass < passesMax; pass++) {
      way.push(next);
      const [, port] = /^[a-z-]+:\[127\.0\.0\.1\]:(\d+)$/.exec(next) ?? [];
      if (!this.#services.has(next.split(":")[0] ?? "")) throw new Error(`no service carries ${next}`);
      if (port === undefined) return way;
      const door = this.#services.get(`127.0.0.1:${port}`);
      if (door === undefined) throw new Error(`nobody listens at ${next}`);
      if (door.get("cleanup_service_name") === "forward-cleanup")
        sender = `SRS0=hash=tt=${sender.replace("@", "=")}@${this.#mainCf.get("myhostname")}`;
      next = this.#filterAt(door, { ...mail, sender }) ?? this.#resolve({ ...mail, sender });
    }
    throw new Error(`${mail.sender} to ${mail.recipient} goes round: ${way.join(" -> ")}`);
  }

  /** What a service of master.cf is told beside its name; undefined where it has what main.cf says. */
  optionOf(service: string, name: string): string | undefined {
    return this.#services.get(service)?.get(name);
  }

  #filterAt(door: ReadonlyMap<string, string>, { sender, recipient }: Mail): string | null {
    let filter = door.get("content_filter") ?? null;
    const checks = (door.get("smtpd_recipient_restrictions") ?? "").split(",");
    for (const [index, check] of checks.entries()) {
      const [, whose] = /^check_(sender|recipient)_access$/.exec(check) ?? [];
      if (whose === undefined) continue;
      const address = whose === "sender" ? sender : recipient;
      const keys = address === "" ? ["<>"] : [address, domainOf(address)];
      const answer = this.#first(keys, [checks[index + 1] ?? ""]);
      if (answer?.startsWith("FILTER ")) filter = answer.slice("FILTER ".length);
    }
    return filter?.endsWith(":") ? `${filter}${domainOf(recipient)}` : filter;
  }

  #resolve({ sender, recipient }: Mail): string {
    const domain = domainOf(recipient);
    const answer = this.#first([recipient, domain], mapsOf(this.#mainCf.get("transport_maps")));
    if (answer !== null) return withHop(answer, domain);
    const hosted = this.#directory.ask("SELECT name FROM domains WHERE name = '%s'", domain);
    if (hosted.length > 0) return this.#mainCf.get("virtual_transport") ?? "";
    if ((this.#mainCf.get("mydestination") ?? "").split(", ").includes(domain)) return "local:";
    const bySender = this.#first(
      sender === "" ? ["<>"] : [sender, `@${domainOf(sender)}`],
      mapsOf(this.#mainCf.get("sender_dependent_default_transport_maps")),
    );
    return withHop(bySender ?? this.#mainCf.get("default_transport") ?? "", domain);
  }

  /** Postfix asks every table for the longest key before it asks any for the next one. */
  #first(keys: readonly string[], maps: readonly string[]): string | null {
    for (const key of keys)
      for (const map of maps) {
        const answer = this.#ask(map, key);
        if (answer !== null) return answer;
      }
    return null;
  }

  #ask(map: string, key: string): string | null {
    const [, type, name] = /^(proxy:sqlite|texthash):\$config_directory\/(.*)$/.exec(map) ?? [];
    const text = this.#textOf(name ?? map);
    if (type === "texthash") return new Map(text.split("\n").map((line) => splitOnce(line))).get(key) ?? null;
    const query = /^query = (.*)$/m.exec(text)?.[1] ?? "";
    if (query.replaceAll(/%[sud]/g, "").includes("%"))
      throw new Error(`${map} has a key that Postfix does not know`);
    if (query.includes("%d") && !key.includes("@")) return null;
    return this.#directory.ask(query, key)[0] ?? null;
  }

  #textOf(name: string): string {
    const text = this.#files.get(`/etc/postfix/${name}`);
    if (text === undefined) throw new Error(`/etc/postfix/${name} is not rendered`);
    return text;
  }
}

function readServices(masterCf: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const services = new Map<string, Map<string, string>>();
  let options = new Map<string, string>();
  for (const line of masterCf.split("\n")) {
    const [, name, value] = /^ {2}-o ([^=]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) options.set(name, value ?? "");
    else if (/^[^#\s]/.test(line)) {
      options = new Map();
      services.set(line.split(" ")[0] ?? "", options);
    }
  }
  return services;
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf("@") + 1);

const mapsOf = (value: string | undefined): readonly string[] =>
  value === undefined || value === "" ? [] : value.split(", ");

function splitOnce(line: string): [key: string, value: string] {
  const at = line.indexOf(" ");
  return [line.slice(0, at), line.slice(at + 1)];
}

/** A transport alone goes to the recipient's domain. */
function withHop(answer: string, domain: string): string {
  return /:./.test(answer) ? answer : `${answer.replace(/:$/, "")}:${domain}`;
}
