/** Words of what the outside world sees of zones and hosts. */
export const checks = {
  "check.severity.error": "Error",
  "check.severity.warning": "Warning",
  "check.severity.instruction": "Advice",
  "check.evidence": "Who said what",
  "check.fix": "What to do:",
  "check.the-record": "the record",
  "check.zone": "Zone {zone}",
  "check.dnssec": "DNSSEC",
  "check.dnssec.none": "Not in use",
  "check.dnssec.secure": "Secure",
  "check.dnssec.bogus": "Bogus",
  "check.dnssec.unknown": "Not known",
  "check.zone-right": "Every name server answers, and they agree.",
} as const;
