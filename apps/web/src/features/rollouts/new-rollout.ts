import {
  defaultRolloutSettings,
  type RolloutChoice,
  type RolloutSettings,
  rolloutSettingsSchema,
} from "@mailstead/core/rollouts";
import { packageNameSchema } from "@mailstead/core/updates";
import { tagsInAddress } from "../tags/tags-in-address.ts";

/** In the order in which they are offered. */
export const choices = ["security", "sources", "all", "reboots", "agents", "configurations"] as const;
export const paces = ["careful", "urgent", "custom"] as const;
export type Pace = (typeof paces)[number];

/** What a person fills in for a new rollout; numbers as they are typed. */
export interface NewRollout {
  readonly what: RolloutChoice["kind"];
  /** Names of source packages, between spaces or commas. */
  readonly sources: string;
  /** Of configurations: whether edits by hand go as well. */
  readonly revertsDrift: boolean;
  /** Null for all customers. */
  readonly tenantIds: readonly string[] | null;
  /** Servers that another page chose; empty for all. */
  readonly serverIds: readonly string[];
  /** Null unless tags choose the servers; it is enough to have one of them. */
  readonly tags: readonly string[] | null;
  readonly exceptTags: readonly string[];
  readonly pace: Pace;
  readonly custom: CustomSettings;
}

export interface CustomSettings {
  readonly canaryServers: string;
  /** Shares of the waves in percent, between spaces or commas. */
  readonly shares: string;
  readonly bakeMinutes: string;
  readonly inFlight: string;
  readonly badMax: string;
  readonly needsApproval: boolean;
  readonly restoresBad: boolean;
  readonly checksMail: boolean;
}

/** A field that cannot be used as it is. */
export type FormProblem =
  | { field: "sources"; kind: "missing" }
  | { field: "sources"; kind: "bad"; name: string }
  | { field: "tenants" | "tags"; kind: "missing" }
  | { field: "shares"; kind: "bad" }
  | { field: NumberField; kind: "bad"; min: number; max: number };
export type NumberField = keyof typeof limits;

const limits = {
  canaryServers: { min: 1, max: 20 },
  bakeMinutes: { min: 0, max: 7 * 24 * 60 },
  inFlight: { min: 1, max: 1_000 },
  badMax: { min: 0, max: 10_000 },
} as const;

const minuteMs = 60_000;

/** For a hole that is being used now: a smaller first wave would only take longer. */
const urgentSettings: RolloutSettings = {
  ...defaultRolloutSettings,
  canary: { ...defaultRolloutSettings.canary, bakeTimeMs: 5 * minuteMs },
  waves: [
    { share: 0.25, bakeTimeMs: 5 * minuteMs, needsApproval: false },
    { share: 1, bakeTimeMs: 5 * minuteMs, needsApproval: false },
  ],
  inFlightMax: 50,
};

const idPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What an address presets: `/rollouts/new?sources=openssl` is the way from an advisory to what it would touch. */
export function readNewRollout(params: { get(name: string): string | null }): NewRollout {
  const sources = namesIn(params.get("sources") ?? "").join(" ");
  const what = params.get("what");
  const ids = (name: string) => namesIn(params.get(name) ?? "").filter((id) => idPattern.test(id));
  const tenantIds = ids("customers");
  return {
    what: sources !== "" ? "sources" : (choices.find((one) => one === what) ?? "security"),
    sources,
    revertsDrift: false,
    tenantIds: tenantIds.length === 0 ? null : tenantIds,
    serverIds: ids("servers"),
    tags: tagsInAddress(params.get("tags")),
    exceptTags: tagsInAddress(params.get("without")) ?? [],
    pace: params.get("pace") === "urgent" ? "urgent" : "careful",
    custom: {
      canaryServers: "1",
      shares: "5 25 100",
      bakeMinutes: "15",
      inFlight: String(defaultRolloutSettings.inFlightMax),
      badMax: String(defaultRolloutSettings.badMax),
      needsApproval: false,
      restoresBad: true,
      checksMail: true,
    },
  };
}

export interface ReadForm {
  /** Null while something is missing or wrong. */
  readonly input: {
    choice: RolloutChoice;
    settings: RolloutSettings;
    tenantIds?: string[];
    serverIds?: string[];
    tags?: string[];
    exceptTags?: string[];
  } | null;
  readonly problems: readonly FormProblem[];
}

/** What a form asks for, or what is wrong with it. */
export function readForm(form: NewRollout): ReadForm {
  const problems: FormProblem[] = [];
  const names = namesIn(form.sources);
  if (form.what === "sources") {
    const bad = names.find((name) => !packageNameSchema.safeParse(name).success);
    if (names.length === 0) problems.push({ field: "sources", kind: "missing" });
    else if (bad !== undefined) problems.push({ field: "sources", kind: "bad", name: bad });
  }
  if (form.tenantIds?.length === 0) problems.push({ field: "tenants", kind: "missing" });
  if (form.tags?.length === 0) problems.push({ field: "tags", kind: "missing" });
  const settings = settingsOf(form, problems);
  if (problems.length > 0 || settings === null) return { input: null, problems };
  return {
    input: {
      choice: choiceOf(form, names),
      settings,
      ...(form.tenantIds === null ? {} : { tenantIds: [...form.tenantIds] }),
      ...(form.serverIds.length === 0 ? {} : { serverIds: [...form.serverIds] }),
      ...(form.tags === null ? {} : { tags: [...form.tags] }),
      ...(form.exceptTags.length === 0 ? {} : { exceptTags: [...form.exceptTags] }),
    },
    problems,
  };
}

function choiceOf({ what, revertsDrift }: NewRollout, sourceNames: string[]): RolloutChoice {
  switch (what) {
    case "sources":
      return { kind: "sources", sourceNames };
    case "configurations":
      return { kind: "configurations", revertsDrift };
    default:
      return { kind: what };
  }
}

function settingsOf({ pace, custom }: NewRollout, problems: FormProblem[]): RolloutSettings | null {
  if (pace === "careful") return defaultRolloutSettings;
  if (pace === "urgent") return urgentSettings;
  const number = (field: NumberField): number => {
    const { min, max } = limits[field];
    const value = /^\d{1,6}$/.test(custom[field].trim()) ? Number(custom[field]) : Number.NaN;
    if (value >= min && value <= max) return value;
    problems.push({ field, kind: "bad", min, max });
    return min;
  };
  const bakeTimeMs = number("bakeMinutes") * minuteMs;
  const { needsApproval, restoresBad, checksMail } = custom;
  const read = rolloutSettingsSchema.safeParse({
    ...defaultRolloutSettings,
    canary: { serversMin: number("canaryServers"), bakeTimeMs, needsApproval: false },
    waves: namesIn(custom.shares).map((share) => ({ share: Number(share) / 100, bakeTimeMs, needsApproval })),
    inFlightMax: number("inFlight"),
    badMax: number("badMax"),
    restoresBad,
    checksMail,
  });
  if (read.success) return read.data;
  problems.push({ field: "shares", kind: "bad" });
  return null;
}

function namesIn(text: string): string[] {
  return [...new Set(text.split(/[\s,;%]+/).filter((name) => name !== ""))];
}
