import type { MessageKey } from "../../messages/translate.ts";

/** What a person may connect, in the order of the form. */
export const ways = ["google-consent", "google-service-account", "google-oauth", "snds"] as const;
export type Way = (typeof ways)[number];
/** Those whose credentials are typed or pasted; a consent is fetched from Google. */
export type TypedWay = Exclude<Way, "google-consent">;

export interface FeedField {
  /** As the credentials call it. */
  readonly name: string;
  readonly label: Extract<MessageKey, `feeds.field.${string}`>;
  readonly isSecret?: boolean;
  readonly isLong?: boolean;
  readonly isOptional?: boolean;
}

/** What each way is asked for, in the order in which the provider's own pages show it. */
export const feedFields: Record<TypedWay, readonly FeedField[]> = {
  "google-service-account": [{ name: "key", label: "feeds.field.key", isLong: true }],
  "google-oauth": [
    { name: "clientId", label: "feeds.field.client-id" },
    { name: "clientSecret", label: "feeds.field.client-secret", isSecret: true },
    { name: "refreshToken", label: "feeds.field.refresh-token", isSecret: true },
  ],
  snds: [
    { name: "dataLink", label: "feeds.field.data-link", isSecret: true },
    { name: "statusLink", label: "feeds.field.status-link", isSecret: true, isOptional: true },
  ],
};

/** What to click at the provider, a step a line. */
export const feedSteps = {
  "google-service-account": [
    "feeds.step.service-account.api",
    "feeds.step.service-account.account",
    "feeds.step.service-account.key",
    "feeds.step.service-account.paste",
  ],
  "google-oauth": [
    "feeds.step.oauth.api",
    "feeds.step.oauth.client",
    "feeds.step.oauth.consent",
    "feeds.step.oauth.token",
  ],
  snds: ["feeds.step.snds.access", "feeds.step.snds.link", "feeds.step.snds.paste"],
} as const satisfies Record<TypedWay, readonly MessageKey[]>;

/** The credentials as the form holds them; what they must be is for the use case to say. */
export function credentialsFromForm(way: TypedWay, form: FormData): Record<string, unknown> {
  const entries = feedFields[way].map(({ name }) => [name, String(form.get(name) ?? "").trim()]);
  return { kind: way, ...Object.fromEntries(entries) };
}
