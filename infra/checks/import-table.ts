/**
 * Who may import whom, as data. Whatever is not listed is refused, and the reason that is
 * shown with a refusal is written beside each rule.
 */
export interface ImportRule {
  /** Our own packages that it may import, each with why. */
  readonly packages: Readonly<Record<string, string>>;
  /** The only packages of others that its shipped code may import; "declared" allows all that its package.json names. */
  readonly external: readonly string[] | "declared";
  /** Packages of others that stay out although a package.json could name them, each with why. */
  readonly never?: Readonly<Record<string, string>>;
  /** Whether shipped code may use node's modules. */
  readonly node: boolean;
  /** Why the row is as it is; ends the refusal. */
  readonly reason: string;
  /** Edges that only files below a folder may use, each with why. */
  readonly exceptions?: readonly ImportException[];
  /** True where folders of src are slices, which see one another only through their index.ts. */
  readonly hasSlices?: boolean;
}

export interface ImportException {
  /** Folder below the package. */
  readonly below: string;
  readonly packages: readonly string[];
  readonly reason: string;
}

const queueStaysOutside =
  "the queue is how gateway and worker are woken, and use cases must not depend on it";
const socketsStayOutside = "sockets belong to the apps, so that use cases run without a transport";
const screensStayInWeb = "use cases know no screens";

export const importTable: Readonly<Record<string, ImportRule>> = {
  "@mailstead/core": {
    packages: {},
    external: ["zod"],
    node: false,
    hasSlices: true,
    reason:
      "core decides from data alone: the dashboard, the control plane and the agent must come to the same result",
  },
  "@mailstead/db": {
    packages: { "@mailstead/core": "rows carry the ids and schemas of core" },
    external: ["drizzle-orm", "pg"],
    node: true,
    reason: "db is schema, migrations and factories; what to do with rows is decided above it",
    exceptions: [
      {
        below: "src/testing",
        packages: ["@mailstead/infra"],
        reason: "tests of services run on a real Postgres, which infra knows how to start",
      },
    ],
  },
  "@mailstead/services": {
    packages: {
      "@mailstead/core": "use cases ask core to decide",
      "@mailstead/db": "services is the only code that talks to the database",
    },
    external: "declared",
    never: {
      next: screensStayInWeb,
      react: screensStayInWeb,
      bullmq: queueStaysOutside,
      ws: socketsStayOutside,
    },
    node: true,
    hasSlices: true,
    reason: "a use case can be called from any app, so it depends on none",
  },
  "@mailstead/queue": {
    packages: { "@mailstead/core": "a delivery has one schema on both sides of the queue" },
    external: ["bullmq", "ioredis", "pg"],
    node: true,
    reason: "the queue carries ids; what they mean is decided by whoever adds and takes them",
    exceptions: [
      {
        below: "src/testing",
        packages: ["@mailstead/db"],
        reason: "the contract tests run on a real Postgres",
      },
    ],
  },
  "@mailstead/web": {
    packages: {
      "@mailstead/core": "screens preview with the same functions that the agent applies",
      "@mailstead/services": "routes are thin and call use cases",
    },
    external: "declared",
    never: {
      bullmq: "web writes outbox rows and never enqueues",
      pg: "only services talks to the database",
      "drizzle-orm": "only services talks to the database",
    },
    node: true,
    reason: "web reaches data through services, and other apps through the database and the bus",
  },
  "@mailstead/gateway": {
    packages: {
      "@mailstead/core": "the wire protocol is defined there",
      "@mailstead/queue": "its deliveries arrive there",
      "@mailstead/services": "deliveries and reports are use cases",
    },
    external: "declared",
    never: {
      pg: "only services talks to the database",
      "drizzle-orm": "only services talks to the database",
    },
    node: true,
    reason: "apps are deployed alone, so none may need another's code",
  },
  "@mailstead/worker": {
    packages: {
      "@mailstead/core": "schedules ask core to decide",
      "@mailstead/queue": "the relay adds deliveries there",
      "@mailstead/services": "the relay and the sweeps are use cases",
    },
    external: "declared",
    never: {
      pg: "only services talks to the database",
      "drizzle-orm": "only services talks to the database",
    },
    node: true,
    reason: "apps are deployed alone, so none may need another's code",
  },
  "@mailstead/agent": {
    packages: {
      "@mailstead/core": "renderers, plans and the wire protocol are shared with the control plane",
    },
    external: "declared",
    never: {
      pg: "a mail host ships no control-plane code",
      "drizzle-orm": "a mail host ships no control-plane code",
      bullmq: "a mail host ships no control-plane code",
    },
    node: true,
    reason: "a mail host ships no control-plane code",
  },
  "@mailstead/infra": {
    packages: { "@mailstead/core": "the release is described by the same schema that the agent reads" },
    external: "declared",
    node: true,
    reason: "infra starts the apps as processes and loads none of them",
    exceptions: [
      {
        below: "test",
        packages: ["@mailstead/e2e"],
        reason: "npm test brings the Debian packages that the lab says it needs",
      },
    ],
  },
  "@mailstead/e2e": {
    packages: {
      "@mailstead/core": "tests speak the protocol",
      "@mailstead/db": "faults are staged in the database",
      "@mailstead/services": "large fleets are made through use cases",
      "@mailstead/infra": "the lab starts the control plane",
      "@mailstead/queue": "fault tests wipe it",
      "@mailstead/agent": "the lab runs the agent's own checks",
      "@mailstead/gateway": "load tests drive one gateway",
      "@mailstead/worker": "fault tests restart one worker",
    },
    external: "declared",
    node: true,
    reason: "e2e sees everything, by public exports",
  },
};

/** The one package that imports bullmq; named apart because every other package is asked about it. */
export const queueClient = "@mailstead/queue";
