/** Words of the rotations slice. */
export const rotations = {
  "rotation.title": "Rotation",
  "rotation.lead":
    "New keys take over only when every authoritative name server shows them and a test signature has verified; the old ones stay published until no mail of theirs can be on its way.",
  "rotation.none": "No rotation is under way. The keys below sign.",
  "rotation.alarm": "DKIM keys need you",
  "rotation.show": "Show keys",
  "rotation.start": "Rotate now",
  "rotation.stolen": "A key was stolen",
  "rotation.go-back": "Go back",
  "rotation.ending": "Earlier rotations that still bring their old keys to an end",
  "rotation.story": "What happened",
  "rotation.past": "Former rotations",
  "rotation.steps": "Steps of the rotation",
  "rotation.waits-for": "Waits for {what}",
  "rotation.until": "It goes on {when}.",
  "rotation.paste": "Publish these where the DNS of the domain is kept. We look for them by ourselves.",
  "rotation.take-away": "Take these away there.",
  "rotation.the-records": "the records",
  "rotation.the-names": "the names",

  "rotation.kind.scheduled": "Begun by the schedule",
  "rotation.kind.by-hand": "Begun by {name}",
  "rotation.kind.compromise": "Begun by {name} because a key was stolen",

  "rotation.step.generating": "Make new keys on every server",
  "rotation.step.publishing": "Publish their records",
  "rotation.step.propagating": "See them on every name server",
  "rotation.step.waiting-caches": "Let resolvers forget what stood there before",
  "rotation.step.verifying": "Verify a test signature of every server",
  "rotation.step.switching": "Switch every server",
  "rotation.step.watching": "Watch the keys that sign now",
  "rotation.step.retiring": "Keep the ended keys published for mail on its way",
  "rotation.step.revoking": "Publish the ended keys as revoked",
  "rotation.step.destroying": "Destroy the ended keys and take their records away",
  "rotation.step.done": "Done",

  "rotation.server.offline": "offline",
  "rotation.server.preparing": "preparing",
  "rotation.server.proven": "test signature verified",
  "rotation.server.told": "told to switch",
  "rotation.server.switched": "switched",

  "rotation.outcome.finished": "All keys replaced",
  "rotation.outcome.went-back": "Went back to the old keys",
  "rotation.outcome.cancelled": "Cancelled before the switch",
  "rotation.outcome.superseded": "Cut short",

  "rotation.start.title": "Replace the DKIM keys of {name}?",
  "rotation.start.consequence":
    "Mail goes on being signed all the time, first by the old keys and then by the new ones. It takes some minutes to switch, a day until the new keys have been watched and could be replaced again, and about six weeks until the last trace of the old keys is gone. You can go back until they are revoked or another rotation begins.",
  "rotation.start.action": "Rotate now",
  "rotation.compromise.title": "Was a DKIM key of {name} stolen?",
  "rotation.compromise.consequence":
    "The old keys stop signing and are published as revoked at once. Mail leaves unsigned until the new keys are made and seen, which takes minutes when a DNS provider is connected. There is no way back.",
  "rotation.compromise.cost":
    "What it costs: mail that the old keys have signed and that has not arrived yet fails verification. A server that is offline goes on with its revoked key until it is back.",
  "rotation.compromise.action": "Revoke and replace",
  "rotation.go-back.title": "Go back to the old keys of {name}?",
  "rotation.go-back.consequence":
    "The old keys go on signing, or sign again; their records still stand. The new keys end, and stay published as long as mail of theirs can be on its way.",
  "rotation.go-back.action": "Go back",

  "rotation.away": "{name} is offline. It keeps its keys, and rotations wait for it.",
  "rotation.lost": "It is lost for good",
  "rotation.lost.title": "Is {name} lost for good?",
  "rotation.lost.consequence":
    "Its keys for {domain} end, no rotation waits for it any more, and a machine that takes its place makes new keys, behind the delegated names where there are any.",
  "rotation.lost.cost":
    "What it costs: mail that it has signed behind a delegated name and that has not arrived yet may fail verification. If the machine may be in strange hands, say that a key was stolen instead.",
  "rotation.lost.action": "Give it up",

  "rotation.schedule": "Rotate by itself",
  "rotation.schedule.days": { one: "Every {count} day", other: "Every {count} days" },
  "rotation.schedule.off": "Only by hand",
  "rotation.schedule.hint": "Each domain has a day of its own.",
  "rotation.schedule.next": "Next on {day}.",
  "rotation.schedule.off-hint": "Keys that are never replaced are worth more to a thief every year.",

  "rotation.proof.text": "Proof as text",
  "rotation.proof.csv": "CSV",
  "rotation.proof.json": "JSON",
} as const;
