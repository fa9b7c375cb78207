import { type Ask, once, question, type Subjects } from "./ask.ts";

/** What is asked by somebody who looks for work, or does it. */
export function workAsks({ findings }: Subjects): readonly Ask[] {
  return [
    once("home", ["/"]),
    once("home, overview", [question("home.overview")]),
    once("what changed", [question("home.findingChanges")]),
    once("command palette", [question("home.find", { text: "d19" })]),
    once("findings, list", [question("findings.list", {})]),
    once(
      "finding, page",
      findings.map((id) => `/findings/${id}`),
    ),
    once(
      "finding",
      findings.map((findingId) => question("findings.get", { findingId })),
    ),
    once("runbooks, page", ["/runbooks"]),
    once("runbook, page", ["/runbooks/delivery"]),
    once("accounts", [question("accounts.list", {})]),
    once("trace, page", ["/trace"]),
    once("queues, page", ["/queue"]),
    once("queues", [question("mailQueue.list", {})]),
    once("customers, page", ["/customers"]),
    once("servers, page", ["/servers"]),
    once("domains, page", ["/domains"]),
    once("settings, page", ["/settings"]),
    once("block list settings", [question("blockLists.settings")]),
    once("Google application", [question("feeds.googleApp", {})]),
    once("alerts, page", ["/settings/alerts"]),
    once("alerts", [question("alerts.settings")]),
  ];
}
