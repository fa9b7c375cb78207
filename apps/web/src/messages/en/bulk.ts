/** What is done to many servers at once, shown before and after. */
export const bulk = {
  "servers.bulk.select-all": { one: "Select all {count}", other: "Select all {count} that match" },
  "servers.bulk.more": "More for the selected servers",
  "servers.bulk.check-mail": "Check mail now",
  "servers.bulk.check-mail-lead":
    "Each server tries its own mail as the world would: services, greeting, certificates, a sign-in and a letter. Nothing is changed.",
  "servers.bulk.converge": "Apply target state",
  "servers.bulk.converge-lead":
    "Each server is brought to what is set for it. Files that were edited by hand stay until drift is reverted on the server’s page.",
  "servers.bulk.refresh-facts": "Refresh facts",
  "servers.bulk.refresh-facts-lead":
    "Each agent looks at its host and tells what it finds. Nothing is changed.",
  "servers.bulk.order": { one: "Ask {count} server", other: "Ask {count} servers" },
  "servers.bulk.begins": {
    one: "{count} server is online and begins now.",
    other: "{count} servers are online and begin now.",
  },
  "servers.bulk.begun": {
    one: "{count} server was asked and begins.",
    other: "{count} servers were asked and begin.",
  },
  "servers.bulk.waits": {
    one: "{count} server is offline: it begins when it is back, if that is within {within}.",
    other: "{count} servers are offline: they begin when they are back, if that is within {within}.",
  },
  "servers.bulk.refused": {
    one: "{count} server is not asked: {because}",
    other: "{count} servers are not asked: {because}",
  },
  "servers.bulk.gone": {
    one: "{count} server was removed since it was selected.",
    other: "{count} servers were removed since they were selected.",
  },
  "servers.bulk.progress": {
    one: "{done} of {count} server looked at. Keep this page open.",
    other: "{done} of {count} servers done. Keep this page open.",
  },
  "servers.bulk.stopped": {
    one: "It stopped: {count} server was not asked.",
    other: "It stopped: {count} servers were not asked. What is above stands.",
  },
  "servers.bulk.go-on": { one: "Go on with {count} server", other: "Go on with {count} servers" },
  "servers.bulk.jobs": "Show the jobs",
  "servers.bulk.changed": { one: "{count} server changed.", other: "{count} servers changed." },
  "servers.bulk.unchanged": {
    one: "{count} server was like that already.",
    other: "{count} servers were like that already.",
  },
  "servers.bulk.tags-add": "Add tags",
  "servers.bulk.tags-add-lead": { one: "To {count} server.", other: "To {count} servers, all or none." },
  "servers.bulk.tags-add-action": { one: "Tag {count} server", other: "Tag {count} servers" },
  "servers.bulk.tags-remove": "Remove tags",
  "servers.bulk.tags-remove-lead": {
    one: "From {count} server.",
    other: "From {count} servers, all or none.",
  },
  "servers.bulk.tags-remove-action": {
    one: "Remove from {count} server",
    other: "Remove from {count} servers",
  },
  "servers.bulk.exclude": "Leave out of rollouts",
  "servers.bulk.exclude-lead": {
    one: "Rollouts that start from now on leave {count} server alone.",
    other: "Rollouts that start from now on leave {count} servers alone. Running ones keep their servers.",
  },
  "servers.bulk.exclude-action": { one: "Leave out {count} server", other: "Leave out {count} servers" },
  "servers.bulk.include": "Have rollouts change them again",
  "servers.bulk.include-lead": {
    one: "Rollouts that start from now on change {count} server again.",
    other: "Rollouts that start from now on change {count} servers again.",
  },
  "servers.bulk.include-action": { one: "Include {count} server", other: "Include {count} servers" },
  "servers.bulk.rollout": "Roll out updates",
  "servers.bulk.rollout-lead": {
    one: "{count} server.",
    other:
      "{count} servers are more than an address holds, so they get a tag, and the rollout is about the servers that have it. The next page shows what would happen before anything starts.",
  },
  "servers.bulk.rollout-tag": "New tag",
  "servers.bulk.rollout-tag-hint": "Such as patch-2026-11.",
  "servers.bulk.rollout-tag-taken": {
    one: "{count} server has the tag {name} already and would come along. Write a new one.",
    other: "{count} servers have the tag {name} already and would come along. Write a new one.",
  },
  "servers.bulk.rollout-action": {
    one: "Tag {count} server and go on",
    other: "Tag {count} servers and go on",
  },
  "servers.bulk.export": "Export selected as CSV",
} as const;
