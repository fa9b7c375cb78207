export { changePassword } from "./change-password.ts";
export { createFirstOwner } from "./create-first-owner.ts";
export { createOwnerLink } from "./create-owner-link.ts";
export { contextOfSession, getSession, type Session } from "./get-session.ts";
export { listSessions, revokeSessions, signOut } from "./manage-sessions.ts";
export { hashPassword, verifyPassword } from "./password-hash.ts";
export { type SignedIn, signIn } from "./sign-in.ts";
export { hashToken, makeToken } from "./token-hash.ts";
