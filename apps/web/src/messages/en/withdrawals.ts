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
