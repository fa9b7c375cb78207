/** Words of the withdrawals slice. */
export const withdrawals = {
  "withdrawals.title": "Records to take away",
  "withdrawals.lead": "Mailstead wrote these for a domain or through a connection that was removed.",
  "withdrawals.state.waiting": "Waiting",
  "withdrawals.state.again": "Tried again",
  "withdrawals.state.failed": "Needs you",
  "withdrawals.next": "next attempt",
  "withdrawals.kept": "kept for mail on its way, goes",
  "withdrawals.retry": "Try now",
  "withdrawals.retry-named": "Try {name} now",
  "withdrawals.leave": "Leave them",
  "withdrawals.leave-named": "Leave the records of {name}",
  "withdrawals.alarm": "Records could not be taken away",
  "withdrawals.show": "Show records",
  "withdrawals.through": "Through a DNS connection that is kept for this alone, with its credentials.",
  "withdrawals.leave.title": "Leave the records of {name} where they are?",
  "withdrawals.leave.consequence":
    "Mailstead tries no more to take them away. They stay in the zone until somebody removes them there.",
  "withdrawals.leave.connection":
    "The DNS connection that was kept for them goes with its credentials, unless other records still need it.",
  "withdrawals.leave.again":
    "They stay known as Mailstead’s own: a domain of this name that is added again takes them over, and removing their DNS connection offers to take them away.",
  "withdrawals.leave.stay": { one: "{count} record stays", other: "{count} records stay" },
  "withdrawals.values": { one: "{count} record", other: "{count} records" },

  "withdraw.domain": {
    one: "Take away the {count} DNS record that Mailstead wrote for it",
    other: "Take away the {count} DNS records that Mailstead wrote for it",
  },
  "withdraw.connection": {
    one: "First take away the {count} record that Mailstead wrote through it",
    other: "First take away the {count} records that Mailstead wrote through it",
  },
  "withdraw.connection-warning":
    "The domains lose these records, and with them their mail, until the records stand somewhere else.",
  "withdraw.connection-later": {
    one: "{count} DKIM key of a removed domain goes once no mail is on its way any more",
    other: "{count} DKIM keys of removed domains go once no mail is on its way any more",
  },
  "withdraw.connection-keys": {
    one: "{count} DKIM key stays, because mail is signed with it; from now on rotating it is for you to do by hand",
    other:
      "{count} DKIM keys stay, because mail is signed with them; from now on rotating them is for you to do by hand",
  },
  "withdraw.connection-waiting": {
    one: "{count} record of a removed domain is still to be taken away. The connection is used for nothing else until then, and goes with it.",
    other:
      "{count} records of removed domains are still to be taken away. The connection is used for nothing else until then, and goes with them.",
  },
  "withdraw.connection-waiting-list": { one: "{count} still waits", other: "{count} still wait" },
  "withdraw.going": { one: "{count} goes at once", other: "{count} go at once" },
  "withdraw.keys": {
    one: "{count} DKIM key goes in 7 days, when no mail is on its way any more",
    other: "{count} DKIM keys go in 7 days, when no mail is on its way any more",
  },
  "withdraw.staying": {
    one: "{count} stays, because its server needs it",
    other: "{count} stay, because their server needs them",
  },
  "withdraw.unreachable":
    "No DNS connection reaches {zones} any more: those are for you to take away by hand.",
  "withdraw.foreign": "What others wrote, or you copied by hand, is left alone.",
  "withdraw.none-ours":
    "Mailstead wrote none of its DNS records; take those that you copied away at its DNS provider.",
  "withdraw.hosted":
    "Its records in {zones}, which is hosted here, go by themselves, the DKIM keys 7 days later. What you wrote there stays.",
} as const;
