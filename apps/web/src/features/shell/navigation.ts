import {
  BookOpen,
  Building2,
  Globe,
  Hourglass,
  House,
  ListChecks,
  type LucideIcon,
  MailCheck,
  Mails,
  PackageCheck,
  Route,
  ScrollText,
  Server,
  Settings,
  Waypoints,
} from "lucide-react";
import type { MessageKey } from "../../messages/translate.ts";

export interface Place {
  href: string;
  label: Extract<MessageKey, `nav.${string}`>;
  icon: LucideIcon;
  /** The second key after g, as in "g s". */
  key: string;
}

/** Where the work is done, in the order of the side bar. */
export const workPlaces: readonly Place[] = [
  { href: "/", label: "nav.home", icon: House, key: "h" },
  { href: "/servers", label: "nav.servers", icon: Server, key: "s" },
  { href: "/domains", label: "nav.domains", icon: Globe, key: "d" },
  { href: "/zones", label: "nav.zones", icon: Waypoints, key: "z" },
  { href: "/mailboxes", label: "nav.mailboxes", icon: Mails, key: "m" },
  { href: "/deliverability", label: "nav.deliverability", icon: MailCheck, key: "r" },
  { href: "/trace", label: "nav.trace", icon: Route, key: "t" },
  { href: "/queue", label: "nav.queue", icon: Hourglass, key: "q" },
  { href: "/updates", label: "nav.updates", icon: PackageCheck, key: "u" },
  { href: "/jobs", label: "nav.jobs", icon: ListChecks, key: "j" },
];

export const officePlaces: readonly Place[] = [
  { href: "/customers", label: "nav.customers", icon: Building2, key: "c" },
  { href: "/runbooks", label: "nav.runbooks", icon: BookOpen, key: "b" },
  { href: "/audit", label: "nav.audit", icon: ScrollText, key: "a" },
  { href: "/settings", label: "nav.settings", icon: Settings, key: "e" },
];

/** True when a path lies at or under a place. */
export function isWithin(path: string, place: Place): boolean {
  return place.href === "/" ? path === "/" : path === place.href || path.startsWith(`${place.href}/`);
}
